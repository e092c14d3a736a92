<?php
/**
 * One address for each file, whoever asks for it; see the Python module `sidecar.memory.whose`, which has the same rule.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Memory;

use AgentsAPI\Core\FilesRepository\AgentMemoryScope;
use AgentsAPI\Core\FilesRepository\AgentMemoryStoreInterface;
use DataMachine\Bridge\Identity\DefaultAgent;
use DataMachine\Core\FilesRepository\DiskAgentMemoryStore;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Whose {

	/**
	 * The scope under which a store has a file: an agent's with the agent's id and its owner's, a user's without an agent,
	 * what a site shares with the default user's, what a network shares with nobody's. Files on disk have one place anyway.
	 */
	public static function scope( AgentMemoryScope $scope, AgentMemoryStoreInterface $store ): AgentMemoryScope {
		if ( $store instanceof StoreProxy || $store instanceof DiskAgentMemoryStore ) {
			return $scope;
		}
		list( $user_id, $agent_id ) = match ( $scope->layer ) {
			'shared'  => array( DefaultAgent::current()['user_id'], 0 ),
			'network' => array( 0, 0 ),
			'user'    => array( $scope->user_id, 0 ),
			default   => self::agent( $scope ),
		};
		return new AgentMemoryScope( $scope->layer, $user_id, $agent_id, $scope->filename );
	}

	/** @return array{0: int, 1: int} User and agent. */
	private static function agent( AgentMemoryScope $scope ): array {
		global $wpdb;
		$table = $wpdb->base_prefix . 'datamachine_agents';
		$row   = $wpdb->get_row( // phpcs:ignore WordPress.DB.DirectDatabaseQuery -- our own table.
			0 !== $scope->agent_id
				? $wpdb->prepare( 'SELECT owner_id, agent_id FROM %i WHERE agent_id = %d', $table, $scope->agent_id )
				: $wpdb->prepare( 'SELECT owner_id, agent_id FROM %i WHERE owner_id = %d ORDER BY agent_id ASC LIMIT 1', $table, $scope->user_id )
		);
		return $row ? array( (int) $row->owner_id, (int) $row->agent_id ) : array( $scope->user_id, $scope->agent_id );
	}
}
