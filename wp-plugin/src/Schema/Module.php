<?php
/**
 * Tables at activation and for new sites of a network.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Schema;

use DataMachine\Bridge\Bridge\Config;
use DataMachine\Bridge\Hooks\Manifest;
use DataMachine\Bridge\Plugin;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Module {
	/** After core has made the new site's own tables (10) and plugins have set it up. */
	private const NEW_SITE_PRIORITY = 200;

	public static function register( Plugin $plugin ): void {
		if ( ! is_multisite() ) {
			return;
		}
		add_action(
			'wp_initialize_site',
			static function ( \WP_Site $site ) use ( $plugin ): void {
				$network_wide = (array) get_site_option( 'active_sitewide_plugins', array() );
				if ( ! isset( $network_wide[ $plugin->basename() ] ) ) {
					return;
				}
				switch_to_blog( (int) $site->blog_id );
				Plugin::activate();
				// The network has one sidecar: what the main site knows of it holds here too.
				foreach ( array( Config::OPTION, Manifest::OPTION ) as $option ) {
					$known = get_blog_option( get_main_site_id(), $option );
					if ( is_array( $known ) ) {
						update_option( $option, $known, true );
					}
				}
				restore_current_blog();
			},
			self::NEW_SITE_PRIORITY
		);
		add_filter( 'wpmu_drop_tables', array( self::class, 'tables_of_deleted_site' ), 10, 2 );
	}

	/** Runs in the blog that is being activated. */
	public static function activate(): void {
		Installer::for_this_site()->install( Plugin::instance()->is_companion() );
	}

	/**
	 * Our tables go with a deleted site, as core's do.
	 *
	 * @param mixed $tables  Full names of the tables to drop.
	 * @param mixed $blog_id The deleted site; core has switched to it.
	 * @return mixed
	 */
	public static function tables_of_deleted_site( $tables, $blog_id ) {
		if ( ! is_array( $tables ) || is_main_site( (int) $blog_id ) ) {
			return $tables;
		}
		return array_merge( $tables, Installer::for_this_site()->own_tables() );
	}
}
