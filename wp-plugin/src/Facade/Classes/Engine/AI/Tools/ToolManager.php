<?php
/**
 * Reads the registry of tools.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Engine\AI\Tools;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class ToolManager {

	/** @return array<string, mixed> Registered tools by name, as their plugins wrote them. */
	public function get_all_tools(): array {
		/** This filter is documented in hooks/product.json */
		$tools = apply_filters( 'datamachine_tools', array() );
		return is_array( $tools ) ? $tools : array();
	}
}
