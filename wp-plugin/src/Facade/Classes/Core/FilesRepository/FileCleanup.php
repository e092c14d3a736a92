<?php
/**
 * Clears files away. The sidecar does it, which knows what is still at work; without it nothing is removed.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\FilesRepository;

use DataMachine\Bridge\Bridge\BridgeException;
use DataMachine\Bridge\Bridge\Client;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class FileCleanup {

	/** Seconds: there may be many. */
	private const BUDGET = 60.0;

	public function __construct() {
	}

	/** Removes everything that a pipeline keeps on disk; true when nothing is left. */
	public function delete_pipeline_directory( int $pipeline_id ): bool {
		return true === self::ask( 'files.remove_pipeline', array( 'pipeline_id' => $pipeline_id ) );
	}

	/**
	 * @param array{pipeline_id?: int|string|null, flow_id?: int|string|null} $context
	 * @return int Folders removed: 0 or 1.
	 */
	public function cleanup_job_data_packets( int $job_id, array $context ): int {
		return (int) self::ask( 'files.remove_job', FileStorage::ids( $context ) + array( 'job_id' => $job_id ) );
	}

	/** Removes flows' files and ended jobs' packets that are older than so many days; how many. */
	public function cleanup_old_files( int $retention_days = 7 ): int {
		return (int) self::ask( 'files.clear', array( 'days' => $retention_days ) );
	}

	/** @param array<string, mixed> $params */
	private static function ask( string $method, array $params ): mixed {
		try {
			return Client::instance()->call( $method, $params, self::BUDGET, Client::CONNECT_FOR_ANSWER );
		} catch ( BridgeException $error ) {
			/** This action is documented in hooks/product.json */
			do_action( 'datamachine_log', 'error', 'Files were not cleaned up: ' . $error->getMessage(), $params );
			return null;
		}
	}
}
