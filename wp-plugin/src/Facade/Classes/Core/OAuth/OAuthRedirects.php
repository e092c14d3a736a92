<?php
/**
 * How a flow of OAuth ended, for the page that the browser came back to.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\OAuth;

use DataMachine\Bridge\Facade\OAuthCallback;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/** Nothing redirects from in here: a provider may go on after it, and the page at the end shows what became of it. */
trait OAuthRedirects {

	protected function oauth_succeeded( string $provider_key ): bool {
		/** This action is documented in hooks/product.json */
		do_action( 'datamachine_log', 'info', 'OAuth: account connected', array( 'provider' => $provider_key ) );
		OAuthCallback::ended( $provider_key, null );
		return true;
	}

	/** @param string $code What a page and a log are told; the message is for people. */
	protected function oauth_failed( string $provider_key, string $code, string $message ): \WP_Error {
		$error = new \WP_Error( $code, $message, array( 'status' => 400 ) );
		/** This action is documented in hooks/product.json */
		do_action(
			'datamachine_log',
			'error',
			"OAuth: $message",
			array(
				'provider' => $provider_key,
				'code'     => $code,
			)
		);
		OAuthCallback::ended( $provider_key, $error );
		return $error;
	}

	/**
	 * Let the provider say whose account it is, and store that.
	 *
	 * @param array<string, mixed> $token As the service gave it.
	 */
	protected function oauth_store( string $provider_key, array $token, callable $account_details_fn, ?callable $storage_fn ): bool|\WP_Error {
		$account = $account_details_fn( $token );
		if ( is_wp_error( $account ) ) {
			return $this->oauth_failed( $provider_key, 'account_fetch_failed', $account->get_error_message() );
		}
		if ( ! is_array( $account ) || array() === $account ) {
			return $this->oauth_failed( $provider_key, 'account_fetch_failed', 'The service did not say whose account it is.' );
		}
		$stored = null === $storage_fn ? $this->oauth_default_storage( $provider_key, $account ) : $storage_fn( $account );
		// What stores may return nothing.
		if ( false === $stored || is_wp_error( $stored ) ) {
			return $this->oauth_failed( $provider_key, 'storage_failed', 'The account could not be stored.' );
		}
		return $this->oauth_succeeded( $provider_key );
	}

	/** @param array<string, mixed> $account */
	private function oauth_default_storage( string $provider_key, array $account ): bool {
		$provider = ( new \DataMachine\Abilities\AuthAbilities() )->getProvider( $provider_key );
		return $provider instanceof BaseAuthProvider && $provider->save_account( $account );
	}

	/** A parameter of the page the browser came back to; '' for none. */
	private function oauth_given( string $name ): string {
		$value = $_GET[ $name ] ?? $_POST[ $name ] ?? ''; // phpcs:ignore WordPress.Security -- the state of the flow stands in for a nonce; cleaned below.
		// A code or a token is handed back byte for byte; control characters are in none.
		return is_string( $value ) ? (string) preg_replace( '/[\x00-\x1F\x7F]/', '', wp_unslash( $value ) ) : '';
	}
}
