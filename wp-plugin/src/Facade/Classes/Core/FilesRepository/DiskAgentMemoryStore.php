<?php
/**
 * Memory in files on disk, under the name plugins know; the sidecar keeps them.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\FilesRepository;

use AgentsAPI\Core\FilesRepository\AgentMemoryReadResult;
use AgentsAPI\Core\FilesRepository\AgentMemoryScope;
use AgentsAPI\Core\FilesRepository\AgentMemoryStoreInterface;
use AgentsAPI\Core\FilesRepository\AgentMemoryWriteResult;
use DataMachine\Bridge\Memory\StoreProxy;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class DiskAgentMemoryStore implements AgentMemoryStoreInterface {

	public function read( AgentMemoryScope $scope ): AgentMemoryReadResult {
		return StoreProxy::instance()->read( $scope );
	}

	public function write( AgentMemoryScope $scope, string $content, ?string $if_match = null ): AgentMemoryWriteResult {
		return StoreProxy::instance()->write( $scope, $content, $if_match );
	}

	public function exists( AgentMemoryScope $scope ): bool {
		return StoreProxy::instance()->exists( $scope );
	}

	public function delete( AgentMemoryScope $scope ): AgentMemoryWriteResult {
		return StoreProxy::instance()->delete( $scope );
	}

	public function list_layer( AgentMemoryScope $scope_query ): array {
		return StoreProxy::instance()->list_layer( $scope_query );
	}

	public function list_subtree( AgentMemoryScope $scope_query, string $prefix ): array {
		return StoreProxy::instance()->list_subtree( $scope_query, $prefix );
	}
}
