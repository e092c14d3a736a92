<?php
/**
 * Durable delivery begins here: a row of our events table, and a doorbell for it.
 * 
 * Both are written in this request's own database connection: a transaction that is rolled back takes them along.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Hooks;

use DataMachine\Bridge\Bridge\Codec;
use DataMachine\Bridge\Bridge\Handles;
use DataMachine\Bridge\Queue\Doorbells;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Outbox {

	/** The private hook whose doorbell names an event. PHP listeners of the event's own hook have run already. */
	public const DELIVER = 'datamachine_bridge_deliver';

	/**
	 * Write an event down. Objects are kept as far as they are values; what only lives in PHP is named, not kept.
	 *
	 * @param string      $mode Which subscriptions it is for: durable, or live when a live call failed.
	 * @param list<mixed> $args What the hook was fired with.
	 * @return int|null The event's id; null when it could not be written, which is reported and never thrown.
	 */
	public static function record( string $hook, int $priority, string $mode, array $args ): ?int {
		global $wpdb;
		try {
			$table  = $wpdb->prefix . 'datamachine_bridge_events';
			$values = self::storable( $table, ( new Codec( new Handles() ) )->encode( array_values( $args ) ) );
			$now    = self::now();
			// phpcs:disable WordPress.DB.DirectDatabaseQuery -- our own table; an event is never cached.
			$shown   = $wpdb->hide_errors();
			$written = $wpdb->insert(
				$table,
				array(
					'hook'         => $hook,
					'args'         => sprintf( '{"priority":%d,"mode":"%s","values":%s}', $priority, $mode, $values ),
					'blog_id'      => get_current_blog_id(),
					'user_id'      => function_exists( 'get_current_user_id' ) ? get_current_user_id() : 0,
					'locale'       => get_locale(),
					'request_id'   => self::request_id(),
					'status'       => 'pending',
					'available_at' => $now,
					'created_at'   => $now,
				)
			);
			// phpcs:enable
			$id = (int) $wpdb->insert_id;
			if ( $shown ) {
				$wpdb->show_errors();
			}
			if ( ! $written || ! $id ) {
				throw new \RuntimeException( 'The event could not be written: ' . $wpdb->last_error );
			}
			Doorbells::ring( self::DELIVER, array( $id ) );
			return $id;
		} catch ( \Throwable $error ) {
			Policy::report( $hook, 'event lost', $error );
			return null;
		}
	}

	/** JSON in letters that the column has: WordPress refuses the row of an old site that has not all of Unicode. */
	private static function storable( string $table, string $json ): string {
		global $wpdb;
		if ( 'utf8mb4' === $wpdb->get_col_charset( $table, 'args' ) ) {
			return $json;
		}
		$escaped = static fn( array $found ): string => trim( (string) json_encode( $found[0] ), '"' ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- a part of a text.
		return preg_replace_callback( '/[^\x00-\x7F]+/u', $escaped, $json ) ?? $json;
	}

	/** UTC with microseconds. */
	private static function now(): string {
		return ( new \DateTimeImmutable( 'now', new \DateTimeZone( 'UTC' ) ) )->format( 'Y-m-d H:i:s.u' );
	}

	/** The same for every event of one request, so that a reader can see what belongs together. */
	private static function request_id(): string {
		static $id = null;
		return $id ??= bin2hex( random_bytes( 8 ) );
	}
}
