<?php
/**
 * Operations on options and transients, through WordPress, so that caches and hooks see them.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Host\Operation;

use DataMachine\Bridge\Host\Acting;
use DataMachine\Bridge\Host\Params;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Options {

	/** @param array<string, mixed> $params `{name, default?}`. */
	public static function get( array $params ): mixed {
		return get_option( Params::text( $params, 'name' ), $params['default'] ?? null );
	}

	/** @param array<string, mixed> $params `{name, value, autoload?}`; autoload null leaves WordPress to decide. */
	public static function update( array $params ): bool {
		$name = Params::text( $params, 'name' );
		Acting::must( 'manage_options' );
		$autoload = $params['autoload'] ?? null;
		return update_option( $name, $params['value'] ?? null, is_bool( $autoload ) ? $autoload : null );
	}

	/** @param array<string, mixed> $params `{name}`. */
	public static function delete( array $params ): bool {
		$name = Params::text( $params, 'name' );
		Acting::must( 'manage_options' );
		return delete_option( $name );
	}

	/** @param array<string, mixed> $params `{name}`; false when there is none. */
	public static function get_transient( array $params ): mixed {
		return get_transient( Params::text( $params, 'name' ) );
	}

	/** @param array<string, mixed> $params `{name, value, expiration?}` in seconds, 0 for ever. */
	public static function set_transient( array $params ): bool {
		$name = Params::text( $params, 'name' );
		self::must_own( $name );
		return set_transient( $name, $params['value'] ?? null, Params::id( $params, 'expiration', 0 ) );
	}

	/** @param array<string, mixed> $params `{name}`. */
	public static function delete_transient( array $params ): bool {
		$name = Params::text( $params, 'name' );
		self::must_own( $name );
		return delete_transient( $name );
	}

	/** The product's own transients are caches it fills for any visitor; all others belong to administrators. */
	private static function must_own( string $name ): void {
		if ( 1 !== preg_match( '/^(datamachine|dm|agents_api)_/', $name ) ) {
			Acting::must( 'manage_options' );
		}
	}
}
