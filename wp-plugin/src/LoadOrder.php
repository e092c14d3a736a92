<?php
/**
 * Keeps this plugin at the head of the active plugins: extensions test for Data Machine's classes while their files load.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class LoadOrder {

	/** Network-wide plugins need nothing: WordPress sorts them by name and loads them before every site plugin. */
	public static function register( string $basename ): void {
		add_filter(
			'pre_update_option_active_plugins',
			static fn ( $plugins ) => self::first( $plugins, $basename ),
			PHP_INT_MAX
		);
	}

	/**
	 * @param mixed $plugins The list about to be stored.
	 * @return mixed The same list with ours first; anything unexpected is left as it is.
	 */
	public static function first( $plugins, string $basename ) {
		if ( ! is_array( $plugins ) || ! in_array( $basename, $plugins, true ) ) {
			return $plugins;
		}
		return array_values( array_unique( array_merge( array( $basename ), array_values( $plugins ) ) ) );
	}
}
