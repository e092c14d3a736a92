<?php
/**
 * What Python asks about the tokens of other sites: it sends the requests, WordPress has the keys.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\External;

use DataMachine\Abilities\PermissionHelper;
use DataMachine\Bridge\Authorize\RedirectUri;
use DataMachine\Bridge\Host\Acting;
use DataMachine\Bridge\Host\Failure;
use DataMachine\Bridge\Host\Operations;
use DataMachine\Bridge\Host\Params;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class HostOperations {

	public static function register(): void {
		foreach ( array( 'list', 'get', 'put', 'remove', 'begin' ) as $operation ) {
			Operations::register( "external.$operation", array( self::class, $operation ) );
		}
	}

	/**
	 * `{}` gives a row a token, without the tokens.
	 *
	 * @param array<string, mixed> $params
	 * @return list<array<string, mixed>>
	 */
	public static function list( array $params ): array {
		unset( $params );
		self::must();
		return array_map( self::row( ... ), array_map( 'strval', array_keys( Store::all() ) ) );
	}

	/**
	 * `{key}` gives the row with its token in clear, or null.
	 *
	 * @param array<string, mixed> $params
	 * @return array<string, mixed>|null
	 */
	public static function get( array $params ): ?array {
		self::must();
		$key = Params::text( $params, 'key' );
		if ( null === Store::find( $key ) ) {
			return null;
		}
		$token = Store::token( $key );
		if ( null === $token ) {
			/* translators: %s: site and agent. */
			throw new Failure( 'external_token_unreadable', sprintf( __( 'The token for "%s" cannot be read: the keys and salts of this WordPress have changed since it was stored. Store it again.', 'datamachine-bridge' ), $key ), 409 );
		}
		return self::row( $key ) + array( 'token' => $token );
	}

	/**
	 * `{remote_site, scheme, agent_slug, agent_id, token}` gives the row.
	 *
	 * @param array<string, mixed> $params
	 * @return array<string, mixed>
	 */
	public static function put( #[\SensitiveParameter] array $params ): array {
		self::must();
		$key = Store::put(
			Params::text( $params, 'remote_site' ),
			Params::text( $params, 'scheme' ),
			Params::text( $params, 'agent_slug' ),
			Params::id( $params, 'agent_id' ),
			Params::text( $params, 'token' )
		);
		return self::row( $key );
	}

	/** @param array<string, mixed> $params `{key}`; false when there is none. */
	public static function remove( array $params ): bool {
		self::must();
		return Store::remove( Params::text( $params, 'key' ) );
	}

	/**
	 * `{remote_site, scheme, agent_slug, label, redirect_uri, user_id}` gives `{authorize_url, redirect_uri, expires_in}`.
	 *
	 * @param array<string, mixed> $params
	 * @return array{authorize_url: string, redirect_uri: string, expires_in: int}
	 */
	public static function begin( array $params ): array {
		self::must();
		$redirect_uri = (string) ( $params['redirect_uri'] ?? '' );
		if ( '' !== $redirect_uri && null === RedirectUri::parse( $redirect_uri ) ) {
			throw new Failure( 'invalid_redirect_uri', __( 'The redirect URI is no plain http or https address.', 'datamachine-bridge' ), 400 );
		}
		// Operators may name anybody, or nobody; everybody else begins for themselves.
		$user_id = self::unlimited() ? Params::id( $params, 'user_id', 0 ) : PermissionHelper::acting_user_id();
		return Pending::begin(
			Params::text( $params, 'remote_site' ),
			Params::text( $params, 'scheme' ),
			Params::text( $params, 'agent_slug' ),
			mb_substr( sanitize_text_field( (string) ( $params['label'] ?? '' ) ), 0, 200 ),
			$redirect_uri,
			$user_id
		);
	}

	/** @return array<string, mixed> */
	private static function row( string $key ): array {
		$record = Store::all()[ $key ];
		return array(
			'key'         => $key,
			'remote_site' => $record['remote_site'],
			'agent_slug'  => $record['agent_slug'],
			'agent_id'    => $record['agent_id'],
			'received_at' => $record['received_at'],
			'has_token'   => '' !== $record['token'],
			'scheme'      => $record['scheme'],
		);
	}

	/** @throws Failure */
	private static function must(): void {
		if ( ! Access::permits() && ! self::unlimited() ) {
			throw new Failure(
				'forbidden',
				sprintf( 'User %d does not administer this site.', PermissionHelper::acting_user_id() ),
				is_user_logged_in() ? 403 : 401
			);
		}
	}

	/** The site itself or its operator; an acting agent is neither. */
	private static function unlimited(): bool {
		return PermissionHelper::is_unlimited() || ( ! PermissionHelper::in_agent_context() && Acting::is_system() );
	}
}
