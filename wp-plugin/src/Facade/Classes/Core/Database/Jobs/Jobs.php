<?php
/**
 * Jobs, for PHP code that knows Data Machine's repository.
 *
 * A row is an array of texts; `engine_data` is an array. Reading needs no sidecar; writing does.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\Database\Jobs;

use DataMachine\Bridge\Facade\Rows;
use DataMachine\Bridge\Schema\Installer;
use DataMachine\Core\EngineData;
use DataMachine\Core\JobStatus;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class Jobs {

	private const TABLE = 'datamachine_jobs';

	private const DOCUMENTS = array( 'engine_data' );

	public function __construct() {
	}

	/**
	 * A `pending` job, which nobody rings for.
	 *
	 * @param array<string, mixed> $job_data `pipeline_id` and `flow_id` (both ids, both `direct`, or none), `source`, `label`,
	 *                                       `user_id`, `agent_id`, `parent_job_id`, `task_type`, `engine_data`.
	 */
	public function create_job( array $job_data ): int|false {
		$id = Rows::write(
			'engine.job',
			array(
				'do'  => 'create',
				'job' => $job_data,
			)
		);
		return is_int( $id ) && $id > 0 ? $id : false;
	}

	/** @param array<string, mixed> $args As get_jobs_for_list_table(). */
	public function get_jobs_count( array $args = array() ): int {
		list( $where, $values ) = self::where( $args );
		return (int) Rows::value( self::TABLE, "SELECT COUNT(*) FROM %i WHERE $where", $values );
	}

	/**
	 * Newest first.
	 *
	 * @param array<string, mixed> $args `status`, `source`, `flow_id`, `pipeline_id`, `user_id`, `agent_id`, `parent_job_id`,
	 *                                   `per_page`, `offset`.
	 * @return list<array<string, mixed>>
	 */
	public function get_jobs_for_list_table( array $args ): array {
		list( $where, $values ) = self::where( $args );
		$values[]               = max( 1, (int) ( $args['per_page'] ?? 20 ) );
		$values[]               = max( 0, (int) ( $args['offset'] ?? 0 ) );
		return self::rows( "SELECT * FROM %i WHERE $where ORDER BY job_id DESC LIMIT %d OFFSET %d", $values );
	}

	/** To `processing` (or `waiting`); a job that has ended stays ended. */
	public function start_job( int $job_id, string $status = 'processing' ): bool {
		return true === Rows::write(
			'engine.job',
			array(
				'do'     => 'start',
				'job_id' => $job_id,
				'status' => $status,
			)
		);
	}

	/** Ends a job with a final status; false for any other word, and for a job that has ended. */
	public function complete_job( int $job_id, string $status ): bool {
		return true === Rows::write(
			'engine.job',
			array(
				'do'     => 'complete',
				'job_id' => $job_id,
				'status' => $status,
			)
		);
	}

	public function update_job_status( int $job_id, string $status ): bool {
		return JobStatus::isStatusFinal( $status ) ? $this->complete_job( $job_id, $status ) : $this->start_job( $job_id, $status );
	}

	/** @return list<array<string, mixed>> */
	public function get_jobs_for_pipeline( int $pipeline_id ): array {
		return self::rows( 'SELECT * FROM %i WHERE pipeline_id = %s ORDER BY job_id DESC', array( (string) $pipeline_id ) );
	}

	/** @return list<array<string, mixed>> */
	public function get_jobs_for_flow( string|int $flow_id ): array {
		return self::rows( 'SELECT * FROM %i WHERE flow_id = %s ORDER BY job_id DESC', array( (string) $flow_id ) );
	}

	/** @return list<array<string, mixed>> Oldest first. */
	public function get_children( int $parent_job_id ): array {
		return self::rows( 'SELECT * FROM %i WHERE parent_job_id = %d ORDER BY job_id ASC', array( $parent_job_id ) );
	}

	/** @return array<int|string, array<string, mixed>> The newest job of each flow that has one. */
	public function get_latest_jobs_by_flow_ids( array $flow_ids ): array {
		$ids = array_values( array_unique( array_map( 'strval', $flow_ids ) ) );
		if ( array() === $ids ) {
			return array();
		}
		$marks = implode( ', ', array_fill( 0, count( $ids ), '%s' ) );
		$found = self::rows( "SELECT MAX(job_id) AS job_id FROM %i WHERE flow_id IN ( $marks ) GROUP BY flow_id", $ids );
		$jobs  = array_map( 'intval', array_column( $found, 'job_id' ) );
		if ( array() === $jobs ) {
			return array();
		}
		$marks = implode( ', ', array_fill( 0, count( $jobs ), '%d' ) );
		return array_column( self::rows( "SELECT * FROM %i WHERE job_id IN ( $marks )", $jobs ), null, 'flow_id' );
	}

	/**
	 * The ability `datamachine/delete-jobs`: as whoever acts may.
	 *
	 * @param array{type?: string, failed?: bool} $criteria
	 */
	public function delete_jobs( array $criteria = array() ): int|false {
		$type   = (string) ( $criteria['type'] ?? ( ! empty( $criteria['failed'] ) ? 'failed' : 'all' ) );
		$answer = Rows::ability( 'delete-jobs', array( 'type' => $type ) );
		return isset( $answer['deleted_count'] ) ? (int) $answer['deleted_count'] : false;
	}

	/** How many jobs with such a status (a prefix) ended that long ago. */
	public function count_old_jobs( string $status_pattern, int $older_than_days ): int {
		global $wpdb;
		return (int) Rows::value(
			self::TABLE,
			'SELECT COUNT(*) FROM %i WHERE status LIKE %s AND completed_at < UTC_TIMESTAMP() - INTERVAL %d DAY',
			array( $wpdb->esc_like( rtrim( $status_pattern, '%' ) ) . '%', max( 1, $older_than_days ) )
		);
	}

	/** @param array<string, mixed> $data Replaces the document. */
	public function store_engine_data( int $job_id, array $data ): bool {
		return EngineData::persist( $job_id, $data );
	}

	/** @return array<string, mixed> */
	public function retrieve_engine_data( int $job_id ): array {
		return EngineData::retrieve( $job_id );
	}

	/** @return array<string, mixed>|null */
	public function get_job( int $job_id ): ?array {
		return self::rows( 'SELECT * FROM %i WHERE job_id = %d', array( $job_id ) )[0] ?? null;
	}

	/** @return array<string, mixed> `{consecutive_failures, consecutive_no_items, latest_job}`, as the last job left it. */
	public function get_flow_health( string|int $flow_id ): array {
		$found = get_transient( 'datamachine_flow_health_' . $flow_id );
		return is_array( $found ) ? $found : array(
			'consecutive_failures' => 0,
			'consecutive_no_items' => 0,
			'latest_job'           => $this->get_latest_jobs_by_flow_ids( array( $flow_id ) )[ $flow_id ] ?? null,
		);
	}

	/** @return list<int> Flows whose last jobs ended ill, or without items, so many times: the ability `datamachine/get-problem-flows`. */
	public function get_problem_flow_ids( int $threshold = 3 ): array {
		$answer = Rows::ability( 'get-problem-flows', array( 'threshold' => $threshold ) );
		$flows  = array_merge( (array) ( $answer['failing'] ?? array() ), (array) ( $answer['idle'] ?? array() ) );
		return array_values( array_unique( array_map( 'intval', array_column( $flows, 'flow_id' ) ) ) );
	}

	/** Makes the product's tables that are absent. */
	public static function create_table() {
		Installer::for_this_site()->install( false );
	}

	/**
	 * @param array<string, mixed> $args
	 * @return array{0: literal-string, 1: list<mixed>}
	 */
	private static function where( array $args ): array {
		global $wpdb;
		$where  = '1 = 1';
		$values = array();
		foreach ( array( 'flow_id' => '%s', 'pipeline_id' => '%s', 'source' => '%s', 'user_id' => '%d', 'agent_id' => '%d', 'parent_job_id' => '%d' ) as $column => $mark ) { // phpcs:ignore WordPress.Arrays.ArrayDeclarationSpacing -- a list.
			if ( isset( $args[ $column ] ) && '' !== $args[ $column ] ) {
				$where   .= " AND $column = $mark";
				$values[] = $args[ $column ];
			}
		}
		if ( ! empty( $args['status'] ) ) {
			$where   .= ' AND ( status = %s OR status LIKE %s )';
			$values[] = $args['status'];
			$values[] = $wpdb->esc_like( (string) $args['status'] ) . ' - %';
		}
		return array( $where, $values );
	}

	/**
	 * @param literal-string $sql
	 * @return list<array<string, mixed>>
	 */
	private static function rows( string $sql, array $args = array() ): array {
		return Rows::all( self::TABLE, $sql, $args, str_starts_with( $sql, 'SELECT *' ) ? self::DOCUMENTS : array() );
	}
}
