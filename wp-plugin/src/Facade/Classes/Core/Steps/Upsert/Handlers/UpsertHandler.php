<?php
/**
 * What a handler that creates or changes something, written in PHP, extends.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\Steps\Upsert\Handlers;

use DataMachine\Bridge\Facade\ToolRun;
use DataMachine\Core\EngineData;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/** A subclass supplies executeUpsert(parameters, handler_config); there is no dry run. */
abstract class UpsertHandler {

	/** @return array<string, mixed> */
	protected function getEngineData( int $job_id ): array {
		return EngineData::retrieve( $job_id );
	}

	protected function getSourceUrl( int $job_id ): ?string {
		return EngineData::forJob( $job_id )->getSourceUrl();
	}

	/**
	 * @param array<string, mixed> $parameters     Of the call, with `job_id` and `engine` (EngineData).
	 * @param array<string, mixed> $handler_config Of the flow step.
	 * @return array<string, mixed> `{success: true, data, tool_name}` or errorResponse().
	 */
	abstract protected function executeUpsert( array $parameters, array $handler_config ): array;

	/**
	 * @param array<string, mixed> $parameters
	 * @param array<string, mixed> $tool_def   `handler_config` in it is the flow step's.
	 * @return array<string, mixed>
	 */
	final public function handle_tool_call( array $parameters, array $tool_def = array() ): array {
		if ( (int) ( $parameters['job_id'] ?? 0 ) < 1 ) {
			return $this->errorResponse( 'job_id parameter is required for upsert operations' );
		}
		$parameters['engine'] = ToolRun::engine( $parameters );
		$config               = ToolRun::handler_config( $tool_def, $parameters, (string) ( $tool_def['handler'] ?? '' ) );
		return is_wp_error( $config ) ? $this->errorResponse( $config->get_error_message() ) : $this->executeUpsert( $parameters, $config );
	}

	/**
	 * @param array<string, mixed> $context For the log.
	 * @return array<string, mixed>
	 */
	protected function errorResponse( string $message, array $context = array(), string $level = 'error' ): array {
		/** This action is documented in hooks/product.json */
		do_action( 'datamachine_log', $level, 'Upsert Handler Error: ' . $message, array_merge( array( 'handler' => static::class ), $context ) );
		return array(
			'success'   => false,
			'error'     => $message,
			'tool_name' => static::class,
		);
	}
}
