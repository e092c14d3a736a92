<?php
/**
 * The time budget is used up. What was asked may or may not have been done.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

// Asked for by its address, without the plugin.
if ( ! class_exists( BridgeException::class ) ) {
	exit;
}

final class TimedOut extends BridgeException {
}
