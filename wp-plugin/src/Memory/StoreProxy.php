<?php
/**
 * The sidecar's disk store, for PHP.
 *
 * Reading goes on while the sidecar is away, straight from the files; a write answers `io` then, because only the sidecar
 * knows how to write without losing somebody else's change.
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
use DataMachine\Bridge\Bridge\RemoteError;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class StoreProxy implements AgentMemoryStoreInterface {

	/** Seconds for a change, more than for a read: the disk must have it, and another writer may be first. */
	public const CHANGE = 6.0;

	/** Bytes of the largest file, as `sidecar/memory/values.py` has it. */
	public const MAX_BYTES = 10 * 1024 * 1024;

	/** Longer content is fetched by the sidecar piece by piece: as one message it would need several times its size in memory. */
	private const WHOLE = 256 * 1024;

	private static ?self $instance = null;

	private DirectReader $direct;

	private function __construct() {
		$this->direct = new DirectReader();
	}

	public static function instance(): self {
		return self::$instance ??= new self();
	}

	public function read( AgentMemoryScope $scope ): AgentMemoryReadResult {
		try {
			$found = $this->call( 'memory.read', $scope );
		} catch ( BridgeException $error ) {
			return $this->direct->read( $scope );
		}
		return new AgentMemoryReadResult( (bool) $found['exists'], (string) $found['content'], (string) $found['hash'], (int) $found['bytes'], $found['updated_at'] );
	}

	public function write( AgentMemoryScope $scope, string $content, ?string $if_match = null ): AgentMemoryWriteResult {
		if ( strlen( $content ) > self::MAX_BYTES ) {
			return AgentMemoryWriteResult::failure( 'too_large' );
		}
		return $this->written(
			'memory.write',
			$scope,
			array(
				'content'  => self::pieces( $content ),
				'if_match' => $if_match,
			)
		);
	}

	/** Content as it is put into a call: itself, or what gives `( offset, length )` of it while the call lasts. */
	public static function pieces( string $content ): string|\Closure {
		if ( strlen( $content ) <= self::WHOLE ) {
			return $content;
		}
		return static fn ( int $offset, int $length ): string => substr( $content, $offset, $length );
	}

	public function exists( AgentMemoryScope $scope ): bool {
		try {
			return true === $this->call( 'memory.exists', $scope );
		} catch ( BridgeException $error ) {
			return $this->direct->exists( $scope );
		}
	}

	public function delete( AgentMemoryScope $scope ): AgentMemoryWriteResult {
		return $this->written( 'memory.delete', $scope );
	}

	public function list_layer( AgentMemoryScope $scope_query ): array {
		try {
			return $this->entries( $this->call( 'memory.list_layer', $scope_query ) );
		} catch ( BridgeException $error ) {
			return $this->direct->list_layer( $scope_query );
		}
	}

	public function list_subtree( AgentMemoryScope $scope_query, string $prefix ): array {
		try {
			return $this->entries( $this->call( 'memory.list_subtree', $scope_query, array( 'prefix' => $prefix ) ) );
		} catch ( BridgeException $error ) {
			return $this->direct->list_subtree( $scope_query, $prefix );
		}
	}

	/**
	 * @param array<string, mixed> $more
	 * @throws BridgeException
	 */
	private function call( string $method, AgentMemoryScope $scope, array $more = array(), ?float $budget = null ): mixed {
		return Client::instance()->call( $method, get_object_vars( $scope ) + array( 'site' => Site::facts() ) + $more, $budget );
	}

	/** @param array<string, mixed> $more */
	private function written( string $method, AgentMemoryScope $scope, array $more = array() ): AgentMemoryWriteResult {
		try {
			$result = $this->call( $method, $scope, $more, self::CHANGE );
		} catch ( RemoteError $error ) {
			return AgentMemoryWriteResult::failure( 403 === ( $error->data['status'] ?? 0 ) ? 'capability' : 'io' );
		} catch ( BridgeException $error ) {
			return AgentMemoryWriteResult::failure( 'io' );
		}
		return new AgentMemoryWriteResult( (bool) $result['success'], (string) $result['hash'], (int) $result['bytes'], $result['error'] );
	}

	/** @return AgentMemoryListEntry[] */
	private function entries( mixed $found ): array {
		return array_map(
			static fn ( array $entry ): AgentMemoryListEntry => new AgentMemoryListEntry( (string) $entry['filename'], (string) $entry['layer'], (int) $entry['bytes'], $entry['updated_at'] ),
			is_array( $found ) ? $found : array()
		);
	}
}
