<?php
/**
 * The other side could not prove that it knows the site's secret.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

// Asked for by its address, without the plugin.
if ( ! class_exists( BridgeException::class ) ) {
	exit;
}

final class HandshakeFailed extends BridgeException {
}
