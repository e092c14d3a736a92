<?php
namespace TideEvents;

use DataMachine\Core\HttpClient;

class Auth extends \DataMachine\Core\OAuth\BaseOAuth2Provider {

	const AUTHORIZE = 'https://tide.example/oauth/authorize';
	const TOKEN     = 'https://tide.example/oauth/token';

	public function __construct() {
		parent::__construct( 'tide' );
	}

	public function get_config_fields(): array {
		return array(
			'client_id'     => array( 'label' => 'Client ID', 'type' => 'text', 'required' => true ),
			'client_secret' => array( 'label' => 'Client Secret', 'type' => 'password', 'required' => true ),
		);
	}

	public function uses_pkce(): bool {
		return true;
	}

	protected function get_refresh_buffer_seconds(): int {
		return 300;
	}

	public function get_authorization_url(): string {
		$params = $this->build_auth_url_params( array( 'from' => 'settings' ) );
		return $this->oauth2->get_authorization_url( self::AUTHORIZE, array_merge( $params, array( 'scope' => 'events:read' ) ) );
	}

	public function handle_oauth_callback() {
		$config = $this->get_config();
		$code   = isset( $_GET['code'] ) ? sanitize_text_field( wp_unslash( $_GET['code'] ) ) : '';
		$this->oauth2->handle_callback(
			'tide',
			self::TOKEN,
			array(
				'grant_type'   => 'authorization_code',
				'code'         => $code,
				'redirect_uri' => $this->get_callback_url(),
				'headers'      => array( 'Authorization' => 'Basic ' . base64_encode( $config['client_id'] . ':' . $config['client_secret'] ) ),
			),
			function ( $token ) {
				return array(
					'access_token'     => $token['access_token'],
					'refresh_token'    => $token['refresh_token'] ?? null,
					'token_expires_at' => time() + intval( $token['expires_in'] ),
					'username'         => $token['user'] ?? '',
				);
			},
			null,
			function ( $account ) {
				$this->save_account( $account );
				$this->schedule_proactive_refresh();
			}
		);
	}

	protected function do_refresh_token( string $current_token ): array|\WP_Error|null {
		$account = $this->get_account();
		if ( empty( $account['refresh_token'] ) ) {
			return null;
		}
		$result = HttpClient::post( self::TOKEN, array( 'body' => array( 'grant_type' => 'refresh_token', 'refresh_token' => $account['refresh_token'] ), 'context' => 'Tide refresh' ) );
		if ( ! $result['success'] ) {
			return new \WP_Error( 'tide_refresh', $result['error'] );
		}
		$data = json_decode( $result['data'], true );
		return array( 'access_token' => $data['access_token'], 'expires_at' => time() + intval( $data['expires_in'] ) );
	}
}
