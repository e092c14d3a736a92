<?php
/**
 * Provides the Agents API's public contracts while nobody else does.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\AgentsApi;

use DataMachine\Bridge\Plugin;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Module {

	/**
	 * Runs while plugin files load: other plugins register agents as soon as theirs load.
	 *
	 * A copy counts as active when its plugin is, even if it loads after us and has defined nothing yet, and when it was
	 * loaded before us. Data Machine brings a copy of its own.
	 */
	public static function register( Plugin $plugin ): void {
		if ( $plugin->is_companion() ) {
			return;
		}
		if ( $plugin->agents_api_elsewhere() ) {
			// Later versions renamed types that our memory is made of. By then the other copy has loaded all it has, so that
			// only names it does not know are ours.
			add_action(
				'plugins_loaded',
				static function (): void {
					require_once __DIR__ . '/autoload.php';
				},
				PHP_INT_MIN
			);
			return;
		}
		require_once __DIR__ . '/bootstrap.php';
	}
}
