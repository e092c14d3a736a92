<?php
/**
 * OAuth 1.0a as a client: three legs, requests signed with HMAC-SHA1.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\OAuth;

use DataMachine\Bridge\External\Cipher;
use DataMachine\Bridge\Facade\OAuthSignature;
use DataMachine\Core\HttpClient;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class OAuth1Handler {

	use OAuthRedirects;

	public const TEMP_TOKEN_SECRET_PREFIX = 'datamachine_oauth1_temp_secret_';

	/** How long a person may take at the other site, in seconds. */
	private const PATIENCE = 900;

	/** @return array<string, string>|\WP_Error `oauth_token` and what else the service answered. */
	public function get_request_token( string $request_token_url, string $consumer_key, string $consumer_secret, string $callback_url, string $provider_key = 'oauth1' ) {
		$answer = $this->signed( $request_token_url, $consumer_key, $consumer_secret, array( 'oauth_callback' => $callback_url ), '', $provider_key );
		if ( is_wp_error( $answer ) ) {
			return new \WP_Error( 'request_token_failed', $answer->get_error_message() );
		}
		$place = self::key( $provider_key, $answer['oauth_token'] );
		set_transient( $place, Cipher::encrypt( $answer['oauth_token_secret'], $place ), self::PATIENCE );
		return $answer;
	}

	public function get_authorization_url( string $authorize_url, string $oauth_token, string $provider_key = 'oauth1' ): string { // phpcs:ignore Generic.CodeAnalysis.UnusedFunctionParameter -- the signature of old.
		return $authorize_url . ( str_contains( $authorize_url, '?' ) ? '&' : '?' ) . 'oauth_token=' . rawurlencode( $oauth_token );
	}

	/**
	 * The browser is back: exchange the token, store the account.
	 *
	 * @param callable  $account_details_fn Makes the account's data, or a WP_Error, of the token's.
	 * @param ?callable $storage_fn         Stores the account; the provider of that key does otherwise.
	 * @return bool|\WP_Error
	 */
	public function handle_callback( string $provider_key, string $access_token_url, string $consumer_key, string $consumer_secret, callable $account_details_fn, ?callable $storage_fn = null ) {
		if ( '' !== $this->oauth_given( 'denied' ) ) {
			return $this->oauth_failed( $provider_key, 'access_denied', 'Access was denied.' );
		}
		$token    = $this->oauth_given( 'oauth_token' );
		$verifier = $this->oauth_given( 'oauth_verifier' );
		if ( '' === $token || '' === $verifier ) {
			return $this->oauth_failed( $provider_key, 'missing_parameters', 'The service sent no token or no verifier.' );
		}
		$place  = self::key( $provider_key, $token );
		$stored = get_transient( $place );
		delete_transient( $place );
		$secret = is_string( $stored ) ? Cipher::decrypt( $stored, $place ) : null;
		if ( null === $secret ) {
			return $this->oauth_failed( $provider_key, 'token_secret_expired', 'This answer belongs to no flow that was begun here, or came too late or twice.' );
		}
		$parameters = array(
			'oauth_token'    => $token,
			'oauth_verifier' => $verifier,
		);
		$answer     = $this->signed( $access_token_url, $consumer_key, $consumer_secret, $parameters, $secret, $provider_key );
		if ( is_wp_error( $answer ) ) {
			return $this->oauth_failed( $provider_key, 'access_token_failed', $answer->get_error_message() );
		}
		return $this->oauth_store( $provider_key, $answer, $account_details_fn, $storage_fn );
	}

	/**
	 * @param array<string, string> $parameters Of OAuth, beside the usual ones.
	 * @return array<string, string>|\WP_Error With `oauth_token` and `oauth_token_secret`.
	 */
	private function signed( string $url, string $consumer_key, string $consumer_secret, array $parameters, string $token_secret, string $provider_key ): array|\WP_Error {
		$answer = HttpClient::post(
			$url,
			array(
				'headers' => array( 'Authorization' => OAuthSignature::header( 'POST', $url, $consumer_key, $consumer_secret, $parameters, $token_secret, time(), bin2hex( random_bytes( 16 ) ) ) ),
				'timeout' => 30,
				'context' => "OAuth of $provider_key",
			)
		);
		if ( ! $answer['success'] ) {
			return new \WP_Error( 'oauth1_failed', $answer['error'] );
		}
		parse_str( $answer['data'], $given );
		$given = array_filter( $given, 'is_string' );
		if ( '' === ( $given['oauth_token'] ?? '' ) || ! isset( $given['oauth_token_secret'] ) ) {
			return new \WP_Error( 'oauth1_failed', 'The service gave no token.' );
		}
		return $given;
	}

	/** Whoever began comes back: the secret is kept with the user. */
	private static function key( string $provider_key, string $token ): string {
		return self::TEMP_TOKEN_SECRET_PREFIX . substr( hash( 'sha256', $provider_key . ' ' . get_current_user_id() . ' ' . $token ), 0, 40 );
	}
}
