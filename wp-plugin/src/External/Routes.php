<?php
/**
 * `GET /datamachine/v1/agent/auth/tokens`: which tokens other sites gave us. The tokens themselves are never told.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\External;

use DataMachine\Bridge\Rest\Module as Rest;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Routes {

	private const TOKENS = '/agent/auth/tokens';

	/** Callback of `rest_api_init`. */
	public static function register(): void {
		register_rest_route(
			Rest::NAMESPACE,
			self::TOKENS,
			array(
				'methods'             => \WP_REST_Server::READABLE,
				'permission_callback' => array( Access::class, 'permits' ),
				'callback'            => static fn(): array => self::list(),
			)
		);
		register_rest_route(
			Rest::NAMESPACE,
			// Ports, folders and what older versions took for a slug are in keys.
			self::TOKENS . '/(?P<key>.+)',
			array(
				'methods'             => \WP_REST_Server::READABLE,
				'args'                => array( 'key' => array( 'type' => 'string' ) ),
				'permission_callback' => array( Access::class, 'permits' ),
				'callback'            => static fn( \WP_REST_Request $request ): \WP_REST_Response => self::show( (string) $request['key'] ),
			)
		);
	}

	/** @return list<array<string, mixed>> A bare list, as it has always been. */
	private static function list(): array {
		$rows = array();
		foreach ( Store::all() as $key => $record ) {
			$rows[] = array(
				'key'         => $key,
				'remote_site' => $record['remote_site'],
				'agent_slug'  => $record['agent_slug'],
				'agent_id'    => $record['agent_id'],
				'received_at' => $record['received_at'],
				'has_token'   => '' !== $record['token'],
			);
		}
		return $rows;
	}

	private static function show( string $key ): \WP_REST_Response {
		$record = Store::find( $key );
		if ( null === $record ) {
			return new \WP_REST_Response( array( 'error' => "Token not found for key: $key" ), 404 );
		}
		return new \WP_REST_Response(
			array(
				'remote_site' => $record['remote_site'],
				'agent_slug'  => $record['agent_slug'],
				'agent_id'    => $record['agent_id'],
				'token'       => '' === $record['token'] ? '' : Store::mask( Store::token( $key ) ),
				'received_at' => $record['received_at'],
			)
		);
	}
}
