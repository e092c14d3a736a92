<?php
/**
 * `/datamachine/v1/auth/...`: accounts of other services, whose providers are objects of PHP plugins.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Facade;

use DataMachine\Abilities\AuthAbilities;
use DataMachine\Bridge\Rest\Module as Rest;
use DataMachine\Bridge\Rest\Permission;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class AuthRoutes {

	private const HANDLER = '/auth/(?P<handler_slug>[a-zA-Z0-9_\-]+)';

	/** Callback of `rest_api_init`. */
	public static function register(): void {
		self::route( '/auth/providers', 'GET', static fn ( AuthAbilities $auth, array $input ): array => $auth->executeListProviders( $input ) );
		self::route( self::HANDLER . '/status', 'GET', static fn ( AuthAbilities $auth, array $input ): array => $auth->executeGetAuthStatus( $input ) );
		self::route( self::HANDLER, 'PUT', static fn ( AuthAbilities $auth, array $input, array $body ): array => $auth->executeSaveAuthConfig( $input + array( 'config' => $body ) ) );
		self::route( self::HANDLER, 'DELETE', static fn ( AuthAbilities $auth, array $input ): array => $auth->executeDisconnectAuth( $input ) );
		self::route( self::HANDLER . '/refresh', 'POST', static fn ( AuthAbilities $auth, array $input ): array => $auth->executeRefreshAuth( $input ) );
		self::route( self::HANDLER . '/token', 'PUT', static fn ( AuthAbilities $auth, array $input, array $body ): array => $auth->executeSetAuthToken( $input + array( 'account_data' => $body ) ) );
	}

	/** @param callable( AuthAbilities, array<string, mixed>, array<string, mixed> ): array<string, mixed> $work */
	private static function route( string $path, string $method, callable $work ): void {
		$permission = new Permission(
			array(
				'action'  => 'manage_settings',
				'code'    => 'rest_forbidden',
				'message' => 'You do not have permission to manage accounts of other services.',
			)
		);
		register_rest_route(
			Rest::NAMESPACE,
			$path,
			array(
				'methods'             => $method,
				'args'                => str_contains( $path, 'handler_slug' ) ? array(
					'handler_slug' => array(
						'type'     => 'string',
						'required' => true,
					),
				) : array(),
				'permission_callback' => array( $permission, 'check' ),
				'callback'            => static fn ( \WP_REST_Request $request ): \WP_REST_Response|\WP_Error => self::answer( $request, $work ),
			)
		);
	}

	private static function answer( \WP_REST_Request $request, callable $work ): \WP_REST_Response|\WP_Error {
		$body = $request->get_json_params();
		$body = is_array( $body ) && array() !== $body ? $body : $request->get_body_params();
		unset( $body['handler_slug'] );
		$input  = array( 'handler_slug' => (string) ( $request->get_url_params()['handler_slug'] ?? '' ) );
		$answer = $work( new AuthAbilities(), $input, $body );
		if ( ! $answer['success'] ) {
			$code = 404 === $answer['status'] ? 'handler_not_found' : 'auth_failed';
			return new \WP_Error( $code, $answer['error'], array( 'status' => $answer['status'] ) );
		}
		$message = $answer['message'] ?? null;
		unset( $answer['success'], $answer['message'] );
		return new \WP_REST_Response(
			array(
				'success' => true,
				'data'    => (object) ( $answer['providers'] ?? $answer ),
			) + ( null === $message ? array() : array( 'message' => $message ) )
		);
	}
}
