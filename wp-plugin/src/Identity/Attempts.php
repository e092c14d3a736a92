<?php
/**
 * Tokens that failed, counted by address and by the name in the token, in a table that the sidecar counts in too.
 *
 * A valid token is never refused here: it cannot be guessed, and a limit that locked it out would let strangers lock out
 * runtimes that share an address with them, or whose agent's slug they know.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Identity;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Attempts {

	/** Seconds that failures are counted together. */
	public const WINDOW = 600;

	/** Failures in a window after which the next one is not even counted. */
	public const PER_ADDRESS = 30;
	public const PER_NAME    = 60;

	private const TABLE = 'datamachine_bridge_attempts';

	/** One failure in so many deletes windows that have ended, so many at most. */
	private const CLEAN_EVERY = 50;
	private const CLEAN_MOST  = 500;

	/**
	 * Count a failure, unless there were too many already.
	 *
	 * @param string $address Whence, as the web server says itself: never from a header.
	 * @param string $token   What was presented; '' when it was malformed.
	 * @return int 0 when counted; else the seconds until the next one will be, and nothing was written.
	 */
	public static function failed( string $address, string $token ): int {
		$limits = array( self::subject( 'address', $address ) => self::PER_ADDRESS );
		if ( '' !== $token ) {
			$limits[ self::subject( 'name', Tokens::name( $token ) ) ] = self::PER_NAME;
		}
		// In one order, so that two requests never wait for each other's rows.
		ksort( $limits );
		$wait = self::wait( $limits );
		if ( 0 === $wait ) {
			self::count( array_keys( $limits ) );
			if ( 1 === random_int( 1, self::CLEAN_EVERY ) ) {
				self::clean();
			}
		}
		return $wait;
	}

	/** What a failure is counted under: the table holds neither addresses nor names. */
	public static function subject( string $kind, string $text ): string {
		if ( 'address' === $kind ) {
			$text = self::network( $text );
		}
		return hash( 'sha256', "$kind:$text" );
	}

	/** Whoever has one IPv6 address has the 2^64 of its network: all of them are one. Others stay as they are. */
	private static function network( string $address ): string {
		$plain = strtok( $address, '%' );
		$bytes = false !== $plain && false !== filter_var( $plain, FILTER_VALIDATE_IP, FILTER_FLAG_IPV6 ) ? (string) inet_pton( $plain ) : '';
		if ( '' === $bytes ) {
			return $address;
		}
		$mapped = str_starts_with( $bytes, str_repeat( "\0", 10 ) . "\xff\xff" );
		return $mapped ? (string) inet_ntop( substr( $bytes, 12 ) ) : bin2hex( substr( $bytes, 0, 8 ) ) . '/64';
	}

	/** Delete some windows that have ended. */
	public static function clean(): void {
		global $wpdb;
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery
		$wpdb->query( $wpdb->prepare( 'DELETE FROM %i WHERE window_ends_at <= %s LIMIT %d', self::table(), TokenRows::now(), self::CLEAN_MOST ) );
	}

	/** @param non-empty-array<string, int> $limits By subject. */
	private static function wait( array $limits ): int {
		global $wpdb;
		$places = implode( ', ', array_fill( 0, count( $limits ), '%s' ) );
		// phpcs:disable WordPress.DB -- as many places as there are values.
		$rows = $wpdb->get_results(
			$wpdb->prepare(
				"SELECT subject, failures, window_ends_at FROM %i WHERE subject IN ($places) AND window_ends_at > %s",
				self::table(),
				...array( ...array_keys( $limits ), TokenRows::now() )
			)
		);
		// phpcs:enable
		$wait = 0;
		foreach ( $rows as $row ) {
			if ( (int) $row->failures >= $limits[ $row->subject ] ) {
				$wait = max( $wait, 1, (int) strtotime( $row->window_ends_at . ' UTC' ) - time() );
			}
		}
		return $wait;
	}

	/** @param non-empty-list<string> $subjects */
	private static function count( array $subjects ): void {
		global $wpdb;
		$now    = TokenRows::now();
		$end    = gmdate( 'Y-m-d H:i:s', time() + self::WINDOW );
		$rows   = implode( ', ', array_fill( 0, count( $subjects ), '(%s, 1, %s)' ) );
		$values = array();
		foreach ( $subjects as $subject ) {
			array_push( $values, $subject, $end );
		}
		// phpcs:disable WordPress.DB -- as many places as there are values.
		$wpdb->query(
			$wpdb->prepare(
				"INSERT INTO %i (subject, failures, window_ends_at) VALUES $rows ON DUPLICATE KEY UPDATE failures = IF(window_ends_at <= %s, 1, failures + 1), window_ends_at = IF(window_ends_at <= %s, VALUES(window_ends_at), window_ends_at)",
				self::table(),
				...array( ...$values, $now, $now )
			)
		);
		// phpcs:enable
	}

	private static function table(): string {
		global $wpdb;
		return $wpdb->base_prefix . self::TABLE;
	}
}
