<?php
/**
 * What the plugin shows in wp-admin.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Admin;

use DataMachine\Bridge\Plugin;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Module {

	public static function register( Plugin $plugin ): void {
		// Fired on the Site Health screens and in its weekly check only: the class loads there.
		add_filter( 'site_status_tests', array( SiteHealth::class, 'tests' ) );
		add_filter( 'debug_information', array( DebugInformation::class, 'add' ) );
		if ( ! $plugin->is_companion() ) {
			add_filter( 'site_status_tests', array( SiteHealthFiles::class, 'tests' ) );
			add_action( 'wp_ajax_health-check-datamachine-files', array( SiteHealthFiles::class, 'answer' ) );
		}
	}
}
