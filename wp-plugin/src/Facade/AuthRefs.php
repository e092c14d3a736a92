<?php
/**
 * Puts credentials in place of a reference to them, just before a handler runs.
 *
 * A configuration that travels (in a bundle, an export) says `auth_ref: "provider:account"` and holds no secret.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Facade;

use DataMachine\Abilities\AuthAbilities;
use DataMachine\Bridge\Host\Params;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class AuthRefs {

	public static function register(): void {
		add_filter( 'datamachine_auth_ref_to_handler_config', array( self::class, 'resolve' ), 10, 3 );
	}

	/**
	 * `automation.auth_ref`: `{config, handler, context}` gives the configuration, or a WP_Error.
	 *
	 * @param array<string, mixed> $params
	 */
	public static function operation( array $params ): mixed {
		return self::resolve( Params::items( $params, 'config' ), Params::text( $params, 'handler' ), Params::items( $params, 'context' ) );
	}

	/**
	 * @param mixed $config  The handler's configuration.
	 * @param mixed $slug    The handler.
	 * @param mixed $context Where it runs.
	 * @return mixed The configuration, or a WP_Error.
	 */
	public static function resolve( $config, $slug = '', $context = array() ) {
		$ref = is_array( $config ) ? ( $config['auth_ref'] ?? null ) : null;
		if ( ! is_string( $ref ) || '' === $ref ) {
			return $config;
		}
		list( $key, $account ) = explode( ':', $ref, 2 ) + array( 1 => '' );
		$provider              = ( new AuthAbilities() )->getProvider( $key );
		if ( null === $provider || ! is_callable( array( $provider, 'resolve_auth_ref' ) ) ) {
			return new \WP_Error( 'auth_ref_unresolved', sprintf( 'No provider "%s" resolves credentials on this site.', $key ), array( 'status' => 400 ) );
		}
		$found = $provider->resolve_auth_ref( $account, is_string( $slug ) ? $slug : '', is_array( $context ) ? $context : array() );
		if ( is_wp_error( $found ) ) {
			return $found;
		}
		unset( $config['auth_ref'] );
		return array_merge( $config, is_array( $found ) ? $found : array() );
	}
}
