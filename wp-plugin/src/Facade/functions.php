<?php
/**
 * Global functions other plugins call.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

if ( ! function_exists( 'datamachine_get_engine_data' ) ) {
	/** @return array<string, mixed> The document of a job; empty when it cannot be read. */
	function datamachine_get_engine_data( int $job_id ): array {
		return \DataMachine\Core\EngineData::retrieve( $job_id );
	}
}

if ( ! function_exists( 'datamachine_set_engine_data' ) ) {
	/** @param array<string, mixed> $data Replaces the document. */
	function datamachine_set_engine_data( int $job_id, array $data ): bool {
		return \DataMachine\Core\EngineData::persist( $job_id, $data );
	}
}

if ( ! function_exists( 'datamachine_merge_engine_data' ) ) {
	/** @param array<string, mixed> $data Merged recursively; lists merge by index. */
	function datamachine_merge_engine_data( int $job_id, array $data ): bool {
		return \DataMachine\Core\EngineData::merge( $job_id, $data );
	}
}

if ( ! function_exists( 'datamachine_log_message' ) ) {
	/**
	 * @param string               $level   debug, info, warning, error or critical.
	 * @param array<string, mixed> $context Stored with the line.
	 */
	function datamachine_log_message( string $level, string|\Stringable $message, array $context = array() ): void {
		/** This action is documented in hooks/product.json */
		do_action( 'datamachine_log', $level, (string) $message, $context );
	}

	/** @param array<string, mixed> $context */
	function datamachine_log_debug( string|\Stringable $message, array $context = array() ): void {
		datamachine_log_message( 'debug', $message, $context );
	}

	/** @param array<string, mixed> $context */
	function datamachine_log_info( string|\Stringable $message, array $context = array() ): void {
		datamachine_log_message( 'info', $message, $context );
	}

	/** @param array<string, mixed> $context */
	function datamachine_log_warning( string|\Stringable $message, array $context = array() ): void {
		datamachine_log_message( 'warning', $message, $context );
	}

	/** @param array<string, mixed> $context */
	function datamachine_log_error( string|\Stringable $message, array $context = array() ): void {
		datamachine_log_message( 'error', $message, $context );
	}

	/** @param array<string, mixed> $context */
	function datamachine_log_critical( string|\Stringable $message, array $context = array() ): void {
		datamachine_log_message( 'critical', $message, $context );
	}
}

if ( ! function_exists( 'datamachine_validate_interval' ) ) {
	/** @return array<string, array{label: string, seconds: int}> */
	function datamachine_get_default_scheduler_intervals(): array {
		return \DataMachine\Bridge\Facade\Registries::default_intervals();
	}

	/** @return array<string, string> Keys of intervals by their other names. */
	function datamachine_get_interval_aliases(): array {
		return \DataMachine\Bridge\Facade\Registries::interval_aliases();
	}

	/** The key of an interval, of whatever name it was given by; any other text is itself. */
	function datamachine_resolve_interval_alias( string $interval ): string {
		return datamachine_get_interval_aliases()[ $interval ] ?? $interval;
	}

	/**
	 * Whether a flow may be scheduled with this word. What looks like a cron expression is checked when it is saved.
	 *
	 * @return array{valid: bool, resolved: string, error?: string, available?: list<string>}
	 */
	function datamachine_validate_interval( string $interval ): array {
		$fields = preg_split( '/\s+/', trim( $interval ) );
		$cron   = str_starts_with( trim( $interval ), '@' )
			|| ( in_array( count( $fields ), array( 5, 6 ), true ) && ! preg_grep( '/^[0-9A-Za-z*\/,\-?#]+$/', $fields, PREG_GREP_INVERT ) );
		if ( $cron || in_array( $interval, array( 'manual', 'one_time', 'cron' ), true ) ) {
			return array(
				'valid'    => true,
				'resolved' => $interval,
			);
		}
		$resolved = datamachine_resolve_interval_alias( $interval );
		/** This filter is documented in hooks/product.json */
		$known = (array) apply_filters( 'datamachine_scheduler_intervals', array() );
		if ( isset( $known[ $resolved ] ) ) {
			return array(
				'valid'    => true,
				'resolved' => $resolved,
			);
		}
		$available = array_values( array_unique( array_map( 'strval', array_keys( $known + datamachine_get_interval_aliases() ) ) ) );
		sort( $available );
		return array(
			'valid'     => false,
			'resolved'  => $resolved,
			'error'     => sprintf( "Invalid interval '%s'. Valid options: %s", $interval, implode( ', ', $available ) ),
			'available' => $available,
		);
	}
}

if ( ! function_exists( 'datamachine_flow_exists' ) ) {
	function datamachine_flow_exists( int $flow_id ): bool {
		return null !== ( new \DataMachine\Core\Database\Flows\Flows() )->get_flow( $flow_id );
	}
}

if ( ! function_exists( 'datamachine_get_file_context' ) ) {
	/**
	 * Where files of a flow lie, for FileStorage and its like; `direct` for no stored flow.
	 *
	 * @return array<string, int|string> Empty for an unknown flow.
	 */
	function datamachine_get_file_context( int|string|null $flow_id ): array {
		if ( null === $flow_id || 'direct' === $flow_id ) {
			return array(
				'pipeline_id' => 'direct',
				'flow_id'     => 'direct',
			);
		}
		$flow = ( new \DataMachine\Core\Database\Flows\Flows() )->get_flow( (int) $flow_id );
		return null === $flow ? array() : array(
			'pipeline_id' => (int) $flow['pipeline_id'],
			'flow_id'     => (int) $flow['flow_id'],
		);
	}
}

if ( ! function_exists( 'datamachine_get_queue_tuning_defaults' ) ) {
	/** @return array<string, int> */
	function datamachine_get_queue_tuning_defaults(): array {
		return \DataMachine\Core\PluginSettings::getDefaultQueueTuning();
	}
}

if ( ! function_exists( 'datamachine_get_valid_log_levels' ) ) {
	/** @return list<string> */
	function datamachine_get_valid_log_levels(): array {
		return array( 'debug', 'info', 'warning', 'error', 'critical' );
	}
}

if ( ! function_exists( 'datamachine_normalize_engine_config' ) ) {
	/**
	 * A configuration as an array, whether it came as one or as JSON text.
	 *
	 * @param mixed $config
	 * @return array<string, mixed>
	 */
	function datamachine_normalize_engine_config( $config ): array {
		if ( is_string( $config ) ) {
			$config = json_decode( $config, true );
		}
		return is_array( $config ) ? $config : array();
	}
}

if ( ! function_exists( 'datamachine_for_each_site' ) ) {
	/** Calls back on every site of a network, or once; with the id of the site. */
	function datamachine_for_each_site( callable $callback ): void {
		if ( ! is_multisite() ) {
			$callback( get_current_blog_id() );
			return;
		}
		foreach ( get_sites( array( 'fields' => 'ids', 'number' => 0 ) ) as $blog ) { // phpcs:ignore WordPress.Arrays.ArrayDeclarationSpacing -- short.
			switch_to_blog( (int) $blog );
			try {
				$callback( (int) $blog );
			} finally {
				restore_current_blog();
			}
		}
	}
}
