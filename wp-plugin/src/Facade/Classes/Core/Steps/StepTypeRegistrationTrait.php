<?php
/**
 * Registers a type of step from its constructor.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\Steps;

use DataMachine\Bridge\Facade\Registered;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

trait StepTypeRegistrationTrait {

	/**
	 * A second registration of a slug in one process is ignored.
	 *
	 * @param array<string, mixed>|null $stepSettings What `datamachine_step_settings` shows for the type.
	 */
	protected static function registerStepType( string $slug, string $label, string $description, string $class_name, int $position = 50, bool $usesHandler = true, bool $multiHandler = false, bool $hasPipelineConfig = false, bool $consumeAllPackets = false, ?array $stepSettings = null, bool $showSettingsDisplay = true ): void {
		Registered::step_type(
			$slug,
			array(
				'label'                 => $label,
				'description'           => $description,
				'class'                 => $class_name,
				'position'              => $position,
				'uses_handler'          => $usesHandler,
				'multi_handler'         => $multiHandler,
				'has_pipeline_config'   => $hasPipelineConfig,
				'consume_all_packets'   => $consumeAllPackets,
				'show_settings_display' => $showSettingsDisplay,
			),
			$stepSettings
		);
	}
}
