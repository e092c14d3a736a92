<?php
/**
 * Nobody serves the bridge: not configured, not running, its breaker open, or it did not prove itself.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

final class Unavailable extends BridgeException {
}
