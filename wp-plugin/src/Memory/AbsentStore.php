<?php
/**
 * In place of a store that Python would have named, while the sidecar gives no answer.
 *
 * Not the disk: two stores would each hold half of the memory. Nothing is found, nothing is written.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Memory;

use AgentsAPI\Core\FilesRepository\AgentMemoryReadResult;
use AgentsAPI\Core\FilesRepository\AgentMemoryScope;
use AgentsAPI\Core\FilesRepository\AgentMemoryStoreInterface;
use AgentsAPI\Core\FilesRepository\AgentMemoryWriteResult;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class AbsentStore implements AgentMemoryStoreInterface {

	public function read( AgentMemoryScope $scope ): AgentMemoryReadResult {
		return AgentMemoryReadResult::not_found();
	}

	public function write( AgentMemoryScope $scope, string $content, ?string $if_match = null ): AgentMemoryWriteResult {
		return AgentMemoryWriteResult::failure( 'io' );
	}

	public function exists( AgentMemoryScope $scope ): bool {
		return false;
	}

	public function delete( AgentMemoryScope $scope ): AgentMemoryWriteResult {
		return AgentMemoryWriteResult::failure( 'io' );
	}

	public function list_layer( AgentMemoryScope $scope_query ): array {
		return array();
	}

	public function list_subtree( AgentMemoryScope $scope_query, string $prefix ): array {
		return array();
	}
}
