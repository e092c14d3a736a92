<?php
/**
 * What the sidecar asks of WordPress about memory: which store keeps a file, and operations on a plugin's store.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Memory;

use AgentsAPI\Core\FilesRepository\AgentMemoryListEntry;
use AgentsAPI\Core\FilesRepository\AgentMemoryScope;
use AgentsAPI\Core\FilesRepository\AgentMemoryStoreInterface;
use AgentsAPI\Core\FilesRepository\AgentMemoryWriteResult;
use DataMachine\Bridge\Host\Failure;
use DataMachine\Bridge\Host\Params;
use DataMachine\Bridge\Identity\DefaultAgent;
use DataMachine\Core\FilesRepository\AgentMemoryStoreFactory;
use DataMachine\Core\FilesRepository\DiskAgentMemoryStore;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class HostOperations {

	/**
	 * `{user_id, agent_id, filename, layer}` ('' and 0 mean the default) gives `{scope, store, site}`: PHP's scope object, the
	 * store a plugin offered or null for ours. Fires `agents_api_memory_store` once.
	 *
	 * @param array<string, mixed> $params
	 * @return array{scope: AgentMemoryScope, store: ?AgentMemoryStoreInterface, site: array<string, mixed>}
	 */
	public static function open( array $params ): array {
		$filename = Params::text( $params, 'filename' );
		$user_id  = Params::id( $params, 'user_id', 0 );
		// What stands beside wp-config.php is in one layer only, whichever is named: that one says who may write it.
		$scope = new AgentMemoryScope(
			Layout::layer_of( $filename, (string) ( $params['layer'] ?? '' ) ),
			0 !== $user_id ? $user_id : DefaultAgent::current()['user_id'],
			Params::id( $params, 'agent_id', 0 ),
			$filename
		);
		$store = AgentMemoryStoreFactory::for_scope( $scope );
		if ( $store instanceof AbsentStore ) {
			throw new Failure( 'memory_store_failed', 'A Python plugin that names memory stores gave no answer.', 503 );
		}
		return array(
			'scope' => $scope,
			'store' => $store instanceof StoreProxy || $store instanceof DiskAgentMemoryStore ? null : $store,
			'site'  => Site::facts(),
		);
	}

	/**
	 * `{blog_id?}` gives what Site::facts() says.
	 *
	 * @param array<string, mixed> $params
	 * @return array<string, mixed>
	 */
	public static function site( array $params ): array {
		return Site::facts( Params::id( $params, 'blog_id', 0 ) );
	}

	/**
	 * `{store, method, layer, user_id, agent_id, filename}` and what the method takes: one operation on a live store.
	 *
	 * @param array<string, mixed> $params
	 */
	public static function store( array $params ): mixed {
		$store = $params['store'] ?? null;
		if ( ! $store instanceof AgentMemoryStoreInterface ) {
			throw new Failure( 'invalid_parameter', 'Parameter "store" must be a live memory store.', 400 );
		}
		$scope = new AgentMemoryScope(
			Params::text( $params, 'layer' ),
			Params::id( $params, 'user_id' ),
			Params::id( $params, 'agent_id' ),
			(string) ( $params['filename'] ?? '' )
		);
		return match ( $params['method'] ?? '' ) {
			'read'         => get_object_vars( $store->read( $scope ) ),
			'exists'       => $store->exists( $scope ),
			'write'        => self::written( $store->write( $scope, (string) ( $params['content'] ?? '' ), $params['if_match'] ?? null ) ),
			'delete'       => self::written( $store->delete( $scope ) ),
			'list_layer'   => self::entries( $store->list_layer( $scope ) ),
			'list_subtree' => self::entries( $store->list_subtree( $scope, (string) ( $params['prefix'] ?? '' ) ) ),
			default        => throw new Failure( 'invalid_parameter', 'A memory store has no such method.', 400 ),
		};
	}

	/** @return array<string, mixed> */
	private static function written( AgentMemoryWriteResult $result ): array {
		return get_object_vars( $result );
	}

	/** @return list<array<string, mixed>> */
	private static function entries( array $entries ): array {
		return array_values( array_map( static fn ( AgentMemoryListEntry $entry ): array => get_object_vars( $entry ), $entries ) );
	}
}
