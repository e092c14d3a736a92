<?php
/**
 * Nobody serves the bridge: not configured, not running, its breaker open, or it did not prove itself.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

// Asked for by its address, without the plugin.
if ( ! class_exists( BridgeException::class ) ) {
	exit;
}

final class Unavailable extends BridgeException {
}
