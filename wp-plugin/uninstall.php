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
	global $wpdb;
	$blogs = is_multisite() ? get_sites( array( 'fields' => 'ids', 'number' => 0 ) ) : array( 0 );
	foreach ( $blogs as $blog ) {
		if ( $blog ) {
			switch_to_blog( (int) $blog );
		}
		foreach ( array( '', '_manifest', '_fence', '_agents', '_default_agent', '_access_epoch', '_capabilities', '_work_command_started', '_protected' ) as $suffix ) {
			delete_option( 'datamachine_bridge' . $suffix );
		}
		// Connections with other sites that were begun and never finished; finished ones stay, like tokens of agents.
		$wpdb->query( $wpdb->prepare( "DELETE FROM {$wpdb->options} WHERE option_name LIKE %s", $wpdb->esc_like( 'datamachine_external_state_' ) . '%' ) );
		DataMachine\Bridge\Schema\Installer::for_this_site()->uninstall();
		if ( $blog ) {
			restore_current_blog();
		}
	}
} )();
