<?php
/**
 * One process of the site at a time, by a lock of the database.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Facade;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Lock {

	/** How long another process may take, in seconds: a request to a service, and a little more. */
	private const PATIENCE = 40;

	/**
	 * Whoever waits too long goes on without the lock: an account that is renewed twice is better than none.
	 *
	 * @template T
	 * @param callable(): T $work
	 * @return T
	 */
	public static function during( string $name, callable $work ): mixed {
		global $wpdb;
		// Names belong to the whole server and have at most 64 characters.
		$lock = 'dm_' . substr( hash( 'sha256', DB_NAME . ' ' . $wpdb->base_prefix . ' ' . $name ), 0, 56 );
		$held = '1' === (string) $wpdb->get_var( $wpdb->prepare( 'SELECT GET_LOCK(%s, %d)', $lock, self::PATIENCE ) );
		try {
			return $work();
		} finally {
			if ( $held ) {
				$wpdb->query( $wpdb->prepare( 'SELECT RELEASE_LOCK(%s)', $lock ) );
			}
		}
	}
}
