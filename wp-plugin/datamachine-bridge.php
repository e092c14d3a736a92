<?php
/**
 * Plugin Name:       Data Machine Bridge
 * Description:       Carries WordPress hooks, REST calls, WP-CLI commands and admin screens to the Data Machine sidecar, a long-lived Python process beside this site.
 * Version:           0.1.0
 * Requires at least: 6.9
 * Requires PHP:      8.1
 * License:           GPL-2.0-or-later
 * License URI:       https://www.gnu.org/licenses/gpl-2.0.html
 * Text Domain:       datamachine-bridge
 *
 * This file must parse on any PHP that WordPress ever supported: it explains what is missing instead of breaking the site.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

// A second copy in another folder must not load over the first.
if ( defined( 'DATAMACHINE_BRIDGE_VERSION' ) ) {
	return;
}

define( 'DATAMACHINE_BRIDGE_VERSION', '0.1.0' );
define( 'DATAMACHINE_BRIDGE_FILE', __FILE__ );
define( 'DATAMACHINE_BRIDGE_PATH', __DIR__ . '/' );
define( 'DATAMACHINE_BRIDGE_REQUIRES_PHP', '8.1' );
define( 'DATAMACHINE_BRIDGE_REQUIRES_WP', '6.9' );

if ( version_compare( PHP_VERSION, DATAMACHINE_BRIDGE_REQUIRES_PHP, '<' )
	|| version_compare( $GLOBALS['wp_version'], DATAMACHINE_BRIDGE_REQUIRES_WP, '<' ) ) {
	add_action(
		'admin_notices',
		static function () {
			printf(
				'<div class="notice notice-error"><p>%s</p></div>',
				esc_html(
					sprintf(
						/* translators: 1: PHP version needed, 2: WordPress version needed. */
						__( 'Data Machine Bridge is idle: it needs PHP %1$s and WordPress %2$s or later.', 'datamachine-bridge' ),
						DATAMACHINE_BRIDGE_REQUIRES_PHP,
						DATAMACHINE_BRIDGE_REQUIRES_WP
					)
				)
			);
		}
	);
	return;
}

require_once __DIR__ . '/src/Autoload.php';
DataMachine\Bridge\Autoload::register( __DIR__ . '/src' );
DataMachine\Bridge\Plugin::boot( __FILE__ );
