<?php
/**
 * Asks a handler's callback for its tools, in whichever of the two ways it is written.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Facade;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class HandlerTools {

	public static function register(): void {
		// After everybody: what is read from here on is called in one way.
		add_filter( 'datamachine_tools', array( self::class, 'unify' ), PHP_INT_MAX );
	}

	/**
	 * Callback of `datamachine_tools`: callbacks that want the tools gathered so far in front take three parameters, as the
	 * others do.
	 *
	 * @param mixed $tools
	 * @return mixed
	 */
	public static function unify( $tools ) {
		foreach ( is_array( $tools ) ? $tools : array() as $name => $wrapper ) {
			$callback = is_array( $wrapper ) ? ( $wrapper['_handler_callable'] ?? null ) : null;
			if ( is_callable( $callback ) && self::wants_tools( $callback ) ) {
				$tools[ $name ]['_handler_callable'] = static fn ( $slug, $config, $engine_data ) => $callback( array(), $slug, $config, $engine_data );
			}
		}
		return $tools;
	}

	/**
	 * What a wrapper offers for a handler.
	 *
	 * @param array<string, mixed> $wrapper
	 * @param array<string, mixed> $config
	 * @param array<string, mixed> $engine_data
	 * @return array<string, array<string, mixed>> Definitions by name, complete.
	 */
	public static function of( array $wrapper, string $slug, array $config, array $engine_data ): array {
		$callback = $wrapper['_handler_callable'] ?? null;
		$offered  = is_callable( $callback ) ? $callback( $slug, $config, $engine_data ) : null;
		$found    = array();
		foreach ( is_array( $offered ) ? $offered : array() as $name => $definition ) {
			if ( ! is_array( $definition ) ) {
				continue;
			}
			$definition += array(
				'handler'        => $slug,
				'handler_config' => $config,
				'modes'          => array( 'pipeline' ),
			) + ( isset( $wrapper['ability'] ) ? array( 'ability' => $wrapper['ability'] ) : array() );
			if ( ! isset( $definition['ability'] ) ) {
				$definition += array( 'access_level' => $wrapper['access_level'] ?? 'admin' );
			}
			$found[ (string) $name ] = $definition;
		}
		return $found;
	}

	/** @param array<string, mixed> $wrapper */
	public static function is_for( array $wrapper, string $slug, string $type ): bool {
		return is_callable( $wrapper['_handler_callable'] ?? null )
			&& ( ( $wrapper['handler'] ?? null ) === $slug || in_array( $type, (array) ( $wrapper['handler_types'] ?? array() ), true ) );
	}

	private static function wants_tools( callable $callback ): bool {
		$parameters = ( new \ReflectionFunction( \Closure::fromCallable( $callback ) ) )->getParameters();
		return array() !== $parameters && ( count( $parameters ) > 3 || in_array( $parameters[0]->getName(), array( 'tools', 'all_tools' ), true ) );
	}
}
