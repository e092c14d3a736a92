<?php
/**
 * What may be shown and changed of the accounts that providers keep.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Facade;

use DataMachine\Core\OAuth\BaseAuthProvider;
use DataMachine\Core\OAuth\BaseOAuth1Provider;
use DataMachine\Core\OAuth\BaseOAuth2Provider;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Accounts {

	private const MASK = '********';

	/** What is never shown, whatever a provider answers about its account. */
	private const SECRET = '/token|secret|password|key|credential|session|jwt/i';

	/** `oauth2`, `oauth1` or `simple`. */
	public static function kind( object $provider ): string {
		return match ( true ) {
			$provider instanceof BaseOAuth2Provider => 'oauth2',
			$provider instanceof BaseOAuth1Provider => 'oauth1',
			default                                 => 'simple',
		};
	}

	/** @return array<string, mixed> */
	public static function describe( object $provider ): array {
		$known = $provider instanceof BaseAuthProvider;
		return array(
			'auth_type'        => self::kind( $provider ),
			'auth_fields'      => is_callable( array( $provider, 'get_config_fields' ) ) ? $provider->get_config_fields() : array(),
			'is_configured'    => $known && $provider->is_configured(),
			'is_authenticated' => is_callable( array( $provider, 'is_authenticated' ) ) && true === $provider->is_authenticated(),
			'config'           => $known ? self::masked( $provider->get_config() ) : array(),
			'username'         => $known ? $provider->get_username() : null,
			'account_details'  => $known ? self::masked( $provider->get_account_details() ?? array() ) : array(),
			'callback_url'     => $known && 'simple' !== self::kind( $provider ) ? $provider->get_callback_url() : null,
		);
	}

	/**
	 * Where a person goes to connect an account. Asking for it begins a flow, so only those are asked that are configured.
	 *
	 * @return array{oauth_url?: string}
	 */
	public static function address( object $provider ): array {
		if ( ! ( $provider instanceof BaseOAuth1Provider || $provider instanceof BaseOAuth2Provider ) || ! $provider->is_configured() ) {
			return array();
		}
		$url = $provider->get_authorization_url();
		return '' === $url ? array() : array( 'oauth_url' => $url );
	}

	/**
	 * The stored configuration with what was given in it.
	 *
	 * @param array<string, mixed> $given
	 * @return array<string, mixed>|\WP_Error
	 */
	public static function config( BaseAuthProvider $provider, array $given ): array|\WP_Error {
		$config = $provider->get_config();
		$fields = $provider->get_config_fields();
		$odd    = array_diff( array_map( 'strval', array_keys( $given ) ), array_map( 'strval', array_keys( $fields ) ) );
		if ( array() !== $odd ) {
			return new \WP_Error( 'unknown_fields', sprintf( 'There is no setting %s.', implode( ', ', $odd ) ) );
		}
		if ( array() === $given ) {
			return new \WP_Error( 'no_fields', 'Nothing was given to be saved.' );
		}
		foreach ( $fields as $key => $field ) {
			$value = $given[ $key ] ?? null;
			if ( null !== $value && ! is_scalar( $value ) ) {
				return new \WP_Error( 'invalid_field', sprintf( '%s is a text.', (string) ( $field['label'] ?? $key ) ) );
			}
			if ( is_scalar( $value ) && self::MASK !== $value ) {
				// A secret is kept byte for byte; a tag or a line break is in none.
				$config[ $key ] = is_string( $value ) ? trim( (string) preg_replace( '/[\x00-\x1F\x7F]/', '', $value ) ) : $value;
			}
			if ( ! empty( $field['required'] ) && '' === (string) ( $config[ $key ] ?? '' ) ) {
				return new \WP_Error( 'missing_field', sprintf( '%s is required.', (string) ( $field['label'] ?? $key ) ) );
			}
		}
		return $config;
	}

	/** A renewal that does not wait for the token's last days: what subclasses may change stays theirs. */
	public static function renew( BaseOAuth2Provider $provider ): bool {
		$renew = fn (): ?string => $this->attempt_recovery_refresh(); // phpcs:ignore -- bound to the provider below.
		return null !== $renew->call( $provider );
	}

	/**
	 * @param array<string, mixed> $values
	 * @return array<string, mixed>
	 */
	private static function masked( array $values ): array {
		foreach ( $values as $key => $value ) {
			if ( is_array( $value ) ) {
				$values[ $key ] = self::masked( $value );
			} elseif ( is_string( $value ) && '' !== $value && 1 === preg_match( self::SECRET, (string) $key ) ) {
				$values[ $key ] = self::MASK;
			}
		}
		return $values;
	}
}
