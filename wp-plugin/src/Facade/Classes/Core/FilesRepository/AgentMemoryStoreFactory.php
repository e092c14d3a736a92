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
use DataMachine\Bridge\Memory\StoreProxy;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class AgentMemoryStoreFactory {

	/** The store a plugin offers for this scope, else files on disk. Asked for every scope, nothing is kept. */
	public static function for_scope( AgentMemoryScope $scope ): AgentMemoryStoreInterface {
		$store = apply_filters( 'agents_api_memory_store', null, $scope );
		return $store instanceof AgentMemoryStoreInterface ? $store : StoreProxy::instance();
	}
}
