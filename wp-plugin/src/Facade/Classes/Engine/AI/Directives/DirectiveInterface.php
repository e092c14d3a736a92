<?php
/**
 * What adds to the system prompt of a conversation.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Engine\AI\Directives;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/** Classes are listed on the filter `datamachine_directives` as `{class, priority, modes}`. */
interface DirectiveInterface {

	/**
	 * @param array<string, mixed> $tools   Definitions by name.
	 * @param ?string              $step_id Of the pipeline, where there is one.
	 * @param array<string, mixed> $payload What the conversation is about.
	 * @return list<array<string, mixed>> `{type: system_text, content}`, `{type: system_json, label, data}` or
	 *                                    `{type: system_file, file_path, mime_type}`.
	 */
	public static function get_outputs( string $provider_name, array $tools, ?string $step_id = null, array $payload = array() ): array;
}
