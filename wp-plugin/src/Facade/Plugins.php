<?php
/**
 * Runs steps and handlers that other plugins wrote in PHP, for the engine.
 *
 * What runs is what the registries of this process name, never a class that came over the wire.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Facade;

use DataMachine\Bridge\Host\Effect;
use DataMachine\Bridge\Host\Failure;
use DataMachine\Bridge\Host\Params;
use DataMachine\Core\DataPacket;
use DataMachine\Core\EngineData;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Plugins {

	/**
	 * `automation.step`: `{step_type, job_id, flow_step_id, data}` gives the packets that the step returned.
	 *
	 * A step's own exceptions are packets of it; anything else it throws reaches the caller as `php_exception`.
	 *
	 * @param array<string, mixed> $params
	 * @return list<array<string, mixed>>
	 */
	public static function step( array $params ): array {
		$type  = Params::text( $params, 'step_type' );
		$entry = self::entry( 'datamachine_step_types', array( array() ), $type );
		$step  = self::make( $entry, 'execute', sprintf( 'The step type "%s"', $type ) );
		$job   = Params::id( $params, 'job_id' );
		$left  = $step->execute(
			array(
				'job_id'       => $job,
				'flow_step_id' => Params::text( $params, 'flow_step_id' ),
				'data'         => Params::items( $params, 'data' ),
				'engine'       => EngineData::forJob( $job ),
			)
		);
		return self::packets( is_array( $left ) ? $left : array() );
	}

	/**
	 * `automation.fetch`: `{slug, pipeline_id, config, job_id}` gives `{packets}`, newest first, or `{exception, message}`.
	 *
	 * @param array<string, mixed> $params
	 * @return array{packets: list<array<string, mixed>>}|array{exception: string, message: string}
	 */
	public static function fetch( array $params ): array {
		$slug     = Params::text( $params, 'slug' );
		$handler  = self::make( self::handler( $slug ), 'get_fetch_data', sprintf( 'The fetch handler "%s"', $slug ) );
		$pipeline = $params['pipeline_id'] ?? null;
		$job      = $params['job_id'] ?? null;
		try {
			$found = $handler->get_fetch_data(
				is_int( $pipeline ) ? $pipeline : (string) $pipeline,
				Params::items( $params, 'config' ),
				null === $job ? null : (string) $job
			);
		} catch ( \DataMachine\Bridge\Bridge\BridgeException $error ) {
			throw $error;
		} catch ( \Exception $error ) {
			return array(
				'exception' => $error::class,
				'message'   => $error->getMessage(),
			);
		}
		return array( 'packets' => array_reverse( self::packets( is_array( $found ) ? $found : array() ) ) );
	}

	/**
	 * `automation.handler_tool`: `{name, handler, parameters, definition, effect?}` gives what the tool answered.
	 *
	 * With an effect, the first post that the tool inserts is written down in the transaction that inserts it.
	 *
	 * @param array<string, mixed> $params
	 */
	public static function tool( array $params ): mixed {
		$name       = Params::text( $params, 'name' );
		$slug       = Params::text( $params, 'handler' );
		$parameters = Params::items( $params, 'parameters' );
		$definition = Params::items( $params, 'definition' );
		$work       = static fn (): mixed => ( self::method( $name, $slug, $definition, $parameters ) )( $parameters, $definition );
		return isset( $params['effect'] ) ? Effect::from( Params::items( $params, 'effect' ) )->during( $work ) : $work();
	}

	/**
	 * `automation.settings_fields`: `{slug}` gives the fields of the handler's settings, null when it has none.
	 *
	 * @param array<string, mixed> $params
	 * @return array<string, array<string, mixed>>|null
	 */
	public static function settings_fields( array $params ): ?array {
		$settings = self::settings( Params::text( $params, 'slug' ) );
		$fields   = null === $settings || ! is_callable( array( $settings, 'get_fields' ) ) ? null : $settings->get_fields();
		return is_array( $fields ) ? array_filter( $fields, 'is_array' ) : null;
	}

	/**
	 * `automation.settings_sanitize`: `{slug, settings}` gives what the handler's settings class makes of them.
	 *
	 * @param array<string, mixed> $params
	 * @return array<string, mixed>
	 */
	public static function settings_sanitize( array $params ): array {
		$settings = self::settings( Params::text( $params, 'slug' ) );
		$given    = Params::items( $params, 'settings' );
		if ( null === $settings || ! is_callable( array( $settings, 'sanitize' ) ) ) {
			return $given;
		}
		try {
			$clean = $settings->sanitize( $given );
		} catch ( \InvalidArgumentException $error ) {
			throw new Failure( 'invalid_setting', $error->getMessage(), 400 ); // phpcs:ignore WordPress.Security.EscapeOutput.ExceptionNotEscaped -- an answer, not a page.
		}
		return is_array( $clean ) ? $clean : $given;
	}

	/** The object of `datamachine_handler_settings`. */
	public static function settings( string $slug ): ?object {
		/** This filter is documented in hooks/product.json */
		$all   = apply_filters( 'datamachine_handler_settings', array(), $slug );
		$found = is_array( $all ) ? ( $all[ $slug ] ?? null ) : null;
		return is_string( $found ) && class_exists( $found ) ? new $found() : ( is_object( $found ) ? $found : null );
	}

	/** @return array<string, mixed> The registry's entry of a handler. */
	public static function handler( string $slug ): array {
		return self::entry( 'datamachine_handlers', array( array(), null ), $slug );
	}

	/**
	 * @param list<mixed> $args Of the registry's filter.
	 * @return array<string, mixed>
	 */
	private static function entry( string $filter, array $args, string $slug ): array {
		$all = apply_filters( $filter, ...$args ); // phpcs:ignore WordPress.NamingConventions.ValidHookName -- a registry.
		return is_array( $all ) && is_array( $all[ $slug ] ?? null ) ? $all[ $slug ] : array();
	}

	/** @param array<string, mixed> $entry */
	private static function make( array $entry, string $method, string $what ): object {
		$name = $entry['class'] ?? null;
		if ( ! is_string( $name ) || ! class_exists( $name ) || ! method_exists( $name, $method ) ) {
			throw new Failure( 'class_not_found', sprintf( '%s has no class with a method %s().', $what, $method ), 404 ); // phpcs:ignore WordPress.Security.EscapeOutput.ExceptionNotEscaped -- an answer, not a page.
		}
		return new $name();
	}

	/**
	 * What runs a tool of a handler: the class and method that the handler's own callback names.
	 *
	 * @param array<string, mixed> $definition As the model was offered it.
	 * @param array<string, mixed> $parameters
	 */
	private static function method( string $name, string $slug, array $definition, array $parameters ): callable {
		$engine = $parameters['engine'] ?? null;
		$found  = self::definition( $name, $slug, $definition, $engine instanceof EngineData ? $engine->all() : array() );
		$class  = $found['class'] ?? self::handler( $slug )['class'] ?? null;
		$method = $found['method'] ?? 'handle_tool_call';
		if ( ! is_string( $class ) || ! is_string( $method ) || ! class_exists( $class ) || ! method_exists( $class, $method ) ) {
			throw new Failure( 'tool_not_callable', sprintf( 'The tool "%s" names nothing that can be run.', $name ), 400 ); // phpcs:ignore WordPress.Security.EscapeOutput.ExceptionNotEscaped -- an answer, not a page.
		}
		return array( new $class(), $method );
	}

	/**
	 * @param array<string, mixed> $definition
	 * @param array<string, mixed> $engine_data
	 * @return array<string, mixed>
	 */
	private static function definition( string $name, string $slug, array $definition, array $engine_data ): array {
		/** This filter is documented in hooks/product.json */
		$tools = apply_filters( 'datamachine_tools', array() );
		$type  = self::handler( $slug )['type'] ?? '';
		foreach ( is_array( $tools ) ? $tools : array() as $wrapper ) {
			if ( ! is_array( $wrapper ) || ! HandlerTools::is_for( $wrapper, $slug, (string) $type ) ) {
				continue;
			}
			$config  = $definition['handler_config'] ?? null;
			$offered = HandlerTools::of( $wrapper, $slug, is_array( $config ) ? $config : array(), $engine_data );
			if ( isset( $offered[ $name ] ) ) {
				return $offered[ $name ];
			}
		}
		return array();
	}

	/**
	 * @param array<mixed> $found Packets, as arrays or objects.
	 * @return list<array<string, mixed>>
	 */
	private static function packets( array $found ): array {
		$packets = array();
		foreach ( $found as $one ) {
			$one = $one instanceof DataPacket ? $one->addTo( array() )[0] : $one;
			if ( is_array( $one ) ) {
				$packets[] = $one;
			}
		}
		return $packets;
	}
}
