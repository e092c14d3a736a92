<?php
/**
 * OAuth 2.0 as a client: authorization code with or without PKCE, and the implicit grant of older services.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\OAuth;

use DataMachine\Bridge\Facade\OAuthPage;
use DataMachine\Core\HttpClient;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class OAuth2Handler {

	use OAuthRedirects;

	/** Of what travels with a state, in bytes of JSON. */
	public const MAX_PAYLOAD_SIZE = 4096;

	private const STATE    = 'datamachine_oauth2_state_';
	private const VERIFIER = 'datamachine_oauth2_pkce_';

	/** How long a person may take at the other site, in seconds. */
	private const PATIENCE = 900;

	/** @var array<string, array<string, mixed>> Payloads of states that were verified in this request. */
	private static array $verified = array();

	/**
	 * A state that comes back once, within a quarter of an hour, with whoever began.
	 *
	 * @param array<string, mixed> $payload What to find again afterwards.
	 * @throws \InvalidArgumentException When the payload is too large.
	 */
	public function create_state( string $provider_key, array $payload = array() ): string {
		if ( strlen( (string) wp_json_encode( $payload ) ) > self::MAX_PAYLOAD_SIZE ) {
			throw new \InvalidArgumentException( sprintf( 'The payload of an OAuth state has at most %d bytes.', self::MAX_PAYLOAD_SIZE ) );
		}
		$state = bin2hex( random_bytes( 32 ) );
		set_transient(
			self::state_key( $provider_key, $state ),
			array(
				'user_id' => get_current_user_id(),
				'payload' => $payload,
			),
			self::PATIENCE
		);
		return $state;
	}

	/**
	 * Whether the state was given out for this provider and this user; it is used up by the question.
	 *
	 * @return bool
	 */
	public function verify_state( string $provider_key, string $state ) {
		$known = $this->known( $provider_key, $state );
		if ( null === $known ) {
			return false;
		}
		delete_transient( self::state_key( $provider_key, $state ) );
		self::$verified[ self::state_key( $provider_key, $state ) ] = $known['payload'];
		return true;
	}

	/**
	 * What was given to create_state(), before the state is verified and, in the same request, after it.
	 *
	 * @return array<string, mixed>|null Null for a state that is not known.
	 */
	public function get_state_payload( string $provider_key, string $state ) {
		return self::$verified[ self::state_key( $provider_key, $state ) ] ?? $this->known( $provider_key, $state )['payload'] ?? null;
	}

	/**
	 * A new proof key (RFC 7636); handle_callback() sends its verifier.
	 *
	 * @return array{code_verifier: string, code_challenge: string, code_challenge_method: 'S256'}
	 */
	public function create_pkce( string $provider_key ): array {
		$verifier = self::base64url( random_bytes( 32 ) );
		set_transient( self::verifier_key( $provider_key ), $verifier, self::PATIENCE );
		return array(
			'code_verifier'         => $verifier,
			'code_challenge'        => self::base64url( hash( 'sha256', $verifier, true ) ),
			'code_challenge_method' => 'S256',
		);
	}

	/** The verifier of this user's flow; each is given once. */
	public function get_pkce_verifier( string $provider_key ): ?string {
		$verifier = get_transient( self::verifier_key( $provider_key ) );
		delete_transient( self::verifier_key( $provider_key ) );
		return is_string( $verifier ) && '' !== $verifier ? $verifier : null;
	}

	/** @param array<string, mixed> $params Of the query; empty ones are left out. */
	public function get_authorization_url( string $auth_url, array $params ): string {
		$params = array_filter( $params, static fn ( $value ): bool => null !== $value && '' !== $value );
		return $auth_url . ( str_contains( $auth_url, '?' ) ? '&' : '?' ) . http_build_query( $params, '', '&', PHP_QUERY_RFC3986 );
	}

	/**
	 * The browser is back: check the state, exchange the code, store the account.
	 *
	 * @param array<string, mixed> $token_params       Of the exchange; `headers` of the request may stand among them.
	 * @param callable             $account_details_fn Makes the account's data, or a WP_Error, of the token's.
	 * @param ?callable            $token_transform_fn Exchanges the token once more.
	 * @param ?callable            $storage_fn         Stores the account; the provider of that key does otherwise.
	 * @return bool|\WP_Error
	 */
	public function handle_callback( string $provider_key, string $token_url, array $token_params, callable $account_details_fn, ?callable $token_transform_fn = null, ?callable $storage_fn = null ) {
		$early = $this->objection( $provider_key );
		if ( null !== $early ) {
			return $early;
		}
		$token_params += array( 'code' => $this->oauth_given( 'code' ) );
		if ( '' === (string) $token_params['code'] ) {
			return $this->oauth_failed( $provider_key, 'missing_code', 'The service sent no code.' );
		}
		$token = $this->exchange( $token_url, $this->with_verifier( $provider_key, $token_params ), $provider_key );
		if ( ! is_wp_error( $token ) && null !== $token_transform_fn ) {
			$token = $token_transform_fn( $token );
			$token = is_array( $token ) || is_wp_error( $token ) ? $token : new \WP_Error( 'token_transform_failed', 'The token could not be exchanged for a lasting one.' );
			if ( is_wp_error( $token ) ) {
				return $this->oauth_failed( $provider_key, 'token_transform_failed', $token->get_error_message() );
			}
		}
		if ( is_wp_error( $token ) ) {
			return $this->oauth_failed( $provider_key, 'token_exchange_failed', $token->get_error_message() );
		}
		return $this->oauth_store( $provider_key, $token, $account_details_fn, $storage_fn );
	}

	/** The page that carries what stands behind the `#` of its own address to the callback, in a form's body. */
	public function render_implicit_callback_page( string $provider_key, string $callback_url ): void {
		OAuthPage::fragment( $provider_key, $callback_url );
	}

	/** As handle_callback(), for a token that the browser itself brings. */
	public function handle_implicit_callback( string $provider_key, callable $account_details_fn, ?callable $storage_fn = null ): void {
		if ( null !== $this->objection( $provider_key ) ) {
			return;
		}
		$token = array( 'access_token' => $this->oauth_given( 'access_token' ) );
		if ( '' === $token['access_token'] ) {
			$this->oauth_failed( $provider_key, 'missing_token', 'The service sent no token.' );
			return;
		}
		foreach ( array( 'token_type', 'expires_in', 'scope', 'refresh_token' ) as $name ) {
			$value = $this->oauth_given( $name );
			if ( '' !== $value ) {
				$token[ $name ] = $value;
			}
		}
		$this->oauth_store( $provider_key, self::with_expiry( $token ), $account_details_fn, $storage_fn );
	}

	/** What the service or the state says against going on. */
	private function objection( string $provider_key ): ?\WP_Error {
		if ( ! $this->verify_state( $provider_key, $this->oauth_given( 'state' ) ) ) {
			return $this->oauth_failed( $provider_key, 'invalid_state', 'This answer belongs to no flow that was begun here, or came too late or twice.' );
		}
		if ( '' !== $this->oauth_given( 'error' ) ) {
			$words = $this->oauth_given( 'error_description' );
			return $this->oauth_failed( $provider_key, 'oauth_denied', '' === $words ? 'Access was denied: ' . $this->oauth_given( 'error' ) : $words );
		}
		return null;
	}

	/**
	 * @param array<string, mixed> $params
	 * @return array<string, mixed>|\WP_Error
	 */
	private function exchange( string $token_url, array $params, string $provider_key ): array|\WP_Error {
		$headers = is_array( $params['headers'] ?? null ) ? $params['headers'] : array();
		unset( $params['headers'] );
		$answer = HttpClient::post(
			$token_url,
			array(
				'headers' => $headers + array(
					'Accept'       => 'application/json',
					'Content-Type' => 'application/x-www-form-urlencoded',
				),
				'body'    => $params,
				'timeout' => 30,
				'context' => "OAuth of $provider_key",
			)
		);
		if ( ! $answer['success'] ) {
			return new \WP_Error( 'token_exchange_failed', $answer['error'] );
		}
		$token = json_decode( $answer['data'], true );
		if ( ! is_array( $token ) ) {
			// Some services answer as a form.
			parse_str( $answer['data'], $token );
		}
		if ( ! is_string( $token['access_token'] ?? null ) || '' === $token['access_token'] ) {
			$words = $token['error_description'] ?? $token['error'] ?? null;
			return new \WP_Error( 'token_exchange_failed', is_string( $words ) ? $words : 'The service gave no token.' );
		}
		return self::with_expiry( $token );
	}

	/**
	 * @param array<string, mixed> $params
	 * @return array<string, mixed>
	 */
	private function with_verifier( string $provider_key, array $params ): array {
		$verifier = $this->get_pkce_verifier( $provider_key );
		return null === $verifier ? $params : $params + array( 'code_verifier' => $verifier );
	}

	/**
	 * @param array<string, mixed> $token
	 * @return array<string, mixed> With `expires_at`, a Unix time, when the service says how long it lasts.
	 */
	private static function with_expiry( array $token ): array {
		return is_numeric( $token['expires_in'] ?? null ) ? $token + array( 'expires_at' => time() + (int) $token['expires_in'] ) : $token;
	}

	/** @return array{user_id: int, payload: array<string, mixed>}|null */
	private function known( string $provider_key, string $state ): ?array {
		$found = '' === $state ? false : get_transient( self::state_key( $provider_key, $state ) );
		return is_array( $found ) && get_current_user_id() === ( $found['user_id'] ?? null ) && is_array( $found['payload'] ?? null ) ? $found : null;
	}

	private static function state_key( string $provider_key, string $state ): string {
		return self::STATE . substr( hash( 'sha256', "$provider_key $state" ), 0, 40 );
	}

	private static function verifier_key( string $provider_key ): string {
		return self::VERIFIER . substr( hash( 'sha256', $provider_key . ' ' . get_current_user_id() ), 0, 40 );
	}

	private static function base64url( string $bytes ): string {
		return rtrim( strtr( base64_encode( $bytes ), '+/', '-_' ), '=' );
	}
}
