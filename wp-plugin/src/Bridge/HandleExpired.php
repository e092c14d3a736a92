<?php
/**
 * A handle was used after its call.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

final class HandleExpired extends BridgeException {
}
