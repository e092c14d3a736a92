<?php
/**
 * A memory store that a Python plugin keeps, for PHP: good for as long as the request lasts.
 *
 * Its reads have no way to say that the plugin did not answer: the file is missing then, and PHP's log says why. Writes
 * answer `io`.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Memory;

use AgentsAPI\Core\FilesRepository\AgentMemoryListEntry;
use AgentsAPI\Core\FilesRepository\AgentMemoryReadResult;
use AgentsAPI\Core\FilesRepository\AgentMemoryScope;
use AgentsAPI\Core\FilesRepository\AgentMemoryStoreInterface;
use AgentsAPI\Core\FilesRepository\AgentMemoryWriteResult;
use DataMachine\Bridge\Bridge\BridgeException;
use DataMachine\Bridge\Bridge\Client;
use DataMachine\Bridge\Bridge\NamedObject;
use DataMachine\Bridge\Hooks\Policy;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class PythonStore implements AgentMemoryStoreInterface, NamedObject {

	/** Seconds: a store of somebody else's may be far away. */
	public const PATIENCE = 10.0;

	public function __construct( private readonly string $name ) {}

	public function bridge_kind(): string {
		return Module::STORES;
	}

	public function bridge_name(): string {
		return $this->name;
	}

	public function read( AgentMemoryScope $scope ): AgentMemoryReadResult {
		$found = $this->call( 'read', $scope );
		return is_array( $found ) && $found['exists']
			? new AgentMemoryReadResult( true, (string) $found['content'], (string) $found['hash'], (int) $found['bytes'], $found['updated_at'] )
			: AgentMemoryReadResult::not_found();
	}

	public function write( AgentMemoryScope $scope, string $content, ?string $if_match = null ): AgentMemoryWriteResult {
		if ( strlen( $content ) > StoreProxy::MAX_BYTES ) {
			return AgentMemoryWriteResult::failure( 'too_large' );
		}
		return $this->written(
			$this->call(
				'write',
				$scope,
				array(
					'content'  => StoreProxy::pieces( $content ),
					'if_match' => $if_match,
				)
			)
		);
	}

	public function exists( AgentMemoryScope $scope ): bool {
		return true === $this->call( 'exists', $scope );
	}

	public function delete( AgentMemoryScope $scope ): AgentMemoryWriteResult {
		return $this->written( $this->call( 'delete', $scope ) );
	}

	public function list_layer( AgentMemoryScope $scope_query ): array {
		return $this->entries( $this->call( 'list_layer', $scope_query ) );
	}

	public function list_subtree( AgentMemoryScope $scope_query, string $prefix ): array {
		return $this->entries( $this->call( 'list_subtree', $scope_query, array( 'prefix' => $prefix ) ) );
	}

	/**
	 * @param array<string, mixed> $more
	 * @return mixed Python's answer, null without one.
	 */
	private function call( string $method, AgentMemoryScope $scope, array $more = array() ): mixed {
		$params = array(
			'store'  => $this,
			'method' => $method,
		);
		try {
			return Client::instance()->call( 'memory.plugin_store', $params + get_object_vars( $scope ) + $more, self::PATIENCE );
		} catch ( BridgeException $error ) {
			Policy::report( 'memory store ' . $this->name, $method, $error );
			return null;
		}
	}

	private function written( mixed $result ): AgentMemoryWriteResult {
		return is_array( $result )
			? new AgentMemoryWriteResult( (bool) $result['success'], (string) $result['hash'], (int) $result['bytes'], $result['error'] )
			: AgentMemoryWriteResult::failure( 'io' );
	}

	/** @return AgentMemoryListEntry[] */
	private function entries( mixed $found ): array {
		return array_map(
			static fn ( array $entry ): AgentMemoryListEntry => new AgentMemoryListEntry( (string) $entry['filename'], (string) $entry['layer'], (int) $entry['bytes'], $entry['updated_at'] ),
			is_array( $found ) ? $found : array()
		);
	}
}
