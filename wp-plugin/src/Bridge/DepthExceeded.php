<?php
/**
 * More calls inside calls, or processes calling each other, than the protocol allows.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

// Asked for by its address, without the plugin.
if ( ! class_exists( BridgeException::class ) ) {
	exit;
}

final class DepthExceeded extends BridgeException {
}
