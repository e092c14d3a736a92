<?php
/**
 * Other sites: the tokens they gave us for their agents.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\External;

use DataMachine\Bridge\Authorize\Pages;
use DataMachine\Bridge\Plugin;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Module {

	public static function register( Plugin $plugin ): void {
		// Data Machine itself reads its option while it is active: nothing may be encrypted then.
		if ( $plugin->is_companion() ) {
			return;
		}
		HostOperations::register();
		add_action(
			'rest_api_init',
			static function (): void {
				$pages = new Pages( Callback::ROUTE );
				( new Callback( $pages ) )->register();
				add_filter( 'rest_pre_serve_request', array( $pages, 'serve' ), PHP_INT_MAX, 3 );
				Routes::register();
			}
		);
	}

	public static function activate(): void {
		if ( ! Plugin::instance()->is_companion() ) {
			Store::adopt();
		}
	}
}
