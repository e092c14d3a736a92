<?php
/**
 * REST: the product's routes under /datamachine/v1, declared by a generated file, answered by the sidecar.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Rest;

use DataMachine\Bridge\Host\Operations;
use DataMachine\Bridge\Plugin;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Module {

	public const NAMESPACE = 'datamachine/v1';

	private const DECLARATIONS = 'generated/routes.php';

	/** Routes that another plugin may offer under the same address; its own then answer. */
	private const SHARED = '/bridge/';

	public static function register( Plugin $plugin ): void {
		if ( $plugin->is_companion() ) {
			return;
		}
		$file   = $plugin->path( self::DECLARATIONS );
		$bodies = new RawBodies();
		$proxy  = new Proxy( $bodies );
		add_action(
			'rest_api_init',
			static function () use ( $file, $bodies, $proxy ): void {
				add_filter( 'rest_pre_serve_request', array( $bodies, 'serve' ), 10, 4 );
				if ( class_exists( Operations::class ) ) {
					Operations::register( 'rest.write', array( ResponseBuffer::class, 'write' ) );
					Operations::register( 'rest.read', array( Uploads::class, 'read' ) );
				}
				foreach ( require $file as $route ) {
					if ( ! str_starts_with( $route['path'], self::SHARED ) ) {
						self::offer( $route, $proxy );
					}
				}
			}
		);
		// After the other plugins, which register theirs at the usual priority.
		add_action(
			'rest_api_init',
			static function ( \WP_REST_Server $server ) use ( $file, $proxy ): void {
				$taken = $server->get_routes( self::NAMESPACE );
				foreach ( require $file as $route ) {
					if ( str_starts_with( $route['path'], self::SHARED ) && ! isset( $taken[ '/' . self::NAMESPACE . $route['path'] ] ) ) {
						self::offer( $route, $proxy );
					}
				}
			},
			20
		);
	}

	/** @param array{path: string, method: string, args: array<string, mixed>, permission: array<string, mixed>, uploads?: bool} $route */
	private static function offer( array $route, Proxy $proxy ): void {
		register_rest_route(
			self::NAMESPACE,
			$route['path'],
			array(
				'methods'             => $route['method'],
				'args'                => $route['args'],
				'permission_callback' => array( new Permission( $route['permission'] ), 'check' ),
				'callback'            => static fn( \WP_REST_Request $request ) => $proxy->answer( $route['path'], $request, $route['uploads'] ?? false ),
			)
		);
	}
}
