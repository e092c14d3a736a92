<?php
/**
 * The providers of credentials that plugins contributed: live objects of theirs.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Abilities;

use DataMachine\Bridge\Facade\Plugins;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class AuthAbilities {

	/** @var array<string, object>|null Read once a request. */
	private static ?array $providers = null;

	public function __construct() {
	}

	public static function clearCache(): void {
		self::$providers = null;
	}

	/** @return array<string, object> By key. */
	public function getAllProviders(): array {
		if ( null === self::$providers ) {
			/** This filter is documented in hooks/product.json */
			$found           = apply_filters( 'datamachine_auth_providers', array(), null );
			self::$providers = array_filter( is_array( $found ) ? $found : array(), 'is_object' );
		}
		return self::$providers;
	}

	public function getProvider( string $provider_key ): ?object {
		$found = $this->getAllProviders()[ $provider_key ] ?? null;
		if ( null === $found ) {
			// A plugin may have registered after the first look.
			self::clearCache();
			$found = $this->getAllProviders()[ $provider_key ] ?? null;
		}
		return $found;
	}

	/** The provider that a handler names, else one under the handler's own slug. */
	public function getProviderForHandler( string $handler_slug ): ?object {
		$entry = Plugins::handler( $handler_slug );
		$key   = $entry['auth_provider_key'] ?? null;
		return $this->getProvider( is_string( $key ) && '' !== $key ? $key : $handler_slug );
	}

	public function providerExists( string $handler_slug ): bool {
		return null !== $this->getProviderForHandler( $handler_slug );
	}

	/** A handler that needs no provider counts as authenticated. */
	public function isHandlerAuthenticated( string $handler_slug ): bool {
		$entry = Plugins::handler( $handler_slug );
		if ( array() !== $entry && empty( $entry['requires_auth'] ) ) {
			return true;
		}
		return self::is_authenticated( $this->getProviderForHandler( $handler_slug ) );
	}

	/** @return array<string, mixed> `{requires_auth, authenticated[, provider_key, error]}`. */
	public function getAuthStatus( string $handler_slug ): array {
		$entry = Plugins::handler( $handler_slug );
		if ( array() === $entry && ! $this->providerExists( $handler_slug ) ) {
			return array(
				'exists'        => false,
				'authenticated' => false,
				'error'         => sprintf( 'Handler "%s" not found', $handler_slug ),
			);
		}
		return array(
			'exists'        => true,
			'requires_auth' => ! empty( $entry['requires_auth'] ),
			'provider_key'  => $entry['auth_provider_key'] ?? null,
			'authenticated' => $this->isHandlerAuthenticated( $handler_slug ),
		);
	}

	public function checkPermission(): bool {
		return PermissionHelper::can( 'manage_settings' );
	}

	private static function is_authenticated( ?object $provider ): bool {
		return null !== $provider && is_callable( array( $provider, 'is_authenticated' ) ) && true === $provider->is_authenticated();
	}
}
