<?php
/**
 * Anything the bridge can throw. Callers translate it by the failure policy of their hook or door.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

abstract class BridgeException extends \RuntimeException {
}
