<?php
/**
 * More calls inside calls, or processes calling each other, than the protocol allows.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

final class DepthExceeded extends BridgeException {
}
