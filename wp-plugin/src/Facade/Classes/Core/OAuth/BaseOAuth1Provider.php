<?php
/**
 * What a provider of OAuth 1.0a accounts extends.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\OAuth;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

abstract class BaseOAuth1Provider extends BaseAuthProvider {

	/** @var OAuth1Handler */
	protected $oauth1;

	public function __construct( string $provider_slug ) {
		parent::__construct( $provider_slug );
		$this->oauth1 = new OAuth1Handler();
	}

	/** The application's key and secret, under either of their names. */
	public function is_configured(): bool {
		$config = $this->get_config();
		return ( ! empty( $config['api_key'] ) && ! empty( $config['api_secret'] ) ) || ( ! empty( $config['consumer_key'] ) && ! empty( $config['consumer_secret'] ) );
	}

	public function is_authenticated(): bool {
		$account = $this->get_account();
		return ! empty( $account['access_token'] ) && ! empty( $account['access_token_secret'] );
	}

	abstract public function get_authorization_url(): string;

	/** The browser is back from the service; hand over to {@see OAuth1Handler::handle_callback()}. */
	abstract public function handle_oauth_callback();

	/** The second half of the credential is as secret as the first. */
	protected function get_encrypted_fields(): array {
		return array_values( array_unique( array_merge( parent::get_encrypted_fields(), array( 'access_token_secret' ) ) ) );
	}
}
