<?php
/**
 * Rows nobody can serve while this plugin is inactive wait under a status of their own.
 *
 * Action Scheduler's runner would claim them, find no callback and mark them failed, for ever.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Queue;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Parking {

	public const STATUS = 'parked';

	/** @return int How many rows wait. */
	public static function park(): int {
		return self::move( 'pending', self::STATUS );
	}

	/** @return int How many rows ring again. */
	public static function restore(): int {
		return self::move( self::STATUS, 'pending' );
	}

	private static function move( string $from, string $to ): int {
		global $wpdb;
		$groups = Groups::ids( Groups::ours( false ) );
		if ( array() === $groups ) {
			return 0;
		}
		$marks = implode( ', ', array_fill( 0, count( $groups ), '%d' ) );
		// A claim does not outlive the move: its worker finds a row that is not pending and leaves it.
		// phpcs:ignore WordPress.DB -- Action Scheduler has no API for this; the marks are placeholders.
		return (int) $wpdb->query( $wpdb->prepare( "UPDATE {$wpdb->prefix}actionscheduler_actions SET status = %s, claim_id = 0 WHERE status = %s AND group_id IN ($marks)", $to, $from, ...$groups ) );
	}
}
