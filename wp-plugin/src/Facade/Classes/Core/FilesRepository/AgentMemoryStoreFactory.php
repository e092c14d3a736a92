<?php
/**
 * Which store keeps a memory file.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\FilesRepository;

use AgentsAPI\Core\FilesRepository\AgentMemoryScope;
use AgentsAPI\Core\FilesRepository\AgentMemoryStoreInterface;
use DataMachine\Bridge\Memory\AbsentStore;
use DataMachine\Bridge\Memory\StoreProxy;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class AgentMemoryStoreFactory {

	/**
	 * The store a plugin offers for this scope, else files on disk. Asked for every scope, nothing is kept.
	 *
	 * What is no store counts as no offer, and is logged. Without an answer of the sidecar, which might have named a store
	 * of its own, nothing is found and nothing written.
	 */
	public static function for_scope( AgentMemoryScope $scope ): AgentMemoryStoreInterface {
		$store = apply_filters( 'agents_api_memory_store', null, $scope );
		if ( $store instanceof AgentMemoryStoreInterface ) {
			return $store;
		}
		if ( is_wp_error( $store ) && 'datamachine_unavailable' === $store->get_error_code() ) {
			return new AbsentStore();
		}
		if ( null !== $store ) {
			do_action(
				'datamachine_log',
				'warning',
				'A plugin answered agents_api_memory_store with something that is no memory store; files on disk are used.',
				array(
					'answer' => get_debug_type( $store ),
					'scope'  => $scope->key(),
				)
			);
		}
		return StoreProxy::instance();
	}
}
