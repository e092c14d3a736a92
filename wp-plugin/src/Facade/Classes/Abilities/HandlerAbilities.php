<?php
/**
 * Reads the registries of handlers and their settings.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Abilities;

use DataMachine\Bridge\Facade\Plugins;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class HandlerAbilities {

	/** The option with the site's own defaults, by handler and field. */
	private const DEFAULTS = 'datamachine_handler_defaults';

	public function __construct() {
	}

	/** Nothing is cached: the registries are filters. */
	public static function clearCache(): void {
	}

	public function checkPermission(): bool {
		return PermissionHelper::can( 'manage_flows' );
	}

	/** @return array<string, mixed> The ability `datamachine/get-handlers`. */
	public function executeGetHandlers( array $input ): array {
		return self::ability( 'get-handlers', $input );
	}

	/** @return array<string, mixed> The ability `datamachine/validate-handler`. */
	public function executeValidateHandler( array $input ): array {
		return self::ability( 'validate-handler', $input );
	}

	/** @return array<string, mixed> The ability `datamachine/get-handler-config-fields`. */
	public function executeGetHandlerConfigFields( array $input ): array {
		return self::ability( 'get-handler-config-fields', $input );
	}

	/** @return array<string, mixed> The ability `datamachine/apply-handler-defaults`. */
	public function executeApplyHandlerDefaults( array $input ): array {
		return self::ability( 'apply-handler-defaults', $input );
	}

	/** @return array<string, mixed> The ability `datamachine/get-handler-site-defaults`. */
	public function executeGetHandlerSiteDefaults( array $input ): array {
		return self::ability( 'get-handler-site-defaults', $input );
	}

	/** @return array<string, array<string, mixed>> By slug; of one type of step, or all. */
	public function getAllHandlers( ?string $step_type = null ): array {
		/** This filter is documented in hooks/product.json */
		$found = apply_filters( 'datamachine_handlers', array(), $step_type );
		return is_array( $found ) ? $found : array();
	}

	/** @return array<string, mixed>|null */
	public function getHandler( string $handler_slug, ?string $step_type = null ): ?array {
		$found = $this->getAllHandlers( $step_type )[ $handler_slug ] ?? null;
		return is_array( $found ) ? $found : null;
	}

	public function handlerExists( string $handler_slug, ?string $step_type = null ): bool {
		return null !== $this->getHandler( $handler_slug, $step_type );
	}

	/** @return array{valid: bool, error?: string} */
	public function validateHandler( string $handler_slug, ?string $step_type = null ): array {
		if ( $this->handlerExists( $handler_slug, $step_type ) ) {
			return array( 'valid' => true );
		}
		$known = implode( ', ', array_keys( $this->getAllHandlers( $step_type ) ) );
		return array(
			'valid' => false,
			'error' => sprintf( 'Handler "%s" not found. Available handlers: %s', $handler_slug, $known ),
		);
	}

	/** The object of `datamachine_handler_settings`. */
	public function getSettingsClass( string $handler_slug ): ?object {
		return Plugins::settings( $handler_slug );
	}

	/** @return array<string, array<string, mixed>> */
	public function getConfigFields( string $handler_slug ): array {
		return Plugins::settings_fields( array( 'slug' => $handler_slug ) ) ?? array();
	}

	/** @return array<string, array<string, mixed>> By handler. */
	public function getSiteDefaults(): array {
		$found = get_option( self::DEFAULTS, array() );
		return is_array( $found ) ? $found : array();
	}

	/** Nothing is cached here beside WordPress's own options. */
	public static function clearSiteDefaultsCache(): void {
	}

	/**
	 * A configuration with the defaults in its gaps: the site's, else the handler's own.
	 *
	 * @param array<string, mixed> $config
	 * @return array<string, mixed>
	 */
	public function applyDefaults( string $handler_slug, array $config ): array {
		$site = $this->getSiteDefaults()[ $handler_slug ] ?? array();
		foreach ( $this->getConfigFields( $handler_slug ) as $key => $field ) {
			if ( ! array_key_exists( $key, $config ) && ( isset( $site[ $key ] ) || array_key_exists( 'default', $field ) ) ) {
				$config[ $key ] = $site[ $key ] ?? $field['default'];
			}
		}
		return $config;
	}

	/** @return array<string, mixed> */
	private static function ability( string $name, array $input ): array {
		$ability = wp_get_ability( 'datamachine/' . $name );
		$answer  = null === $ability ? new \WP_Error( 'ability_not_found', 'The ability is not registered.' ) : $ability->execute( $input );
		return is_array( $answer ) ? $answer : array(
			'success' => false,
			'error'   => is_wp_error( $answer ) ? $answer->get_error_message() : 'The ability gave no result.',
		);
	}
}
