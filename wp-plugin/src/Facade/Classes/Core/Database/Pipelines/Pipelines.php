<?php
/**
 * Pipelines, for PHP code that knows Data Machine's repository: reading, without a sidecar.
 *
 * A row is an array of texts; `pipeline_config` is an array. Pipelines are created and changed with the abilities
 * `datamachine/create-pipeline`, `datamachine/update-pipeline`, ...
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\Database\Pipelines;

use DataMachine\Bridge\Facade\Rows;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class Pipelines {

	public const TABLE_NAME = 'datamachine_pipelines';

	private const DOCUMENTS = array( 'pipeline_config' );

	/** @return array<string, mixed>|null */
	public function get_pipeline( int $pipeline_id ): ?array {
		return Rows::all( self::TABLE_NAME, 'SELECT * FROM %i WHERE pipeline_id = %d', array( $pipeline_id ), self::DOCUMENTS )[0] ?? null;
	}

	/** @return list<array<string, mixed>> */
	public function get_all_pipelines( ?int $user_id = null, ?int $agent_id = null ): array {
		list( $whose, $args ) = Rows::whose( $user_id, $agent_id );
		return Rows::all( self::TABLE_NAME, "SELECT * FROM %i WHERE 1 = 1 $whose ORDER BY pipeline_id ASC", $args, self::DOCUMENTS );
	}

	/** @return array<string, mixed> The steps by id. */
	public function get_pipeline_config( int $pipeline_id ): array {
		return $this->get_pipeline( $pipeline_id )['pipeline_config'] ?? array();
	}

	public function get_pipelines_count( ?int $user_id = null, ?int $agent_id = null ): int {
		list( $whose, $args ) = Rows::whose( $user_id, $agent_id );
		return (int) Rows::value( self::TABLE_NAME, "SELECT COUNT(*) FROM %i WHERE 1 = 1 $whose", $args );
	}
}
