<?php
/**
 * Readers of one entry of a flow's configuration.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\Steps;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/**
 * A step has one handler (`handler_slug`, `handler_config`), several (`handler_slugs`, `handler_configs`), or settings of
 * its own under its type. Readers take either shape.
 */
class FlowStepConfig {

	/** The slug settings are stored under: the one given, else the first handler's, else the type of step. */
	public static function getEffectiveSlug( array $step_config, string $explicit_slug = '' ): string {
		return '' !== $explicit_slug ? $explicit_slug : ( self::getPrimaryHandlerSlug( $step_config ) ?? self::text( $step_config['step_type'] ?? '' ) );
	}

	public static function usesHandler( array $step_config ): bool {
		return (bool) ( self::type( $step_config )['uses_handler'] ?? true );
	}

	public static function isMultiHandler( array $step_config ): bool {
		return (bool) ( self::type( $step_config )['multi_handler'] ?? false );
	}

	public static function getHandlerSlug( array $step_config ): ?string {
		return self::getPrimaryHandlerSlug( $step_config );
	}

	/** @return list<string> What the type of step allows: none, one or all that are configured. */
	public static function getHandlerSlugs( array $step_config ): array {
		if ( ! self::usesHandler( $step_config ) ) {
			return array();
		}
		$slugs = self::getConfiguredHandlerSlugs( $step_config );
		return self::isMultiHandler( $step_config ) ? $slugs : array_slice( $slugs, 0, 1 );
	}

	/** @return list<string> As stored, the first one first. */
	public static function getConfiguredHandlerSlugs( array $step_config ): array {
		$slugs = self::texts( $step_config['handler_slugs'] ?? array() );
		$one   = self::text( $step_config['handler_slug'] ?? '' );
		return array() !== $slugs ? $slugs : array_filter( array( $one ), 'strlen' );
	}

	public static function getPrimaryHandlerSlug( array $step_config ): ?string {
		return self::getConfiguredHandlerSlugs( $step_config )[0] ?? null;
	}

	/** @return list<string> Handlers whose tools an AI step beside this one must be able to call. */
	public static function getRequiredHandlerSlugsForAi( array $step_config ): array {
		$kind = self::text( $step_config['step_type'] ?? '' );
		if ( 'publish' === $kind ) {
			return self::getConfiguredHandlerSlugs( $step_config );
		}
		if ( 'upsert' !== $kind ) {
			return array();
		}
		$required = self::texts( $step_config['required_handler_slugs'] ?? array() );
		return array() !== $required ? $required : array_slice( self::getConfiguredHandlerSlugs( $step_config ), 0, 1 );
	}

	/** @return list<string> */
	public static function getAdjacentRequiredHandlerSlugsForAi( ?array $previous_step_config, ?array $next_step_config ): array {
		$found = array();
		foreach ( array( $previous_step_config, $next_step_config ) as $step ) {
			if ( null !== $step && self::usesHandler( $step ) ) {
				$found = array_merge( $found, self::getRequiredHandlerSlugsForAi( $step ) );
			}
		}
		return array_values( array_unique( $found ) );
	}

	/** @return list<string> Those of the required handlers that have a tool among the available ones. */
	public static function getAvailableRequiredHandlerSlugsForAi( array $required_handler_slugs, array $available_tools ): array {
		$offered = array();
		foreach ( $available_tools as $tool ) {
			$offered[] = is_array( $tool ) ? self::text( $tool['handler'] ?? '' ) : '';
		}
		return array_values( array_intersect( self::texts( $required_handler_slugs ), $offered ) );
	}

	/** @return list<string> */
	public static function getMissingRequiredHandlerSlugsForAi( array $required_handler_slugs, array $available_tools ): array {
		return array_values( array_diff( self::texts( $required_handler_slugs ), self::getAvailableRequiredHandlerSlugsForAi( $required_handler_slugs, $available_tools ) ) );
	}

	/** @return array<string, mixed> */
	public static function getPrimaryHandlerConfig( array $step_config ): array {
		$slug = self::getPrimaryHandlerSlug( $step_config );
		return null === $slug ? self::map( $step_config['handler_config'] ?? array() ) : self::getHandlerConfigForSlug( $step_config, $slug );
	}

	/** @return array<string, mixed> */
	public static function getHandlerConfigForSlug( array $step_config, string $slug ): array {
		$configs = self::map( $step_config['handler_configs'] ?? array() );
		return is_array( $configs[ $slug ] ?? null ) ? $configs[ $slug ] : self::map( $step_config['handler_config'] ?? array() );
	}

	/** @return array<string, array<string, mixed>> Settings by handler. */
	public static function getHandlerConfigs( array $step_config ): array {
		$found = array();
		foreach ( self::getConfiguredHandlerSlugs( $step_config ) as $slug ) {
			$found[ $slug ] = self::getHandlerConfigForSlug( $step_config, $slug );
		}
		return $found;
	}

	/** The entry in the one shape its type of step is stored in. */
	public static function normalizeHandlerShape( array $step_config ): array {
		$slugs   = self::getConfiguredHandlerSlugs( $step_config );
		$configs = self::getHandlerConfigs( $step_config );
		$own     = self::map( $step_config['handler_config'] ?? array() );
		unset( $step_config['handler_slug'], $step_config['handler_slugs'], $step_config['handler_config'], $step_config['handler_configs'] );
		if ( ! self::usesHandler( $step_config ) ) {
			return array() === $own ? $step_config : $step_config + array( 'handler_config' => $own );
		}
		if ( array() === $slugs ) {
			return $step_config;
		}
		if ( self::isMultiHandler( $step_config ) ) {
			return $step_config + array(
				'handler_slugs'   => $slugs,
				'handler_configs' => $configs,
			);
		}
		return $step_config + array(
			'handler_slug'   => $slugs[0],
			'handler_config' => $configs[ $slugs[0] ],
		);
	}

	/** @return list<string> */
	public static function getEnabledTools( array $step_config ): array {
		return self::texts( $step_config['enabled_tools'] ?? array() );
	}

	/** @return array<string, mixed> The registered type of the step. */
	private static function type( array $step_config ): array {
		/** This filter is documented in hooks/product.json */
		$types = apply_filters( 'datamachine_step_types', array() );
		return is_array( $types ) ? self::map( $types[ self::text( $step_config['step_type'] ?? '' ) ] ?? array() ) : array();
	}

	private static function text( mixed $value ): string {
		return is_string( $value ) ? $value : '';
	}

	/** @return list<string> */
	private static function texts( mixed $value ): array {
		return is_array( $value ) ? array_values( array_filter( $value, static fn ( mixed $one ): bool => is_string( $one ) && '' !== $one ) ) : array();
	}

	/** @return array<string, mixed> */
	private static function map( mixed $value ): array {
		return is_array( $value ) ? $value : array();
	}
}
