<?php
/**
 * A value has no form on the wire, or the wire form means nothing here.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

final class CodecError extends BridgeException {
}
