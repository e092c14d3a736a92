<?php
/**
 * The groups of Action Scheduler rows that are ours to serve.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Queue;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Groups {

	/** The product's doorbells, the same group as Data Machine's. */
	public const PRODUCT = 'data-machine';

	/** The sidecar's own plumbing, served whoever is the product. */
	public const PLUMBING = 'datamachine-bridge';

	/** @return list<string> */
	public static function ours( bool $companion ): array {
		return $companion ? array( self::PLUMBING ) : array( self::PLUMBING, self::PRODUCT );
	}

	public static function of( string $hook ): string {
		return str_starts_with( $hook, 'datamachine_bridge_' ) ? self::PLUMBING : self::PRODUCT;
	}

	/**
	 * The ids of those groups that exist.
	 *
	 * @param list<string> $slugs
	 * @return list<int>
	 */
	public static function ids( array $slugs ): array {
		global $wpdb;
		$marks = implode( ', ', array_fill( 0, count( $slugs ), '%s' ) );
		// phpcs:ignore WordPress.DB -- Action Scheduler's table has no API for this; the marks are placeholders.
		$found = $wpdb->get_col( $wpdb->prepare( "SELECT group_id FROM {$wpdb->prefix}actionscheduler_groups WHERE slug IN ($marks)", ...$slugs ) );
		return array_map( 'intval', $found );
	}
}
