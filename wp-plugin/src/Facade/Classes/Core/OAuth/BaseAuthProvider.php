<?php
/**
 * What a provider of credentials extends.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\OAuth;

use DataMachine\Bridge\External\Cipher;
use DataMachine\Bridge\Facade\Lock;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/**
 * Kept in the network option `datamachine_auth_data`: `{slug: {config, account}}`. Secret fields are stored encrypted; what
 * this site cannot decrypt (keys of wp-config.php that changed, another site's database) reads as empty.
 */
abstract class BaseAuthProvider {

	public const ENCRYPTION_PREFIX = 'dm:enc:v1:';
	public const CIPHER_ALGO       = 'aes-256-gcm';
	public const AUTH_TAG_LENGTH   = 16;
	public const ENCRYPTED_FIELDS  = array( 'access_token', 'refresh_token', 'oauth_token', 'oauth_token_secret', 'app_secret', 'client_secret', 'consumer_secret', 'api_secret', 'webhook_secret' );

	private const OPTION = 'datamachine_auth_data';

	/** @var string */
	protected $provider_slug;

	public function __construct( string $provider_slug ) {
		$this->provider_slug = $provider_slug;
	}

	/** @return array<string, array<string, mixed>> */
	abstract public function get_config_fields(): array;

	abstract public function is_authenticated(): bool;

	public function get_provider_slug(): string {
		return $this->provider_slug;
	}

	/**
	 * The reference that stands for a configuration's credentials elsewhere; null when there are none.
	 *
	 * @param array<string, mixed> $handler_config
	 * @param array<string, mixed> $context
	 */
	public function get_auth_ref_for_config( array $handler_config, string $handler_slug = '', array $context = array() ): ?string { // phpcs:ignore Generic.CodeAnalysis.UnusedFunctionParameter -- overridden.
		return $this->is_authenticated() ? $this->provider_slug . ':default' : null;
	}

	/**
	 * What a reference adds to a handler's configuration. Handlers ask their provider themselves, so it is nothing unless a
	 * subclass says so.
	 *
	 * @param array<string, mixed> $context
	 * @return array<string, mixed>|\WP_Error
	 */
	public function resolve_auth_ref( string $account, string $handler_slug = '', array $context = array() ): \WP_Error|array { // phpcs:ignore Generic.CodeAnalysis.UnusedFunctionParameter -- overridden.
		return $this->is_authenticated() ? array() : new \WP_Error( 'auth_ref_unresolved', sprintf( 'The account of "%s" is not connected on this site.', $this->provider_slug ), array( 'status' => 400 ) );
	}

	/**
	 * @param array<string, mixed> $handler_config
	 * @return array<string, mixed>
	 */
	public function strip_auth_config_secrets( array $handler_config ): array {
		return array_diff_key( $handler_config, array_flip( $this->get_encrypted_fields() ) );
	}

	/** Whether anything was configured; a provider without fields needs nothing. */
	public function is_configured(): bool {
		return array() === $this->get_config_fields() || array() !== array_filter( $this->get_config() );
	}

	public function get_callback_url(): string {
		/** This filter is documented in hooks/product.json */
		return (string) apply_filters( 'datamachine_oauth_callback_url', site_url( '/datamachine-auth/' . $this->provider_slug . '/' ), $this->provider_slug );
	}

	/** @return array<string, mixed> */
	public function get_account(): array {
		return $this->read( 'account' );
	}

	/** @return array<string, mixed> */
	public function get_config(): array {
		return $this->read( 'config' );
	}

	/** @param array<string, mixed> $data */
	public function save_account( array $data ): bool {
		return $this->write( 'account', $data );
	}

	/** @param array<string, mixed> $data */
	public function save_config( array $data ): bool {
		return $this->write( 'config', $data );
	}

	public function clear_account(): bool {
		return $this->write( 'account', array() );
	}

	public function get_username(): ?string {
		$name = $this->get_account()['username'] ?? null;
		return is_string( $name ) && '' !== $name ? $name : null;
	}

	/** @return array<string, mixed>|null What may be shown of the account. */
	public function get_account_details(): ?array {
		$account = $this->get_account();
		return array() === $account ? null : $this->strip_auth_config_secrets( $account );
	}

	/** @return list<string> */
	protected function get_encrypted_fields(): array {
		/** This filter is documented in hooks/product.json */
		$fields = apply_filters( 'datamachine_auth_encrypted_fields', self::ENCRYPTED_FIELDS, $this->provider_slug );
		return array_values( array_filter( is_array( $fields ) ? $fields : self::ENCRYPTED_FIELDS, 'is_string' ) );
	}

	/**
	 * @param array<string, mixed> $data
	 * @return array<string, mixed>
	 */
	protected function encrypt_fields( array $data ): array {
		foreach ( $this->get_encrypted_fields() as $field ) {
			$value = $data[ $field ] ?? null;
			if ( is_string( $value ) && '' !== $value && ! Cipher::is_encrypted( $value ) ) {
				$data[ $field ] = Cipher::encrypt( $value, $this->place( $field ) );
			}
		}
		return $data;
	}

	/**
	 * @param array<string, mixed> $data
	 * @return array<string, mixed>
	 */
	protected function decrypt_fields( array $data ): array {
		foreach ( $data as $field => $value ) {
			if ( is_string( $value ) && Cipher::is_encrypted( $value ) ) {
				$data[ $field ] = Cipher::decrypt( $value, $this->place( (string) $field ) ) ?? '';
			}
		}
		return $data;
	}

	/** @return array<string, mixed> */
	private function read( string $part ): array {
		$all  = get_site_option( self::OPTION, array() );
		$data = is_array( $all ) ? ( $all[ $this->provider_slug ][ $part ] ?? array() ) : array();
		return is_array( $data ) ? $this->decrypt_fields( $data ) : array();
	}

	/** Reads the accounts again, as another process may have written them since. */
	protected static function forget_cached(): void {
		// Also that there were none: the first account may be another process's.
		if ( is_multisite() ) {
			wp_cache_delete( get_current_network_id() . ':' . self::OPTION, 'site-options' );
			wp_cache_delete( get_current_network_id() . ':notoptions', 'site-options' );
			return;
		}
		wp_cache_delete( self::OPTION, 'options' );
		wp_cache_delete( 'alloptions', 'options' );
		wp_cache_delete( 'notoptions', 'options' );
	}

	/**
	 * All providers share one option: two that are written at once must not lose each other's account.
	 *
	 * @param array<string, mixed> $data
	 */
	private function write( string $part, array $data ): bool {
		$data = $this->encrypt_fields( $data );
		return Lock::during(
			self::OPTION,
			function () use ( $part, $data ): bool {
				self::forget_cached();
				$all                                  = get_site_option( self::OPTION, array() );
				$all                                  = is_array( $all ) ? $all : array();
				$all[ $this->provider_slug ][ $part ] = $data;
				// Unchanged is no failure, though WordPress answers false.
				return update_site_option( self::OPTION, $all ) || get_site_option( self::OPTION ) === $all;
			}
		);
	}

	private function place( string $field ): string {
		return 'auth ' . $this->provider_slug . ' ' . $field;
	}
}
