<?php
/**
 * What the sidecar asks of WordPress about daily memory: which storage keeps an agent's days, and operations on it.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Memory;

use DataMachine\Bridge\Host\Failure;
use DataMachine\Bridge\Host\Params;
use DataMachine\Core\FilesRepository\DailyMemory;
use DataMachine\Core\FilesRepository\DailyMemoryStorage;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class DailyOperations {

	private const METHODS = array( 'read', 'write', 'append', 'delete', 'list_all', 'search' );

	/**
	 * `{user_id, agent_id}` gives the storage a plugin named, null for ours. Fires `datamachine_daily_memory_storage` once.
	 *
	 * @param array<string, mixed> $params
	 */
	public static function storage( array $params ): ?DailyMemoryStorage {
		$user_id  = Params::id( $params, 'user_id', 0 );
		$agent_id = Params::id( $params, 'agent_id', 0 );
		$default  = new DailyMemory( $user_id, $agent_id );
		/** This filter is documented in hooks/adapter.json */
		$storage = apply_filters( 'datamachine_daily_memory_storage', $default, $user_id, $agent_id );
		return $storage instanceof DailyMemoryStorage && $storage !== $default ? $storage : null;
	}

	/**
	 * `{storage, method, args}`: one operation on a live storage.
	 *
	 * @param array<string, mixed> $params
	 * @return array<string, mixed>
	 */
	public static function call( array $params ): array {
		$storage = $params['storage'] ?? null;
		$method  = Params::text( $params, 'method' );
		if ( ! $storage instanceof DailyMemoryStorage || ! in_array( $method, self::METHODS, true ) ) {
			throw new Failure( 'invalid_parameter', 'A live storage of daily memory and one of its methods are needed.', 400 );
		}
		return $storage->$method( ...array_values( Params::items( $params, 'args' ) ) );
	}
}
