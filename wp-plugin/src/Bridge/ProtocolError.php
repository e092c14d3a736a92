<?php
/**
 * The other side broke the protocol; the connection is not used again.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

// Asked for by its address, without the plugin.
if ( ! class_exists( BridgeException::class ) ) {
	exit;
}

final class ProtocolError extends BridgeException {
}
