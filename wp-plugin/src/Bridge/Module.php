<?php
/**
 * Puts the bridge into WordPress: the connection ends with the request.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

use DataMachine\Bridge\Plugin;

final class Module {

	public static function register( Plugin $plugin ): void { // phpcs:ignore VariableAnalysis -- every module is registered alike.
		// After everything else that may still call: nothing of this request may be left on a socket.
		add_action(
			'shutdown',
			static function (): void {
				// Most requests never called, and should not load the client to find that out.
				if ( class_exists( Client::class, false ) ) {
					Client::instance()->close();
				}
			},
			PHP_INT_MAX
		);
		// After core has made the new site's tables. The sidecar that serves the network serves this site too.
		add_action( 'wp_initialize_site', array( self::class, 'connect_site' ), 20 );
	}

	public static function connect_site( \WP_Site $site ): void {
		$connection = get_option( Config::OPTION );
		if ( is_array( $connection ) ) {
			update_blog_option( (int) $site->blog_id, Config::OPTION, $connection );
		}
	}
}
