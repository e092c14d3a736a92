<?php
/**
 * A value needs more memory than this process may use.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

final class TooLarge extends BridgeException {
}
