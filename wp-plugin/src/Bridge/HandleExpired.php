<?php
/**
 * A handle was used after its call.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

// Asked for by its address, without the plugin.
if ( ! class_exists( BridgeException::class ) ) {
	exit;
}

final class HandleExpired extends BridgeException {
}
