<?php
/**
 * A value needs more memory than this process may use.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

// Asked for by its address, without the plugin.
if ( ! class_exists( BridgeException::class ) ) {
	exit;
}

final class TooLarge extends BridgeException {
}
