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

	public static function register( Plugin $plugin ): void {
		if ( $plugin->is_companion() ) {
			return;
		}
		$file = $plugin->path( self::DECLARATIONS );
		add_action(
			'rest_api_init',
			static function () use ( $file ): void {
				$bodies = new RawBodies();
				add_filter( 'rest_pre_serve_request', array( $bodies, 'serve' ), 10, 3 );
				if ( class_exists( Operations::class ) ) {
					Operations::register( 'rest.write', array( ResponseBuffer::class, 'write' ) );
				}
				$proxy = new Proxy( $bodies );
				foreach ( require $file as $route ) {
					register_rest_route(
						self::NAMESPACE,
						$route['path'],
						array(
							'methods'             => $route['method'],
							'args'                => $route['args'],
							'permission_callback' => array( new Permission( $route['permission'] ), 'check' ),
							'callback'            => static fn( \WP_REST_Request $request ) => $proxy->answer( $route['path'], $request ),
						)
					);
				}
			}
		);
	}
}
