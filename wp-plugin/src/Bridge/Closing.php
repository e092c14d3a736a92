<?php
/**
 * The server closes and has not executed the call: it may be made again on a new connection.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

// Asked for by its address, without the plugin.
if ( ! class_exists( BridgeException::class ) ) {
	exit;
}

final class Closing extends BridgeException {
}
