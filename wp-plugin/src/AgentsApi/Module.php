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
		if ( $plugin->agents_api_elsewhere() || $plugin->is_companion() ) {
			return;
		}
		require_once __DIR__ . '/bootstrap.php';
	}
}
