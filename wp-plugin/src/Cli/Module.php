<?php
/**
 * WP-CLI: `wp datamachine ...`, declared by a generated file, answered by the sidecar.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Cli;

use DataMachine\Bridge\Host\Operations;
use DataMachine\Bridge\Plugin;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Module {

	/** Where the declarations are: exists in every copy of the plugin, so the commands exist before the sidecar ever ran. */
	private const DECLARATIONS = 'generated/commands.php';

	public static function register( Plugin $plugin ): void {
		if ( class_exists( Operations::class ) ) {
			// Asked by commands of the sidecar that describe WordPress; also in a host process, which is not WP-CLI.
			Operations::register( 'system.report', array( SystemReport::class, 'answer' ) );
		}
		if ( ! defined( 'WP_CLI' ) || ! \WP_CLI || $plugin->is_companion() ) {
			return;
		}
		try {
			if ( class_exists( Operations::class ) ) {
				foreach ( Console::operations() as $name => $handler ) {
					Operations::register( $name, $handler );
				}
			}
			$registrar = new Registrar( new Proxy() );
			$registrar->add( require $plugin->path( self::DECLARATIONS ) );
			foreach ( $registrar->refused() as $name => $reason ) {
				\WP_CLI::debug( "Command '{$name}' was not registered: {$reason}", 'datamachine' );
			}
		} catch ( \Throwable $error ) {
			// A defect of ours must never cost the operator the other commands of WP-CLI.
			\WP_CLI::warning( 'The datamachine commands could not be registered: ' . $error->getMessage() );
		}
	}
}
