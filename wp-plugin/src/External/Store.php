<?php
/**
 * Tokens that other sites gave this one, in the option Data Machine has for them; the tokens themselves are encrypted.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\External;

use DataMachine\Abilities\PermissionHelper;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Store {

	public const OPTION = 'datamachine_external_tokens';

	/** Seconds to wait for another request that is changing the list. */
	private const PATIENCE = 5;

	/**
	 * @return array<string, array{remote_site: string, agent_slug: string, agent_id: int, token: string, received_at: string, scheme: string}>
	 *         By key, `<remote_site>/<agent_slug>`, in the order of keys; tokens encrypted.
	 */
	public static function all(): array {
		$all = self::read();
		if ( self::has_clear_text( $all ) ) {
			$all = self::change( static fn( array $all ): array => $all );
		}
		ksort( $all, SORT_STRING );
		return $all;
	}

	/** @return array{remote_site: string, agent_slug: string, agent_id: int, token: string, received_at: string, scheme: string}|null */
	public static function find( string $key ): ?array {
		return self::all()[ $key ] ?? null;
	}

	/** The token in clear; null when there is none, or WordPress's keys were others when it was stored. */
	public static function token( string $key ): ?string {
		$found = self::find( $key );
		return null === $found ? null : Cipher::decrypt( $found['token'], self::place( $found ) );
	}

	/** @return string Its key. */
	public static function put( string $remote_site, string $scheme, string $agent_slug, int $agent_id, #[\SensitiveParameter] string $token ): string {
		$key    = "$remote_site/$agent_slug";
		$record = array(
			'remote_site' => $remote_site,
			'agent_slug'  => $agent_slug,
			'agent_id'    => $agent_id,
			'token'       => $token,
			'received_at' => gmdate( 'Y-m-d H:i:s' ),
			'scheme'      => $scheme,
		);
		self::change( static fn( array $all ): array => array( $key => $record ) + $all );
		self::log( 'External agent token stored', $record );
		return $key;
	}

	/** False when there is none of that key. */
	public static function remove( string $key ): bool {
		$record = self::find( $key );
		if ( null === $record ) {
			return false;
		}
		self::change( static fn( array $all ): array => array_diff_key( $all, array( $key => true ) ) );
		self::log( 'External agent token removed', $record );
		return true;
	}

	/** Encrypt what Data Machine has stored in clear text. */
	public static function adopt(): void {
		self::all();
	}

	/** Enough of a token to tell it from another one. */
	public static function mask( #[\SensitiveParameter] ?string $token ): string {
		return 'datamachine_...' . ( null !== $token && strlen( $token ) >= 40 ? substr( $token, -4 ) : '' );
	}

	/** @param array<string, mixed> $record */
	private static function log( string $message, array $record ): void {
		/** This action is documented in hooks/product.json */
		do_action(
			'datamachine_log',
			'info',
			$message,
			array(
				'remote_site' => $record['remote_site'],
				'agent_slug'  => $record['agent_slug'],
				'user_id'     => PermissionHelper::acting_user_id(),
			)
		);
	}

	/** @return array<string, array<string, mixed>> */
	private static function read(): array {
		$stored = get_option( self::OPTION );
		$all    = array();
		foreach ( is_array( $stored ) ? $stored : array() as $key => $record ) {
			if ( is_array( $record ) ) {
				$all[ (string) $key ] = array(
					'remote_site' => self::text( $record, 'remote_site' ),
					'agent_slug'  => self::text( $record, 'agent_slug' ),
					'agent_id'    => (int) self::text( $record, 'agent_id' ),
					'token'       => self::text( $record, 'token' ),
					'received_at' => self::text( $record, 'received_at' ),
					'scheme'      => self::text( $record, 'scheme' ),
				);
			}
		}
		return $all;
	}

	/**
	 * Where a token may be sent, and as whose: it can be read for nothing else.
	 *
	 * @param array<string, mixed> $record
	 */
	private static function place( array $record ): string {
		return $record['scheme'] . '://' . $record['remote_site'] . '/' . $record['agent_slug'];
	}

	/** @param array<string, mixed> $record */
	private static function text( array $record, string $name ): string {
		return is_scalar( $record[ $name ] ?? null ) ? (string) $record[ $name ] : '';
	}

	/** @param array<string, array<string, mixed>> $all */
	private static function has_clear_text( array $all ): bool {
		foreach ( $all as $record ) {
			if ( '' !== $record['token'] && ! Cipher::is_encrypted( $record['token'] ) ) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Read, change and write as one, for this process and all others. What was in clear text is encrypted on the way.
	 *
	 * @param callable(array<string, array<string, mixed>>): array<string, array<string, mixed>> $change
	 * @return array<string, array<string, mixed>> What is stored now.
	 */
	private static function change( callable $change ): array {
		global $wpdb;
		// Names of locks belong to the whole server and hold 64 characters.
		$lock = 'datamachine_' . md5( DB_NAME . $wpdb->prefix . self::OPTION );
		$held = 1 === (int) $wpdb->get_var( $wpdb->prepare( 'SELECT GET_LOCK( %s, %d )', $lock, self::PATIENCE ) );
		try {
			foreach ( array( self::OPTION, 'notoptions', 'alloptions' ) as $cached ) {
				wp_cache_delete( $cached, 'options' );
			}
			$all = $change( self::read() );
			foreach ( $all as $key => $record ) {
				if ( '' !== $record['token'] && ! Cipher::is_encrypted( $record['token'] ) ) {
					$all[ $key ]['token'] = Cipher::encrypt( $record['token'], self::place( $record ) );
				}
			}
			update_option( self::OPTION, $all, false );
			return $all;
		} finally {
			if ( $held ) {
				$wpdb->query( $wpdb->prepare( 'SELECT RELEASE_LOCK( %s )', $lock ) );
			}
		}
	}
}
