<?php
/**
 * Authorize: pages where a person lets a program act as an agent. They need cookies and nonces, so they live in PHP.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Authorize;

use DataMachine\Bridge\Plugin;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Module {

	public static function register( Plugin $plugin ): void {
		// Data Machine itself has these pages while it is active.
		if ( $plugin->is_companion() ) {
			return;
		}
		add_action(
			'rest_api_init',
			static function (): void {
				$pages = new Pages();
				( new Endpoint( $pages ) )->register();
				add_filter( 'rest_pre_serve_request', array( $pages, 'serve' ), PHP_INT_MAX, 3 );
			}
		);
	}
}
