<?php
/**
 * Operations on hooks.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Host\Operation;

use DataMachine\Bridge\Host\Params;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Hooks {

	/** Callbacks below this namespace only carry a hook to Python; the classes beside it do what Python does itself. */
	private const OWN = array(
		'DataMachine\\Bridge\\Hooks\\',
		'DataMachine\\Bridge\\Facade\\Registries',
		'DataMachine\\Bridge\\Facade\\FetchRules',
		'DataMachine\\Bridge\\Facade\\AuthRefs',
	);

	/**
	 * Fire a hook: `{hook, kind: action|filter, args: [...]}`; a filter gives its value.
	 *
	 * @param array<string, mixed> $params
	 */
	public static function fire( array $params ): mixed {
		$hook = Params::text( $params, 'hook' );
		$args = array_values( Params::items( $params, 'args' ) );
		if ( 'filter' === ( $params['kind'] ?? 'action' ) ) {
			return apply_filters( $hook, array_shift( $args ), ...$args );
		}
		do_action( $hook, ...$args );
		return null;
	}

	/**
	 * Who listens: `{hook}` or `{hooks: [...]}` gives, by hook, `{php, all, forwarded}`: the number of PHP callbacks, of
	 * callbacks on `all`, and of our own forwarders, which only lead back to Python.
	 *
	 * @param array<string, mixed> $params
	 * @return array<string, array{php: int, all: int, forwarded: int}>
	 */
	public static function listeners( array $params ): array {
		$hooks = array_filter( Params::items( $params, 'hooks' ), 'is_string' );
		if ( isset( $params['hook'] ) ) {
			$hooks[] = Params::text( $params, 'hook' );
		}
		$all   = self::count( 'all' );
		$found = array();
		foreach ( $hooks as $hook ) {
			$found[ $hook ] = array( 'all' => $all['php'] ) + self::count( $hook );
		}
		return $found;
	}

	/** @return array{php: int, forwarded: int} */
	private static function count( string $hook ): array {
		$counts    = array(
			'php'       => 0,
			'forwarded' => 0,
		);
		$callbacks = $GLOBALS['wp_filter'][ $hook ]->callbacks ?? array();
		foreach ( $callbacks as $priority ) {
			foreach ( $priority as $callback ) {
				++$counts[ self::is_own( $callback['function'] ) ? 'forwarded' : 'php' ];
			}
		}
		return $counts;
	}

	private static function is_own( mixed $callback ): bool {
		if ( is_array( $callback ) ) {
			$class = is_object( $callback[0] ) ? $callback[0]::class : (string) $callback[0];
			return self::below( $class );
		}
		if ( $callback instanceof \Closure ) {
			$scope = ( new \ReflectionFunction( $callback ) )->getClosureScopeClass();
			return null !== $scope && self::below( $scope->getName() );
		}
		return is_object( $callback ) && self::below( $callback::class );
	}

	private static function below( string $name ): bool {
		foreach ( self::OWN as $own ) {
			if ( str_starts_with( $name, $own ) ) {
				return true;
			}
		}
		return false;
	}
}
