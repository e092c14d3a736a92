<?php
/**
 * Reading agents, for PHP code that knows Data Machine's repository. The sidecar answers.
 *
 * A row is an array of texts, as a database row is: `agent_id`, `agent_slug`, `agent_name`, `owner_id`, `site_scope` (or
 * null for the whole network), `created_at`, `updated_at`; `agent_config` is an array. Nothing is found while the sidecar
 * is away. Agents are created and changed with the abilities `datamachine/create-agent`, `datamachine/update-agent`, ...
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\Database\Agents;

use DataMachine\Bridge\Identity\AgentAnswers;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class Agents {

	public const TABLE_NAME = 'datamachine_agents';

	/** @return array<string, mixed>|null */
	public function get_agent( int $agent_id ): ?array {
		return AgentAnswers::rows( array( 'ids' => array( $agent_id ) ) )[0] ?? null;
	}

	/**
	 * The oldest agent of a user.
	 *
	 * @return array<string, mixed>|null
	 */
	public function get_by_owner_id( int $owner_id ): ?array {
		return $this->get_all_by_owner_id( $owner_id )[0] ?? null;
	}

	/** @return list<array<string, mixed>> Oldest first. */
	public function get_all_by_owner_id( int $owner_id ): array {
		return $owner_id > 0 ? AgentAnswers::rows( array( 'owner_id' => $owner_id ) ) : array();
	}

	/**
	 * @param array<mixed> $agent_ids
	 * @return list<array<string, mixed>> Oldest first, each once.
	 */
	public function get_agents_by_ids( array $agent_ids ): array {
		$ids = array_values( array_unique( array_filter( array_map( 'intval', $agent_ids ), static fn( int $id ): bool => $id > 0 ) ) );
		return array() === $ids ? array() : AgentAnswers::rows( array( 'ids' => $ids ) );
	}

	/** @return array<string, mixed>|null */
	public function get_by_slug( string $agent_slug ): ?array {
		return AgentAnswers::rows( array( 'slug' => $agent_slug ) )[0] ?? null;
	}

	/**
	 * @param array{site_id?: int, owner_id?: int} $args `site_id` gives that blog's agents and the network's.
	 * @return list<array<string, mixed>> Oldest first.
	 */
	public function get_all( array $args = array() ): array {
		$wanted = array();
		foreach ( array( 'site_id', 'owner_id' ) as $name ) {
			if ( ! empty( $args[ $name ] ) ) {
				$wanted[ $name ] = (int) $args[ $name ];
			}
		}
		return AgentAnswers::rows( $wanted );
	}
}
