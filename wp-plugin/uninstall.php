<?php
/**
 * Uninstalling takes away what belongs to the bridge alone; agents, flows, jobs and memory are the user's and stay.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

if ( ! defined( 'WP_UNINSTALL_PLUGIN' ) ) {
	exit;
}

require_once __DIR__ . '/src/Schema/Installer.php';

( static function (): void {
	$blogs = is_multisite() ? get_sites( array( 'fields' => 'ids', 'number' => 0 ) ) : array( 0 );
	foreach ( $blogs as $blog ) {
		if ( $blog ) {
			switch_to_blog( (int) $blog );
		}
		foreach ( array( 'datamachine_bridge', 'datamachine_bridge_manifest', 'datamachine_bridge_fence', 'datamachine_bridge_agents', 'datamachine_bridge_default_agent' ) as $option ) {
			delete_option( $option );
		}
		DataMachine\Bridge\Schema\Installer::for_this_site()->uninstall();
		if ( $blog ) {
			restore_current_blog();
		}
	}
} )();
