<?php
/**
 * Declared agents that somebody removed: they stay away until somebody restores them.
 *
 * One option of the main site, because a network shares its agents; the sidecar reads it too.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Identity;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class RemovedAgents {

	public const OPTION = 'datamachine_removed_agents';

	/** Whose tables have the base prefix, as those of the agents: networks of one installation share them too. */
	private const MAIN_BLOG = 1;

	/** Seconds to wait for another request that is changing the list. */
	private const PATIENCE = 5;

	public static function add( string $slug, int $user_id ): void {
		self::change(
			static fn( array $all ): array => array(
				$slug => array(
					'time' => gmdate( 'Y-m-d\TH:i:s\Z' ),
					'user' => $user_id,
				),
			) + $all
		);
	}

	public static function forget( string $slug ): void {
		self::change( static fn( array $all ): array => array_diff_key( $all, array( $slug => true ) ) );
	}

	/** @return array<string, array{time: string, user: int}> By slug. */
	public static function all(): array {
		return self::on_main_site( self::read( ... ) );
	}

	/** @return array<string, array{time: string, user: int}> */
	private static function read(): array {
		$all = get_option( self::OPTION );
		return is_array( $all ) ? $all : array();
	}

	/**
	 * Read, change and write as one, for this process and all others.
	 *
	 * @param callable(array<string, array{time: string, user: int}>): array<string, array{time: string, user: int}> $change
	 */
	private static function change( callable $change ): void {
		self::on_main_site(
			static function () use ( $change ): void {
				global $wpdb;
				// phpcs:disable WordPress.DB.DirectDatabaseQuery -- a lock, not data.
				$lock = substr( 'dm_removed_' . md5( DB_NAME . $wpdb->options ), 0, 64 );
				$held = $wpdb->get_var( $wpdb->prepare( 'SELECT GET_LOCK(%s, %d)', $lock, self::PATIENCE ) );
				try {
					// What this process remembers may be older than what another one wrote.
					wp_cache_delete( self::OPTION, 'options' );
					wp_cache_delete( 'notoptions', 'options' );
					update_option( self::OPTION, $change( self::read() ), false );
				} finally {
					if ( '1' === $held ) {
						$wpdb->query( $wpdb->prepare( 'SELECT RELEASE_LOCK(%s)', $lock ) );
					}
				}
				// phpcs:enable
			}
		);
	}

	private static function on_main_site( callable $work ): mixed {
		if ( ! is_multisite() || self::MAIN_BLOG === get_current_blog_id() ) {
			return $work();
		}
		switch_to_blog( self::MAIN_BLOG );
		try {
			return $work();
		} finally {
			restore_current_blog();
		}
	}
}
