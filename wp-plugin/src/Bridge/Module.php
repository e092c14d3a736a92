<?php
/**
 * Puts the bridge into WordPress: the connection ends with the request.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

use DataMachine\Bridge\Plugin;

final class Module {

	public static function register( Plugin $plugin ): void { // phpcs:ignore VariableAnalysis -- every module is registered alike.
		// After everything else that may still call: nothing of this request may be left on a socket.
		add_action( 'shutdown', static fn () => Client::instance()->close(), PHP_INT_MAX );
	}
}
