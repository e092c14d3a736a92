<?php
/**
 * Who would notice a transient that is written as two rows of the options, without WordPress.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Host\Operation;

use DataMachine\Bridge\Host\Params;
use DataMachine\Bridge\Identity\AccessEpoch;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Transients {

	/** What WordPress fires for every transient and every option it writes, and what sees all of it. */
	private const EVENTS = array(
		'all',
		'set_transient',
		'setted_transient',
		'pre_update_option',
		'update_option',
		'updated_option',
		'add_option',
		'added_option',
	);

	/**
	 * Whether anything but the rows knows of transients whose names begin so: an object cache, or a listener.
	 *
	 * @param array<string, mixed> $params `{prefix}`.
	 */
	public static function watched( array $params ): bool {
		$prefix = Params::text( $params, 'prefix' );
		if ( wp_using_ext_object_cache() || wp_installing() ) {
			return true;
		}
		foreach ( array_keys( $GLOBALS['wp_filter'] ) as $hook ) {
			$hook = (string) $hook;
			// Hooks of one transient or its option have its name behind their own.
			$concerns = in_array( $hook, self::EVENTS, true ) || str_contains( $hook, $prefix );
			if ( $concerns && self::heard( $hook ) ) {
				return true;
			}
		}
		return false;
	}

	private static function heard( string $hook ): bool {
		foreach ( $GLOBALS['wp_filter'][ $hook ]->callbacks as $callbacks ) {
			foreach ( $callbacks as $callback ) {
				// It looks out for roles and plugins.
				if ( ! is_array( $callback['function'] ) || AccessEpoch::class !== $callback['function'][0] ) {
					return true;
				}
			}
		}
		return false;
	}
}
