<?php
/**
 * An object that lives in Python under a name: its stand-in here goes back as that name.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

interface NamedObject {

	/** What kind of object it is, as Python registers it. */
	public function bridge_kind(): string;

	public function bridge_name(): string;
}
