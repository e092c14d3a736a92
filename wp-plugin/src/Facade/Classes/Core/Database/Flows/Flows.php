<?php
/**
 * Flows, for PHP code that knows Data Machine's repository.
 *
 * A row is an array of texts; `flow_config` and `scheduling_config` are arrays. Reading needs no sidecar; writing does.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\Database\Flows;

use DataMachine\Bridge\Facade\Rows;
use DataMachine\Bridge\Schema\Installer;
use DataMachine\Core\Database\BaseRepository;
use DataMachine\Core\EngineData;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class Flows extends BaseRepository {

	public const TABLE_NAME = 'datamachine_flows';

	private const DOCUMENTS = array( 'flow_config', 'scheduling_config' );

	/** Makes the product's tables that are absent. */
	public static function create_table(): void {
		Installer::for_this_site()->install( false );
	}

	/** `datamachine migrate` changes tables; nothing else does. */
	public function migrate_columns(): void {
	}

	/**
	 * The ability `datamachine/create-flow`: as whoever acts may.
	 *
	 * @return int|false
	 */
	public function create_flow( array $flow_data ) {
		$answer = Rows::ability( 'create-flow', $flow_data );
		$id     = (int) ( $answer['flow_id'] ?? 0 );
		return $id > 0 ? $id : false;
	}

	/** @return array<string, mixed>|null */
	public function get_flow( int $flow_id ): ?array {
		return self::rows( 'SELECT * FROM %i WHERE flow_id = %d', array( $flow_id ) )[0] ?? null;
	}

	/** @return array<string, mixed>|null */
	public function get_by_portable_slug( int $pipeline_id, string $portable_slug ): ?array {
		return self::rows( 'SELECT * FROM %i WHERE pipeline_id = %d AND portable_slug = %s', array( $pipeline_id, $portable_slug ) )[0] ?? null;
	}

	/** The text of the column, for compare_and_swap_flow_config(). */
	public function get_flow_config_json( int $flow_id ): ?string {
		return Rows::value( self::TABLE_NAME, 'SELECT flow_config FROM %i WHERE flow_id = %d', array( $flow_id ) );
	}

	/** Stores a new configuration when the stored one is still the expected one. */
	public function compare_and_swap_flow_config( int $flow_id, string $expected_config_json, array $new_flow_config ): bool {
		return true === Rows::write(
			'engine.flow',
			array(
				'do'       => 'swap',
				'flow_id'  => $flow_id,
				'expected' => $expected_config_json,
				'config'   => $new_flow_config,
			)
		);
	}

	/** @return list<array<string, mixed>> */
	public function get_flows_for_pipeline( int $pipeline_id ): array {
		return self::rows( 'SELECT * FROM %i WHERE pipeline_id = %d ORDER BY flow_id ASC', array( $pipeline_id ) );
	}

	/** @return list<array<string, mixed>> */
	public function get_all_flows( ?int $user_id = null, ?int $agent_id = null ): array {
		list( $whose, $args ) = Rows::whose( $user_id, $agent_id );
		return self::rows( "SELECT * FROM %i WHERE 1 = 1 $whose ORDER BY flow_id ASC", $args );
	}

	/** @return list<array<string, mixed>> */
	public function get_flows_for_pipeline_paginated( int $pipeline_id, int $per_page = 20, int $offset = 0 ): array {
		return self::rows( 'SELECT * FROM %i WHERE pipeline_id = %d ORDER BY flow_id ASC LIMIT %d OFFSET %d', array( $pipeline_id, max( 1, $per_page ), max( 0, $offset ) ) );
	}

	public function count_flows_for_pipeline( int $pipeline_id ): int {
		return (int) Rows::value( self::TABLE_NAME, 'SELECT COUNT(*) FROM %i WHERE pipeline_id = %d', array( $pipeline_id ) );
	}

	/** @return array<int, int> Numbers of flows by pipeline; 0 for one without. */
	public function count_flows_grouped_by_pipeline( array $pipeline_ids ): array {
		$ids = array_values( array_unique( array_map( 'intval', $pipeline_ids ) ) );
		if ( array() === $ids ) {
			return array();
		}
		$marks = implode( ', ', array_fill( 0, count( $ids ), '%d' ) );
		$found = self::rows( "SELECT pipeline_id, COUNT(*) AS flows FROM %i WHERE pipeline_id IN ( $marks ) GROUP BY pipeline_id", $ids );
		return array_map( 'intval', array_column( $found, 'flows', 'pipeline_id' ) ) + array_fill_keys( $ids, 0 );
	}

	/** @return list<array<string, mixed>> */
	public function get_all_flows_paginated( int $per_page = 20, int $offset = 0, ?int $user_id = null, ?int $agent_id = null ): array {
		list( $whose, $args ) = Rows::whose( $user_id, $agent_id );
		return self::rows( "SELECT * FROM %i WHERE 1 = 1 $whose ORDER BY flow_id ASC LIMIT %d OFFSET %d", array_merge( $args, array( max( 1, $per_page ), max( 0, $offset ) ) ) );
	}

	public function count_all_flows( ?int $user_id = null, ?int $agent_id = null ): int {
		list( $whose, $args ) = Rows::whose( $user_id, $agent_id );
		return (int) Rows::value( self::TABLE_NAME, "SELECT COUNT(*) FROM %i WHERE 1 = 1 $whose", $args );
	}

	/** @return list<array<string, mixed>> Without the steps. */
	public function get_all_flows_summary( int $per_page = 20, int $offset = 0, ?int $user_id = null, ?int $agent_id = null ): array {
		return array_map(
			static function ( array $flow ): array {
				unset( $flow['flow_config'] );
				return $flow;
			},
			$this->get_all_flows_paginated( $per_page, $offset, $user_id, $agent_id )
		);
	}

	/** @return list<array<string, mixed>> The ability `datamachine/get-problem-flows`. */
	public function get_problem_flows( int $threshold = 3 ): array {
		$answer = Rows::ability( 'get-problem-flows', array( 'threshold' => $threshold ) );
		return array_values( array_merge( (array) ( $answer['failing'] ?? array() ), (array) ( $answer['idle'] ?? array() ) ) );
	}

	/** Columns as given (`flow_name`, `flow_config`, `scheduling_config`); the timetable is left as it is. */
	public function update_flow( int $flow_id, array $flow_data ): bool {
		return true === Rows::write(
			'engine.flow',
			array(
				'do'      => 'update',
				'flow_id' => $flow_id,
				'flow'    => $flow_data,
			)
		);
	}

	/** The ability `datamachine/delete-flow`: as whoever acts may. */
	public function delete_flow( int $flow_id ): bool {
		return array() !== Rows::ability( 'delete-flow', array( 'flow_id' => $flow_id ) );
	}

	public function update_flow_scheduling( int $flow_id, array $scheduling_config ): bool {
		return $this->update_flow( $flow_id, array( 'scheduling_config' => $scheduling_config ) );
	}

	/** @return array<string, mixed>|null */
	public function get_flow_scheduling( int $flow_id ): ?array {
		return $this->get_flow( $flow_id )['scheduling_config'] ?? null;
	}

	public static function is_flow_enabled( array $scheduling_config ): bool {
		return false !== ( $scheduling_config['enabled'] ?? true );
	}

	/** Nothing: flows are rung by the queue, not looked for. */
	public function get_flows_ready_for_execution(): array {
		return array();
	}

	/** @return list<string> */
	public function get_flow_memory_files( int $flow_id ): array {
		$files = $this->get_flow( $flow_id )['flow_config']['memory_files'] ?? array();
		return is_array( $files ) ? array_values( array_filter( $files, 'is_string' ) ) : array();
	}

	public function update_flow_memory_files( int $flow_id, array $memory_files ): bool {
		return true === Rows::write(
			'engine.flow',
			array(
				'do'      => 'memory',
				'flow_id' => $flow_id,
				'files'   => array_values( $memory_files ),
			)
		);
	}

	/**
	 * A step as the job has it, else as the flow has it now.
	 *
	 * @return array<string, mixed>
	 */
	public function get_flow_step_config( string $flow_step_id, ?int $job_id = null, bool $require_engine_data = false ): array {
		$found = null === $job_id ? array() : EngineData::forJob( $job_id )->getFlowStepConfig( $flow_step_id );
		if ( array() !== $found || $require_engine_data ) {
			return $found;
		}
		$at   = strrpos( $flow_step_id, '_' );
		$flow = false === $at ? null : $this->get_flow( (int) substr( $flow_step_id, $at + 1 ) );
		$step = $flow['flow_config'][ $flow_step_id ] ?? array();
		return is_array( $step ) ? $step : array();
	}

	/**
	 * @param literal-string $sql
	 * @return list<array<string, mixed>>
	 */
	private static function rows( string $sql, array $args = array() ): array {
		return Rows::all( self::TABLE_NAME, $sql, $args, str_starts_with( $sql, 'SELECT *' ) ? self::DOCUMENTS : array() );
	}
}
