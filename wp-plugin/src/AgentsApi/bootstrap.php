<?php
/**
 * Makes the Agents API's public contracts available: functions at once, types when they are first used.
 *
 * Needs neither WordPress nor the sidecar at load time, so that the contracts can be tested in plain PHP.
 * Whether another copy is in charge on this site is decided before this file is loaded.
 *
 * @package AgentsAPI
 */

declare(strict_types=1);

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

defined( 'AGENTS_API_LOADED' ) || define( 'AGENTS_API_LOADED', true );
defined( 'AGENTS_API_PATH' ) || define( 'AGENTS_API_PATH', __DIR__ . '/' );
defined( 'AGENTS_API_PLUGIN_FILE' ) || define( 'AGENTS_API_PLUGIN_FILE', __FILE__ );

require_once __DIR__ . '/autoload.php';
require_once __DIR__ . '/inc/functions-agents.php';
require_once __DIR__ . '/inc/functions-artifact-types.php';

if ( function_exists( 'add_action' ) ) {
	add_action( 'init', array( 'WP_Agents_Registry', 'init' ), 10, 0 );
}
