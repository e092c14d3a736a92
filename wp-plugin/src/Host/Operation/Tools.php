<?php
/**
 * Runs a tool that PHP offered: a live handle of this call, or an object or class of the tool's own definition.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Host\Operation;

use DataMachine\Bridge\Host\Failure;
use DataMachine\Bridge\Host\Params;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Tools {

	/**
	 * `{tool, parameters, definition}` gives what the tool returned.
	 *
	 * A tool is a live handle (a closure, an invokable object, or an object with `handle_tool_call` or the method its
	 * definition names), or the name of a tool that PHP code registered on `datamachine_tools` in this process.
	 *
	 * @param array<string, mixed> $params
	 */
	public static function run( array $params ): mixed {
		$tool       = $params['tool'] ?? null;
		$parameters = Params::items( $params, 'parameters' );
		$definition = Params::items( $params, 'definition' );
		if ( $tool instanceof \Closure ) {
			return $tool( $parameters, $definition );
		}
		if ( is_object( $tool ) ) {
			return self::method( $tool, $definition )( $parameters, $definition );
		}
		if ( is_string( $tool ) && '' !== $tool ) {
			return self::registered( $tool, $parameters, $definition );
		}
		throw new Failure( 'invalid_parameter', 'A tool is a live handle or the name of a registered tool.', 400 );
	}

	/**
	 * `{tool, parameters, definition, builders}`: what the named builders of a definition (`build_action_summary`,
	 * `build_action_preview`) say of a call that waits for approval. Those that cannot be called are left out.
	 *
	 * @param array<string, mixed> $params
	 * @return array<string, mixed> By builder.
	 */
	public static function describe( array $params ): array {
		$parameters = Params::items( $params, 'parameters' );
		$definition = Params::items( $params, 'definition' );
		$said       = array();
		foreach ( Params::items( $params, 'builders' ) as $name ) {
			$builder = $definition[ $name ] ?? null;
			if ( ! is_callable( $builder ) ) {
				// A closure that was lent to an earlier call is not called again: its tool's definition still has it.
				$builder = self::found( Params::text( $params, 'tool' ) )[ $name ] ?? null;
			}
			if ( is_callable( $builder ) ) {
				$said[ $name ] = $builder( $parameters, $definition );
			}
		}
		return $said;
	}

	/**
	 * @param array<array-key, mixed> $definition
	 * @return callable
	 */
	private static function method( object $tool, array $definition ): callable {
		$name   = $definition['method'] ?? 'handle_tool_call';
		$method = is_string( $name ) ? array( $tool, $name ) : $tool;
		if ( is_callable( $method ) ) {
			return $method;
		}
		if ( is_callable( $tool ) ) {
			return $tool;
		}
		throw new Failure( 'tool_not_callable', sprintf( 'The tool of class %s has no method to run.', $tool::class ), 400 );
	}

	/** @return array<array-key, mixed>|null The definition that PHP code registered. */
	private static function found( string $name ): ?array {
		/** This filter is documented in Data Machine: every tool by name. */
		$tools = apply_filters( 'datamachine_tools', array() );
		$found = is_array( $tools ) ? ( $tools[ $name ] ?? null ) : null;
		if ( is_array( $found ) && isset( $found['_callable'] ) && is_callable( $found['_callable'] ) ) {
			$found = ( $found['_callable'] )();
		}
		return is_array( $found ) ? $found : null;
	}

	/**
	 * @param array<array-key, mixed> $parameters
	 * @param array<array-key, mixed> $definition
	 */
	private static function registered( string $name, array $parameters, array $definition ): mixed {
		$found = self::found( $name );
		if ( null === $found ) {
			throw new Failure( 'tool_not_found', sprintf( 'PHP registered no tool "%s".', $name ), 404 );
		}
		$definition += $found;
		$callback    = $found['callback'] ?? $found['execute_callback'] ?? null;
		if ( is_callable( $callback ) ) {
			return $callback( $parameters, $definition );
		}
		$class = $found['class'] ?? null;
		if ( is_string( $class ) && class_exists( $class ) ) {
			return self::method( new $class(), $found )( $parameters, $definition );
		}
		throw new Failure( 'tool_not_callable', sprintf( 'The tool "%s" names nothing that can be run.', $name ), 400 );
	}
}
