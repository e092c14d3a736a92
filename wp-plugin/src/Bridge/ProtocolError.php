<?php
/**
 * The other side broke the protocol; the connection is not used again.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

final class ProtocolError extends BridgeException {
}
