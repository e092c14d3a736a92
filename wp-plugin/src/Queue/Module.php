<?php
/**
 * The queue in PHP: doorbells, and who leaves whose alone.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Queue;

use DataMachine\Bridge\Host\Operations;
use DataMachine\Bridge\Plugin;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Module {

	public static function register( Plugin $plugin ): void {
		Operations::register( 'queue.fire', array( Events::class, 'fire' ) );
		Operations::register( 'queue.notify', array( Events::class, 'notify' ) );
		Runner::register();
		// A theme may bring the library along until here; afterwards nobody defines these functions any more.
		add_action(
			'after_setup_theme',
			static function (): void {
				if ( ! Library::present() && ! function_exists( 'as_schedule_single_action' ) ) {
					require_once __DIR__ . '/functions.php';
				}
			},
			PHP_INT_MAX
		);
	}

	/** Rows that were parked while nobody could serve them ring again. */
	public static function activate(): void {
		Parking::restore();
	}

	/** A PHP runner marks a row that has no callback failed, for ever: what is due waits for our return instead. */
	public static function deactivate(): void {
		if ( ! Plugin::instance()->is_companion() ) {
			Parking::park();
		}
	}
}
