<?php
/**
 * Tools of the handlers beside an AI step, as a source in the filter `agents_api_tool_sources`.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Engine\AI\Tools\Sources;

use DataMachine\Bridge\Bridge\Client;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class AdjacentHandlerToolSource {

	/**
	 * @param array<string, mixed> $args What the tools are resolved for.
	 * @return array<string, mixed> Definitions by name.
	 */
	public function __invoke( string $mode, array $args, mixed $tool_manager = null ): array {
		unset( $tool_manager );
		$tools = Client::instance()->call(
			'tool.source',
			array(
				'slug' => 'adjacent_handlers',
				'mode' => $mode,
				'args' => $args,
			)
		);
		return is_array( $tools ) ? $tools : array();
	}
}
