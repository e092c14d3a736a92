<?php
/**
 * Registers the engine's abilities.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Abilities;

use DataMachine\Bridge\Plugin;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Module {

	public static function register( Plugin $plugin ): void {
		if ( $plugin->is_companion() ) {
			return;
		}
		add_action( 'wp_abilities_api_categories_init', array( Registrar::class, 'categories' ) );
		add_action( 'wp_abilities_api_init', array( Registrar::class, 'abilities' ) );
	}
}
