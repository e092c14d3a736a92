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
