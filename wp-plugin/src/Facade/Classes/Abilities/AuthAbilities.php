<?php
/**
 * The providers of credentials that plugins contributed: live objects of theirs.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Abilities;

use DataMachine\Bridge\Facade\Accounts;
use DataMachine\Bridge\Facade\Plugins;
use DataMachine\Core\OAuth\BaseAuthProvider;
use DataMachine\Core\OAuth\BaseOAuth2Provider;

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

	/**
	 * Every provider, without its secrets.
	 *
	 * @param array<string, mixed> $input Nothing is read of it.
	 * @return array<string, mixed> `{success, providers: {key: {auth_type, auth_fields, is_configured, is_authenticated, username, account_details, callback_url}}}`.
	 */
	public function executeListProviders( array $input ): array { // phpcs:ignore Generic.CodeAnalysis.UnusedFunctionParameter -- the signature of abilities.
		return array(
			'success'   => true,
			'providers' => array_map( array( Accounts::class, 'describe' ), $this->getAllProviders() ),
		);
	}

	/**
	 * @param array<string, mixed> $input `{handler_slug}`: a handler or a provider.
	 * @return array<string, mixed> `{success, handler_slug, requires_auth, authenticated, ...}` with `oauth_url` where an account can be connected.
	 */
	public function executeGetAuthStatus( array $input ): array {
		$slug   = self::slug( $input );
		$status = $this->getAuthStatus( $slug );
		if ( ! $status['exists'] ) {
			return self::failed( (string) $status['error'], 404 );
		}
		$provider = $this->getProviderForHandler( $slug );
		return array(
			'success'       => true,
			'handler_slug'  => $slug,
			'requires_auth' => $status['requires_auth'],
			'authenticated' => $status['authenticated'],
		) + ( null === $provider ? array() : Accounts::describe( $provider ) + Accounts::address( $provider ) );
	}

	/**
	 * Forgets the account; the application's own keys stay.
	 *
	 * @param array<string, mixed> $input `{handler_slug}`.
	 * @return array<string, mixed> `{success, message}`, or `{success: false, error, status}`.
	 */
	public function executeDisconnectAuth( array $input ): array {
		return $this->with_provider(
			$input,
			static fn ( BaseAuthProvider $provider ): array => $provider->clear_account()
				? self::done( 'The account was disconnected.' )
				: self::failed( 'The account could not be disconnected.', 500 )
		);
	}

	/**
	 * Stores the application's keys. What is not named stays, and so does a secret that comes back masked.
	 *
	 * @param array<string, mixed> $input `{handler_slug, config}`.
	 * @return array<string, mixed> `{success, message}`, or `{success: false, error, status}`.
	 */
	public function executeSaveAuthConfig( array $input ): array {
		return $this->with_provider(
			$input,
			static function ( BaseAuthProvider $provider ) use ( $input ): array {
				$config = Accounts::config( $provider, is_array( $input['config'] ?? null ) ? $input['config'] : array() );
				if ( is_wp_error( $config ) ) {
					return self::failed( $config->get_error_message(), 400 );
				}
				return $provider->save_config( $config ) ? self::done( 'The configuration was saved.' ) : self::failed( 'The configuration could not be saved.', 500 );
			}
		);
	}

	/**
	 * Stores an account that was connected elsewhere.
	 *
	 * @param array<string, mixed> $input `{handler_slug, account_data: {access_token, refresh_token?, token_expires_at?, ...}}`.
	 * @return array<string, mixed> `{success, message}`, or `{success: false, error, status}`.
	 */
	public function executeSetAuthToken( array $input ): array {
		return $this->with_provider(
			$input,
			static function ( BaseAuthProvider $provider ) use ( $input ): array {
				$account = is_array( $input['account_data'] ?? null ) ? $input['account_data'] : array();
				if ( ! is_string( $account['access_token'] ?? null ) || '' === $account['access_token'] ) {
					return self::failed( 'access_token is required.', 400 );
				}
				if ( ! $provider->save_account( $account ) ) {
					return self::failed( 'The account could not be saved.', 500 );
				}
				if ( $provider instanceof BaseOAuth2Provider ) {
					$provider->schedule_proactive_refresh();
				}
				return self::done( 'The account was saved.' );
			}
		);
	}

	/**
	 * A new token now, whether or not the old one is about to run out.
	 *
	 * @param array<string, mixed> $input `{handler_slug}`.
	 * @return array<string, mixed> `{success, message, expires_at}`, or `{success: false, error, status}`.
	 */
	public function executeRefreshAuth( array $input ): array {
		return $this->with_provider(
			$input,
			static function ( BaseAuthProvider $provider ): array {
				if ( ! $provider instanceof BaseOAuth2Provider ) {
					return self::failed( 'Tokens of this provider are not renewed.', 400 );
				}
				if ( ! Accounts::renew( $provider ) ) {
					return self::failed( 'The token could not be renewed. Connect the account again.', 502 );
				}
				return self::done( 'The token was renewed.' ) + array( 'expires_at' => $provider->get_account()['token_expires_at'] ?? null );
			}
		);
	}

	/**
	 * @param array<string, mixed>                                  $input
	 * @param callable( BaseAuthProvider ): array<string, mixed> $work
	 * @return array<string, mixed>
	 */
	private function with_provider( array $input, callable $work ): array {
		$slug     = self::slug( $input );
		$provider = $this->getProviderForHandler( $slug );
		if ( null === $provider ) {
			return self::failed( sprintf( 'Handler "%s" has no provider of accounts', $slug ), 404 );
		}
		// Its own kind of object knows nothing of how accounts are kept.
		return $provider instanceof BaseAuthProvider ? $work( $provider ) : self::failed( sprintf( 'The provider of "%s" keeps its accounts itself.', $slug ), 400 );
	}

	/** @param array<string, mixed> $input */
	private static function slug( array $input ): string {
		$slug = $input['handler_slug'] ?? '';
		return is_string( $slug ) ? sanitize_text_field( $slug ) : '';
	}

	/** @return array{success: true, message: string} */
	private static function done( string $message ): array {
		return array(
			'success' => true,
			'message' => $message,
		);
	}

	/** @return array{success: false, error: string, status: int} */
	private static function failed( string $error, int $status ): array {
		return array(
			'success' => false,
			'error'   => $error,
			'status'  => $status,
		);
	}

	private static function is_authenticated( ?object $provider ): bool {
		return null !== $provider && is_callable( array( $provider, 'is_authenticated' ) ) && true === $provider->is_authenticated();
	}
}
