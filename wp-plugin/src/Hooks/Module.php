<?php
/**
 * Hooks between WordPress and Python: forwarders, registrations, the outbox, the fence.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Hooks;

use DataMachine\Bridge\Host\Operations;
use DataMachine\Bridge\Plugin;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Module {

	public static function register( Plugin $plugin ): void {
		Operations::register( 'manifest.publish', array( Manifest::class, 'publish' ) );
		Operations::register( 'hook.forward', array( Forwarders::class, 'forward' ) );
		Operations::register( 'hook.did', array( Forwarders::class, 'did' ) );
		Operations::register( 'hook.doing', array( Forwarders::class, 'doing' ) );
		Operations::register( 'fence.adopt', array( Fence::class, 'adopt' ) );

		$companion = $plugin->is_companion();
		$manifest  = Manifest::stored();
		Fence::register( $plugin );
		Forwarders::register( require $plugin->path( 'generated/forwarders.php' ), $companion );
		Forwarders::register( $manifest->forwarders(), $companion );
		Registrations::register( $manifest->registrations() );
	}

	public static function activate(): void {
		Fence::switch_to( Plugin::instance()->mode() );
	}

	public static function deactivate(): void {
		Fence::switch_to( Fence::INACTIVE );
	}
}
