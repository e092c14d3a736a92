<?php
/**
 * A value has no form on the wire, or the wire form means nothing here.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

// Asked for by its address, without the plugin.
if ( ! class_exists( BridgeException::class ) ) {
	exit;
}

final class CodecError extends BridgeException {
}
