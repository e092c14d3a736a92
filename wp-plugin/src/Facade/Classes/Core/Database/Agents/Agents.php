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

use DataMachine\Bridge\Facade\Rows;
use DataMachine\Bridge\Identity\AgentAnswers;
use DataMachine\Bridge\Schema\Installer;
use DataMachine\Core\Database\BaseRepository;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class Agents extends BaseRepository {

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

	/** A network's sites share their agents. */
	protected static function get_table_prefix(): string {
		global $wpdb;
		return $wpdb->base_prefix;
	}

	/** Makes the product's tables that are absent. */
	public static function create_table(): void {
		Installer::for_this_site()->install( false );
	}

	/** Makes nothing: `datamachine migrate` changes tables. */
	public static function ensure_site_scope_column(): void {
	}

	/** The ability `datamachine/rename-agent`: its files move along, as whoever acts may. */
	public function update_slug( int $agent_id, string $new_slug ): bool {
		$agent = $this->get_agent( $agent_id );
		return null !== $agent && array() !== Rows::ability(
			'rename-agent',
			array(
				'old_slug' => $agent['agent_slug'],
				'new_slug' => $new_slug,
			)
		);
	}

	/**
	 * The ability `datamachine/update-agent`: as whoever acts may.
	 *
	 * @param array<string, mixed> $data `agent_name`, `agent_config`.
	 */
	public function update_agent( int $agent_id, array $data ): bool {
		$changes = array_intersect_key( $data, array( 'agent_name' => true, 'agent_config' => true ) ); // phpcs:ignore WordPress.Arrays.ArrayDeclarationSpacing -- short.
		return array() !== $changes && array() !== Rows::ability( 'update-agent', array( 'agent_id' => $agent_id ) + $changes );
	}

	/**
	 * The ability `datamachine/create-agent`, unless there is one of that slug: as whoever acts may.
	 *
	 * @param array<string, mixed> $agent_config
	 * @return int Its id; 0 when it could not be made.
	 */
	public function create_if_missing( string $agent_slug, string $agent_name, int $owner_id, array $agent_config = array() ): int {
		$there = $this->get_by_slug( $agent_slug );
		if ( null !== $there ) {
			return (int) $there['agent_id'];
		}
		$made = Rows::ability(
			'create-agent',
			array(
				'agent_slug' => $agent_slug,
				'agent_name' => $agent_name,
				'owner_id'   => $owner_id,
				'config'     => $agent_config,
			)
		);
		return (int) ( $made['agent_id'] ?? 0 );
	}
}
