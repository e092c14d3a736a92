<?php
/**
 * Must-use plugin of the trace tests: writes down every hook that matters, with its arguments to depth 3.
 *
 * Active while wp-content/trace.jsonl exists when WordPress loads.
 * At the end of each stage it also writes what the job's row and its data.json hold.
 */

declare(strict_types=1);

namespace DataMachine\Tests\Trace;

final class Recorder {

	private const PREFIXES = array( 'datamachine_', 'agents_api_', 'action_scheduler_' );

	private const NAMES = array(
		'wp_before_execute_ability',
		'wp_after_execute_ability',
		'set_object_terms',
		'transition_post_status',
		'save_post',
		'wp_insert_post',
		'wp_after_insert_post',
		'added_post_meta',
	);

	private const DEPTH = 3;

	private const LONGEST = 160;

	/** The job whose doorbell is being answered, as long as one is. */
	private int $job = 0;

	public function __construct( private readonly string $file ) {
	}

	public function hear( mixed ...$args ): void {
		$hook = (string) array_shift( $args );
		if ( ! $this->wanted( $hook ) ) {
			return;
		}
		[ $kind, $by_reference ] = $this->caller();
		if ( $by_reference && 1 === count( $args ) && is_array( $args[0] ) ) {
			$args = $args[0];
		}
		if ( 'action' === $kind && array( '' ) === $args ) {
			$args = array();
		}
		if ( in_array( $hook, array( 'datamachine_execute_step', 'datamachine_pipeline_batch_chunk' ), true ) ) {
			$this->job = (int) ( $args[0] ?? 0 );
		}
		$this->write(
			array(
				'kind' => $kind,
				'hook' => $hook,
				'args' => array_map( fn( $value ) => $this->shown( $value, 0 ), array_values( $args ) ),
			)
		);
		$ended = 'wp_after_execute_ability' === $hook && 'datamachine/run-flow' === ( $args[0] ?? null );
		if ( $ended || 'action_scheduler_after_process_queue' === $hook ) {
			$this->snapshot();
		}
	}

	private function wanted( string $hook ): bool {
		if ( in_array( $hook, self::NAMES, true ) ) {
			return true;
		}
		if ( str_starts_with( $hook, 'datamachine_bridge' ) ) {
			return false;
		}
		foreach ( self::PREFIXES as $prefix ) {
			if ( str_starts_with( $hook, $prefix ) ) {
				return true;
			}
		}
		return false;
	}

	/** @return array{0: string, 1: bool} The kind, and whether the arguments came as one array. */
	private function caller(): array {
		foreach ( debug_backtrace( DEBUG_BACKTRACE_IGNORE_ARGS, 12 ) as $frame ) {
			switch ( $frame['function'] ) {
				case 'do_action':
					return array( 'action', false );
				case 'do_action_ref_array':
					return array( 'action', true );
				case 'apply_filters':
					return array( 'filter', false );
				case 'apply_filters_ref_array':
					return array( 'filter', true );
			}
		}
		return array( 'unknown', false );
	}

	private function shown( mixed $value, int $depth ): mixed {
		if ( is_array( $value ) ) {
			if ( $depth >= self::DEPTH - 1 ) {
				return 'array(' . count( $value ) . ')';
			}
			$shown = array();
			foreach ( $value as $key => $item ) {
				$shown[ $key ] = $this->shown( $item, $depth + 1 );
			}
			return $shown;
		}
		if ( is_object( $value ) ) {
			return 'obj:' . get_class( $value );
		}
		if ( is_string( $value ) && strlen( $value ) > self::LONGEST ) {
			return mb_strcut( $value, 0, self::LONGEST ) . '...(' . strlen( $value ) . ')';
		}
		return $value;
	}

	private function snapshot(): void {
		global $wpdb;
		$which = $this->job ? "WHERE job_id = {$this->job}" : '';
		$job   = $wpdb->get_row( "SELECT job_id, pipeline_id, flow_id, engine_data FROM {$wpdb->prefix}datamachine_jobs $which ORDER BY job_id DESC LIMIT 1" );
		$file  = sprintf( '%s/datamachine-files/pipeline-%s/flow-%s/jobs/job-%s/data.json', wp_upload_dir()['basedir'], $job->pipeline_id, $job->flow_id, $job->job_id );
		clearstatcache();
		$this->write(
			array(
				'stage'       => true,
				'engine_data' => $job->engine_data,
				'data_json'   => is_file( $file ) ? file_get_contents( $file ) : null,
			)
		);
		$this->job = 0;
	}

	private function write( array $line ): void {
		file_put_contents( $this->file, json_encode( $line, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE ) . "\n", FILE_APPEND | LOCK_EX );
	}
}

$datamachine_trace_file = WP_CONTENT_DIR . '/trace.jsonl';
if ( is_file( $datamachine_trace_file ) ) {
	$datamachine_recorder = new Recorder( $datamachine_trace_file );
	// What WordPress does while it loads is no part of a job.
	add_action( 'wp_loaded', static fn() => add_action( 'all', array( $datamachine_recorder, 'hear' ), 0, PHP_INT_MAX ), PHP_INT_MAX );
}
