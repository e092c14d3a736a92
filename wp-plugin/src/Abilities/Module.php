<?php
/**
 * Registers the product's abilities.
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

	private const DECLARATIONS = 'generated/abilities.php';

	public static function register( Plugin $plugin ): void {
		if ( $plugin->is_companion() ) {
			return;
		}
		$registrar = new Registrar( $plugin->path( self::DECLARATIONS ) );
		add_action( 'wp_abilities_api_categories_init', array( $registrar, 'categories' ) );
		add_action( 'wp_abilities_api_init', array( $registrar, 'abilities' ) );
	}
}
