<?php
/**
 * Address of one memory file.
 *
 * @package AgentsAPI
 */

declare(strict_types=1);

namespace AgentsAPI\Core\FilesRepository;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/**
 * Layer, user, agent and file name, exactly as given: nothing is checked or normalised here.
 *
 * `agent_id` 0 means "the agent of this user", `user_id` 0 means "no user".
 */
final class AgentMemoryScope {

	public function __construct(
		public readonly string $layer,
		public readonly int $user_id,
		public readonly int $agent_id,
		public readonly string $filename
	) {
	}

	/** For example `agent:7:42:MEMORY.md`. */
	public function key(): string {
		return sprintf( '%s:%d:%d:%s', $this->layer, $this->user_id, $this->agent_id, $this->filename );
	}
}
