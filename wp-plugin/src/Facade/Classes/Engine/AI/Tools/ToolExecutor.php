<?php
/**
 * Runs a tool for a conversation runner written in PHP.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Engine\AI\Tools;

use DataMachine\Bridge\Bridge\BridgeException;
use DataMachine\Bridge\Bridge\Client;
use DataMachine\Bridge\Bridge\RemoteError;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class ToolExecutor {

	/**
	 * Look a tool up, check its parameters and the action policy, run it.
	 *
	 * Inside a conversation the sidecar knows what was offered; `$available_tools` and `$payload` are what it goes by
	 * anywhere else.
	 *
	 * @param string               $tool_name       As offered.
	 * @param array<string, mixed> $tool_parameters What the model gave.
	 * @param array<string, mixed> $available_tools Definitions by name.
	 * @param array<string, mixed> $payload         What the conversation is about.
	 * @param array<string, mixed> $client_context  What the client of a chat said of itself.
	 * @return array<string, mixed> `success` and `tool_name`, with `data` or `error`.
	 */
	public static function executeTool( string $tool_name, array $tool_parameters, array $available_tools, array $payload, string $mode = 'chat', int $agent_id = 0, array $client_context = array() ): array {
		try {
			$result = Client::instance()->call(
				'tool.run',
				array(
					'name'           => $tool_name,
					'parameters'     => $tool_parameters,
					'tools'          => array_intersect_key( $available_tools, array( $tool_name => true ) ),
					'payload'        => $payload,
					'mode'           => $mode,
					'agent_id'       => $agent_id,
					'client_context' => $client_context,
				)
			);
		} catch ( BridgeException $error ) {
			$result = array( 'error' => $error instanceof RemoteError ? $error->public_message() : $error->getMessage() );
		}
		return is_array( $result ) ? $result + array(
			'success'   => false,
			'tool_name' => $tool_name,
		) : array(
			'success'   => false,
			'error'     => 'The tool returned no result',
			'tool_name' => $tool_name,
		);
	}
}
