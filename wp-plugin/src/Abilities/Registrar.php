<?php
/**
 * The abilities of the engine, as WordPress knows them. Executing one asks the sidecar.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Abilities;

use DataMachine\Abilities\PermissionHelper;
use DataMachine\Bridge\Bridge\BridgeException;
use DataMachine\Bridge\Bridge\Client;
use DataMachine\Bridge\Bridge\RemoteError;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Registrar {

	private const JOBS = 'datamachine-jobs';

	private const PIPELINE = 'datamachine-pipeline';

	public static function categories(): void {
		self::category( self::JOBS, __( 'Jobs', 'datamachine-bridge' ), __( 'Running flows and their steps.', 'datamachine-bridge' ) );
		self::category( self::PIPELINE, __( 'Pipelines', 'datamachine-bridge' ), __( 'Pipelines and the steps they are made of.', 'datamachine-bridge' ) );
	}

	public static function abilities(): void {
		$id = array( 'type' => 'integer' );
		self::ability(
			'datamachine/run-flow',
			self::JOBS,
			__( 'Run a flow', 'datamachine-bridge' ),
			__( 'Creates a job of a flow and queues its first step.', 'datamachine-bridge' ),
			array(
				'flow_id'      => $id,
				'job_id'       => array( 'type' => array( 'integer', 'null' ) ),
				'initial_data' => array( 'type' => array( 'object', 'array', 'null' ) ),
			),
			array( 'flow_id' )
		);
		self::ability(
			'datamachine/schedule-next-step',
			self::JOBS,
			__( 'Schedule the next step', 'datamachine-bridge' ),
			__( 'Stores the packets of a job and queues one of its steps.', 'datamachine-bridge' ),
			array(
				'job_id'       => $id,
				'flow_step_id' => array( 'type' => 'string' ),
				'data_packets' => array( 'type' => 'array' ),
			),
			array( 'job_id', 'flow_step_id' )
		);
		self::ability(
			'datamachine/execute-step',
			self::JOBS,
			__( 'Execute a step', 'datamachine-bridge' ),
			__( 'Runs one step of a job at once.', 'datamachine-bridge' ),
			array(
				'job_id'       => $id,
				'flow_step_id' => array( 'type' => 'string' ),
			),
			array( 'job_id', 'flow_step_id' )
		);
		self::ability(
			'datamachine/get-step-types',
			self::PIPELINE,
			__( 'List step types', 'datamachine-bridge' ),
			__( 'The types of steps a pipeline may have.', 'datamachine-bridge' ),
			array(),
			array()
		);
	}

	private static function category( string $slug, string $label, string $description ): void {
		if ( ! wp_has_ability_category( $slug ) ) {
			wp_register_ability_category(
				$slug,
				array(
					'label'       => $label,
					'description' => $description,
				)
			);
		}
	}

	/**
	 * @param array<string, array<string, mixed>> $properties
	 * @param list<string>                        $required
	 */
	private static function ability( string $name, string $category, string $label, string $description, array $properties, array $required ): void {
		$schema = array(
			'type'    => array( 'object', 'array' ),
			'default' => array(),
		);
		if ( array() !== $properties ) {
			$schema = array(
				'type'       => 'object',
				'properties' => $properties,
				'required'   => $required,
			);
		}
		wp_register_ability(
			$name,
			array(
				'label'               => $label,
				'description'         => $description,
				'category'            => $category,
				'input_schema'        => $schema,
				'output_schema'       => array( 'type' => 'object' ),
				'execute_callback'    => static fn( mixed $input = null ): mixed => self::execute( $name, $input ),
				'permission_callback' => static fn(): bool => PermissionHelper::can_manage(),
				'meta'                => array( 'show_in_rest' => true ),
			)
		);
	}

	/** @return mixed The result, or a WP_Error when the sidecar refused or could not be asked. */
	private static function execute( string $name, mixed $input ): mixed {
		try {
			return Client::instance()->call(
				'ability.execute',
				array(
					'name'  => $name,
					'input' => is_array( $input ) ? $input : (array) $input,
				)
			);
		} catch ( RemoteError $error ) {
			return new \WP_Error( $error->error_code(), $error->public_message(), $error->data() );
		} catch ( BridgeException $error ) {
			return new \WP_Error( 'datamachine_unavailable', $error->getMessage(), array( 'status' => 503 ) );
		}
	}
}
