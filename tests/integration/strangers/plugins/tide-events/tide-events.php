<?php
/**
 * Plugin Name: Tide Events
 * Description: Imports events of the Tide service into a calendar of this site.
 * Version: 2.3.0
 * Requires Plugins: data-machine
 *
 * @package TideEvents
 */

namespace TideEvents;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

// What the plugin extends must be there while its file loads, or it stays idle.
if ( ! class_exists( 'DataMachine\Core\Steps\Fetch\Handlers\FetchHandler' ) || ! trait_exists( 'DataMachine\Core\Steps\HandlerRegistrationTrait' ) ) {
	return;
}

require_once __DIR__ . '/auth.php';
require_once __DIR__ . '/settings.php';
require_once __DIR__ . '/fetch.php';
require_once __DIR__ . '/upsert.php';

add_action(
	'init',
	static function () {
		register_post_type( 'tide_event', array( 'label' => 'Events', 'public' => true, 'supports' => array( 'title', 'editor' ) ) );
		register_taxonomy( 'tide_venue', 'tide_event', array( 'label' => 'Venues', 'public' => true ) );
		register_taxonomy( 'tide_genre', 'tide_event', array( 'label' => 'Genres', 'public' => true ) );
	}
);

add_action(
	'init',
	static function () {
		if ( ! defined( 'DATAMACHINE_VERSION' ) ) {
			return;
		}
		new Fetch();
		new Upsert();
	},
	25
);

add_action(
	'plugins_loaded',
	static function () {
		if ( defined( 'WP_CLI' ) && \WP_CLI && class_exists( 'DataMachine\Cli\BaseCommand' ) ) {
			require_once __DIR__ . '/command.php';
			\WP_CLI::add_command( 'tide', Command::class );
		}
	},
	21
);
