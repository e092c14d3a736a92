<?php
/**
 * Must-use plugin of the tests of acting: writes down as whom PHP code runs, and offers a tool.
 */

declare(strict_types=1);

use DataMachine\Abilities\PermissionHelper;
use DataMachine\Engine\AI\Tools\ToolExecutor;

function dm_acting_note( string $where ): void {
	$notes   = get_option( 'dm_acting_notes', array() );
	$notes[] = array(
		'where'   => $where,
		'user'    => get_current_user_id(),
		'agent'   => PermissionHelper::get_acting_agent_id(),
		'acting'  => PermissionHelper::acting_user_id(),
		'flows'   => PermissionHelper::can( 'manage_flows' ),
		'options' => current_user_can( 'manage_options' ),
	);
	update_option( 'dm_acting_notes', $notes, false );
}

final class DM_Acting_Tool {

	/** @return array<string, mixed> */
	public function handle_tool_call( array $parameters, array $definition = array() ): array {
		dm_acting_note( 'tool' );
		return array( 'success' => true );
	}
}

foreach ( array( 'datamachine_pre_ai_step_check', 'datamachine_timeframe_limit' ) as $hook ) {
	add_filter(
		$hook,
		static function ( $value ) use ( $hook ) {
			dm_acting_note( $hook );
			return $value;
		}
	);
}

add_action(
	'wp_before_execute_ability',
	static fn( $name ) => 'datamachine/execute-step' === $name ? dm_acting_note( 'ability' ) : null
);

foreach ( array( 'datamachine_execute_step', 'datamachine_run_flow_now' ) as $doorbell ) {
	add_action( $doorbell, static fn() => dm_acting_note( $doorbell ) );
}

add_action( 'datamachine_job_complete', static fn() => dm_acting_note( 'complete' ) );

add_filter(
	'datamachine_tools',
	static fn( $tools ) => $tools + array(
		'who_am_i' => array(
			'class'       => 'DM_Acting_Tool',
			'method'      => 'handle_tool_call',
			'description' => 'Says who acts.',
			'parameters'  => array(),
			'modes'       => array( 'pipeline' ),
		),
	)
);

add_filter(
	'agents_api_conversation_runner',
	static function ( $result, $messages, $tools, $provider, $model, $mode, $payload ) {
		$agent = (int) ( $payload['agent_id'] ?? 0 );
		ToolExecutor::executeTool( 'who_am_i', array(), $tools, $payload, $mode, $agent, array() );
		$parameters = array(
			'title'          => 'Acting: ' . $payload['job_id'],
			'content'        => '<!-- wp:paragraph --><p>Text</p><!-- /wp:paragraph -->',
			'content_format' => 'blocks',
		);
		$answer     = ToolExecutor::executeTool( 'wordpress_publish', $parameters, $tools, $payload, $mode, $agent, array() );
		dm_acting_note( 'runner' );
		return array(
			'messages'               => $messages,
			'tool_execution_results' => array(
				array(
					'tool_name'       => 'wordpress_publish',
					'result'          => $answer,
					'parameters'      => $parameters,
					'is_handler_tool' => true,
					'turn_count'      => 1,
				),
			),
		);
	},
	5,
	7
);
