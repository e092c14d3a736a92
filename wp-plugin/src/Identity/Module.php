<?php
/**
 * Agents of this site: the default one, those that plugins declare, and who may manage them.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Identity;

use DataMachine\Bridge\Plugin;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Module {

	/** Before anybody asks who may do what. */
	private const CAPABILITIES_AT = 1;

	/** After `wp_agents_api_init`, which fires at `init` 10. */
	private const RECONCILE_AT = 15;

	/**
	 * Just before WordPress judges application passwords: the password of a server in front of the site is none, and who
	 * sends a token as well means the token.
	 */
	private const TOKENS_AT = 89;

	public static function register( Plugin $plugin ): void {
		$companion = $plugin->is_companion();
		if ( ! defined( 'DATAMACHINE_BRIDGE_UNIT' ) ) {
			add_action( 'init', static fn() => Capabilities::ensure( $companion ), self::CAPABILITIES_AT, 0 );
		}
		// Data Machine itself declares, materializes and seeds while it is active.
		if ( $companion ) {
			return;
		}
		require_once __DIR__ . '/functions.php';
		add_action( 'wp_agents_api_init', 'datamachine_register_default_admin_agent', 10, 0 );
		add_action( 'init', array( Materializer::class, 'run' ), self::RECONCILE_AT, 0 );
		add_action( 'datamachine_agent_deleted', array( Materializer::class, 'forget' ), 10, 0 );
		add_filter( 'datamachine_scaffold_content', array( MemorySeeds::class, 'content' ), 5, 3 );
		DefaultAgent::register();
		AccessEpoch::register();
		HostOperations::register();
		// The class is loaded by REST requests only.
		add_filter( 'rest_authentication_errors', array( Bearer::class, 'authenticate' ), self::TOKENS_AT );
	}

	public static function activate(): void {
		Capabilities::grant();
		delete_option( Capabilities::OPTION );
		AccessEpoch::bump();
		DefaultAgent::forget();
		Materializer::forget();
	}

	public static function deactivate(): void {
		if ( ! Plugin::instance()->is_companion() ) {
			Capabilities::revoke();
		}
	}
}
