<?php
/**
 * Plugin Name: Readability
 * Description: A step that says how hard a text is to read, and a tool that asks for it.
 * Version: 1.1.0
 * Requires Plugins: data-machine
 *
 * @package Readability
 */

namespace Readability;

use DataMachine\Core\DataPacket;
use DataMachine\Core\Steps\QueueableTrait;
use DataMachine\Core\Steps\Step;
use DataMachine\Core\Steps\StepTypeRegistrationTrait;
use DataMachine\Engine\AI\AgentModeRegistry;
use DataMachine\Engine\AI\Tools\ToolResultFinder;

defined( 'ABSPATH' ) || exit;

add_action(
	'plugins_loaded',
	static function () {
		if ( ! class_exists( Step::class ) ) {
			return;
		}

		class Measure extends Step {
			use StepTypeRegistrationTrait;
			use QueueableTrait;

			public function __construct() {
				parent::__construct( 'readability' );
				self::registerStepType( 'readability', 'Readability', 'Measures texts', self::class, 25, false, false, false, true, array( 'config_type' => 'readability', 'label' => 'Readability' ), false );
			}

			protected function validateStepConfiguration(): bool {
				return true;
			}

			protected function executeStep(): array {
				$packet = $this->dataPackets[0] ?? array( 'data' => array() );
				$score  = strlen( $packet['data']['body'] ?? '' );
				$queued = $this->consumeFromPromptQueue( $this->flow_step_config['queue_mode'] ?? 'static' );
				$limit  = $this->engine->get( 'readability_limit', 0 );
				$this->engine->set( 'readability', array( 'score' => $score, 'limit' => $limit, 'prompt' => $queued['value'], 'found' => null === ToolResultFinder::findHandlerResult( $this->dataPackets, 'none', $this->flow_step_id, false ) ) );
				$this->log( 'info', 'Text measured', array( 'score' => $score ) );
				if ( 'forbidden' === $queued['value'] ) {
					throw new \RuntimeException( 'Too hard to read.' );
				}
				return ( new DataPacket( array( 'title' => $packet['data']['title'] ?? '', 'body' => "Score $score" ), array( 'source_type' => 'readability', 'flow_step_id' => $this->flow_step_id ), 'readability' ) )->addTo( $this->dataPackets );
			}
		}
		new Measure();
	},
	20
);

add_filter(
	'datamachine_tools',
	static function ( $tools ) {
		$tools['readability_of'] = array(
			'_callable' => static fn() => array(
				'class'       => Tool::class,
				'method'      => 'run',
				'description' => 'How hard a text is to read.',
				'parameters'  => array( 'text' => array( 'type' => 'string', 'required' => true ) ),
				'modes'       => array( 'pipeline', 'chat' ),
			),
			'modes'     => array( 'pipeline', 'chat' ),
		);
		return $tools;
	}
);

class Tool {
	public function run( array $parameters, array $tool_def ): array {
		return array( 'success' => true, 'data' => array( 'score' => strlen( $parameters['text'] ), 'job_id' => $parameters['job_id'] ?? null ), 'tool_name' => 'readability_of' );
	}
}

add_filter(
	'datamachine_engine_snapshot',
	static function ( $snapshot, $job_id, $flow, $pipeline ) {
		$snapshot['readability_limit'] = 12;
		return $snapshot;
	},
	10,
	4
);

add_action(
	'datamachine_agent_modes',
	static function () {
		AgentModeRegistry::register( 'readability', 60, array( 'label' => 'Readability', 'description' => 'Judges texts.' ) );
	}
);
