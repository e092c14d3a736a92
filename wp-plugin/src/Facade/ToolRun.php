<?php
/**
 * What publish and upsert handlers have in common when a model calls their tool.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Facade;

use DataMachine\Core\EngineData;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class ToolRun {

	/**
	 * The handler's configuration with credentials in place of a reference to them.
	 *
	 * @param array<string, mixed> $tool_def   The tool's definition: `handler` and `handler_config`.
	 * @param array<string, mixed> $parameters Of the call: where it happens.
	 * @return array<string, mixed>|\WP_Error
	 */
	public static function handler_config( array $tool_def, array $parameters, string $slug ): array|\WP_Error {
		$config = is_array( $tool_def['handler_config'] ?? null ) ? $tool_def['handler_config'] : array();
		/** This filter is documented in hooks/product.json */
		$resolved = apply_filters(
			'datamachine_auth_ref_to_handler_config',
			$config,
			$slug,
			array(
				'flow_step_id' => $parameters['flow_step_id'] ?? null,
				'pipeline_id'  => $parameters['pipeline_id'] ?? null,
				'flow_id'      => $parameters['flow_id'] ?? null,
				'job_id'       => $parameters['job_id'],
				'runtime'      => true,
			)
		);
		return is_array( $resolved ) || is_wp_error( $resolved ) ? $resolved : $config;
	}

	/**
	 * The engine data of the job: the object that came with the call, else read again.
	 *
	 * @param array<string, mixed> $parameters
	 */
	public static function engine( array $parameters ): EngineData {
		$engine = $parameters['engine'] ?? null;
		return $engine instanceof EngineData ? $engine : EngineData::forJob( (int) $parameters['job_id'] );
	}
}
