<?php
/**
 * `/datamachine-auth/{provider}/`: the browser is back from a service that was asked for an account.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Facade;

use DataMachine\Abilities\AuthAbilities;
use DataMachine\Abilities\PermissionHelper;
use DataMachine\Core\OAuth\BaseOAuth2Provider;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class OAuthCallback {

	public const FOLDER = 'datamachine-auth';

	private const QUERY = 'datamachine_oauth_provider';

	/** @var array{provider: string, error: ?\WP_Error}|null How the flow of this request ended. */
	private static ?array $outcome = null;

	public static function register(): void {
		// Before WordPress guesses which address was meant.
		add_action( 'template_redirect', array( self::class, 'answer' ), 5 );
		add_action( 'init', array( self::class, 'listen_for_cron' ), 99 );
	}

	/** A handler of OAuth tells how its flow ended; the page follows when the provider is done. */
	public static function ended( string $provider, ?\WP_Error $error ): void {
		self::$outcome = array(
			'provider' => $provider,
			'error'    => $error,
		);
	}

	/** Callback of `init`: a provider hears the event that renews its token from when it is made, and cron asks for none. */
	public static function listen_for_cron(): void {
		if ( ! wp_doing_cron() && ! ( defined( 'WP_CLI' ) && WP_CLI ) ) {
			return;
		}
		foreach ( _get_cron_array() as $events ) {
			foreach ( array_keys( (array) $events ) as $hook ) {
				if ( str_starts_with( (string) $hook, BaseOAuth2Provider::CRON_HOOK ) ) {
					( new AuthAbilities() )->getAllProviders();
					return;
				}
			}
		}
	}

	/** Callback of `template_redirect`. */
	public static function answer(): void {
		$slug = self::slug();
		if ( null === $slug ) {
			return;
		}
		nocache_headers();
		header( 'Referrer-Policy: no-referrer' );
		$provider = ( new AuthAbilities() )->getProvider( $slug );
		if ( null === $provider || ! is_callable( array( $provider, 'handle_oauth_callback' ) ) ) {
			OAuthPage::show( __( 'No such service', 'datamachine-bridge' ), __( 'No plugin of this site connects accounts of that service.', 'datamachine-bridge' ), 404 );
			exit;
		}
		if ( ! self::permits( $slug ) ) {
			OAuthPage::show( __( 'Not allowed', 'datamachine-bridge' ), __( 'Sign in to this site as an administrator, and begin again.', 'datamachine-bridge' ), 403 );
			exit;
		}
		$provider->handle_oauth_callback();
		if ( ! OAuthPage::was_shown() && ! headers_sent() ) {
			self::finish();
		}
		exit;
	}

	/** The last word when the provider has not had it. */
	private static function finish(): void {
		$error = self::$outcome['error'] ?? null;
		if ( null === self::$outcome ) {
			OAuthPage::show( __( 'Nothing was connected', 'datamachine-bridge' ), __( 'The plugin did not say what became of it.', 'datamachine-bridge' ), 400 );
		} elseif ( null !== $error ) {
			OAuthPage::show( __( 'Not connected', 'datamachine-bridge' ), $error->get_error_message(), 400 );
		} else {
			OAuthPage::show( __( 'Connected', 'datamachine-bridge' ), __( 'The account is connected. You can close this window.', 'datamachine-bridge' ), 200 );
		}
	}

	private static function permits( string $slug ): bool {
		/**
		 * This filter is documented in hooks/product.json
		 *
		 * @var mixed $may
		 */
		$may = apply_filters( 'datamachine_oauth_can_handle_callback', PermissionHelper::can( 'manage_settings' ), $slug, wp_unslash( $_GET ) ); // phpcs:ignore WordPress.Security.NonceVerification -- each flow has a state of its own.
		return true === $may && is_user_logged_in();
	}

	/** The provider that the address names, whether or not its rewrite rule was ever stored. */
	private static function slug(): ?string {
		$asked = $_GET[ self::QUERY ] ?? null; // phpcs:ignore WordPress.Security -- compared with the registry's keys.
		if ( is_string( $asked ) ) {
			return sanitize_key( $asked );
		}
		$path = (string) wp_parse_url( (string) ( $_SERVER['REQUEST_URI'] ?? '' ), PHP_URL_PATH ); // phpcs:ignore WordPress.Security.ValidatedSanitizedInput -- matched below.
		$base = untrailingslashit( (string) wp_parse_url( site_url(), PHP_URL_PATH ) );
		return 1 === preg_match( '~\A' . preg_quote( $base . '/' . self::FOLDER, '~' ) . '/([A-Za-z0-9_-]+)/?\z~', $path, $found ) ? $found[1] : null;
	}
}
