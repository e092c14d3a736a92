<?php
/**
 * Rows of agents' tokens, each with its agent, read past all caches: a revoked token is gone at once.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Identity;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class TokenRows {

	public const TABLE = 'datamachine_agent_tokens';

	/** Seconds after which the time of the last use is written again. */
	private const FRESH = 60;

	private const FORMAT = 'Y-m-d H:i:s';

	/** Of a token `t` and its agent `a`. */
	private const COLUMNS = array(
		't.token_id',
		't.agent_id',
		't.token_hash',
		't.token_prefix',
		't.label',
		't.capabilities',
		't.last_used_at',
		't.expires_at',
		't.created_at',
		'a.agent_slug',
		'a.owner_id',
		'a.site_scope',
	);

	/** The same as a row has them. */
	private const NAMES = array( 'token_id', 'agent_id', 'token_hash', 'token_prefix', 'label', 'capabilities', 'last_used_at', 'expires_at', 'created_at', 'agent_slug', 'owner_id', 'site_scope' );

	/** Now, as the tables have it: UTC. */
	public static function now(): string {
		return gmdate( self::FORMAT );
	}

	/**
	 * Found or not, one statement; it reads the agent's owner too, whom WordPress needs next.
	 *
	 * @return array<string, string|null>|null The columns of the token, and `agent_slug`, `owner_id` and `site_scope` of its agent; no
	 *                                         `owner_id` when that is gone.
	 */
	public static function by_hash( string $hash ): ?array {
		return self::one( 't.token_hash = %s', $hash );
	}

	/** @return array<string, string|null>|null As {@see by_hash()}. */
	public static function by_id( int $token_id ): ?array {
		return self::one( 't.token_id = %d', $token_id );
	}

	/** @return array<string, string|null>|null `agent_id`, `agent_slug`, `owner_id` and `site_scope` of an agent. */
	public static function agent( int $agent_id ): ?array {
		global $wpdb;
		// phpcs:disable WordPress.DB.DirectDatabaseQuery
		return $wpdb->get_row(
			$wpdb->prepare( 'SELECT agent_id, agent_slug, owner_id, site_scope FROM %i WHERE agent_id = %d', self::agents(), $agent_id ),
			ARRAY_A
		);
		// phpcs:enable
	}

	/** @param array<string, string|null> $row Whether its agent exists, for this blog. */
	public static function here( array $row ): bool {
		return null !== $row['owner_id']
			&& ( null === $row['site_scope'] || ! is_multisite() || (int) $row['site_scope'] === get_current_blog_id() );
	}

	/**
	 * @return list<array<string, string|null>> An agent's tokens, newest first, without their hashes.
	 */
	public static function of_agent( int $agent_id ): array {
		global $wpdb;
		// phpcs:disable WordPress.DB.DirectDatabaseQuery
		return $wpdb->get_results(
			$wpdb->prepare(
				'SELECT token_id, agent_id, token_prefix, label, capabilities, last_used_at, expires_at, created_at FROM %i WHERE agent_id = %d ORDER BY created_at DESC, token_id DESC',
				self::table(),
				$agent_id
			),
			ARRAY_A
		);
		// phpcs:enable
	}

	/** @param array<string, string|null> $row Used now: written down at most once a minute, without a statement in between. */
	public static function touch( array $row ): void {
		$stale = gmdate( self::FORMAT, time() - self::FRESH );
		if ( null !== $row['last_used_at'] && $row['last_used_at'] >= $stale ) {
			return;
		}
		global $wpdb;
		// phpcs:disable WordPress.DB.DirectDatabaseQuery
		$wpdb->query(
			$wpdb->prepare(
				'UPDATE %i SET last_used_at = %s WHERE token_id = %d AND (last_used_at IS NULL OR last_used_at < %s)',
				self::table(),
				self::now(),
				(int) $row['token_id'],
				$stale
			)
		);
		// phpcs:enable
	}

	public static function table(): string {
		global $wpdb;
		return $wpdb->base_prefix . self::TABLE;
	}

	private static function agents(): string {
		global $wpdb;
		return $wpdb->base_prefix . 'datamachine_agents';
	}

	/** @return array<string, string|null>|null */
	private static function one( string $condition, string|int $value ): ?array {
		global $wpdb;
		$columns = implode( ', ', self::COLUMNS );
		// phpcs:disable WordPress.DB -- the columns are listed above, and the condition is one of two.
		$found = $wpdb->get_row(
			$wpdb->prepare(
				"SELECT u.*, $columns FROM %i t LEFT JOIN %i a ON a.agent_id = t.agent_id LEFT JOIN %i u ON u.ID = a.owner_id WHERE $condition",
				self::table(),
				self::agents(),
				$wpdb->users,
				$value
			),
			ARRAY_A
		);
		// phpcs:enable
		if ( null === $found ) {
			return null;
		}
		$row = array_slice( $found, -count( self::COLUMNS ), null, true );
		if ( array_keys( $row ) !== self::NAMES ) {
			// Somebody's column of the users has a name of ours, whose value it is: then only that.
			return array_intersect_key( $found, array_flip( self::NAMES ) );
		}
		self::remember_owner( array_slice( $found, 0, -count( self::COLUMNS ), true ) );
		return $row;
	}

	/** @param array<string, string|null> $user As WordPress would read him next. */
	private static function remember_owner( array $user ): void {
		if ( null !== $user['ID'] && false === wp_cache_get( $user['ID'], 'users' ) ) {
			update_user_caches( (object) $user );
		}
	}
}
