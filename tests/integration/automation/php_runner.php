<?php
/**
 * Must-use plugin of the engine's tests: a conversation runner written in PHP, and listeners that ask to be obeyed.
 *
 * What it does is told by the option `dm_test_mode`.
 */

declare(strict_types=1);

use DataMachine\Core\EngineData;
use DataMachine\Engine\AI\Tools\ToolExecutor;

function dm_test_mode(): string {
	return (string) get_option( 'dm_test_mode', '' );
}

add_filter(
	'agents_api_conversation_runner',
	static function ( $result, $messages, $tools, $provider, $model, $mode, $payload, $max_turns, $single_turn ) {
		if ( 'skip_item' === dm_test_mode() ) {
			$name       = 'skip_item';
			$parameters = array( 'reason' => 'not relevant' );
		} elseif ( 'update' === dm_test_mode() ) {
			$name       = 'wordpress_update';
			$parameters = array(
				'content'        => "## Changed\n\nby a model",
				'content_format' => 'markdown',
				'tags'           => array( 'pipeline tag' ),
			);
		} elseif ( 'approval' === dm_test_mode() ) {
			$name       = 't_greet';
			$parameters = array(
				'text' => 'Good <b>day</b>',
				'key'  => 'hidden',
			);
		} elseif ( 'php_runner' === dm_test_mode() ) {
			$name       = 'wordpress_publish';
			$engine     = $payload['engine'];
			$parameters = array(
				'title'          => 'PHP: ' . $engine->get( 'item_identifier' ) . ' ' . get_class( $engine ) . ' ' . $max_turns,
				'content'        => '<!-- wp:paragraph --><p>From PHP</p><!-- /wp:paragraph -->',
				'content_format' => 'blocks',
			);
		} elseif ( 'text_only' === dm_test_mode() ) {
			return array( 'messages' => array( array( 'role' => 'assistant', 'content' => "A title\nand more" ) ) );
		} elseif ( 'malformed' === dm_test_mode() ) {
			return array( 'nothing' => true );
		} else {
			return $result;
		}
		$answer = ToolExecutor::executeTool( $name, $parameters, $tools, $payload, $mode, (int) ( $payload['agent_id'] ?? 0 ), array() );
		update_option( 'dm_test_answer', wp_json_encode( $answer ) );
		return array(
			'messages'               => $messages,
			'tool_execution_results' => array(
				array(
					'tool_name'       => $name,
					'result'          => $answer,
					'parameters'      => $parameters,
					'is_handler_tool' => true,
					'turn_count'      => 1,
				),
			),
		);
	},
	5,
	9
);

add_filter(
	'datamachine_pre_ai_step_check',
	static function ( $answer, $engine, $config, $job_id ) {
		switch ( dm_test_mode() ) {
			case 'exit':
				exit( 3 );
			case 'die':
				wp_die( 'A listener gave up.' );
			case 'memory':
				str_repeat( 'x', PHP_INT_MAX >> 8 );
				break;
			case 'throw':
				throw new RuntimeException( 'A listener threw.' );
			case 'database':
				global $wpdb;
				mysqli_query( $wpdb->dbh, 'KILL CONNECTION CONNECTION_ID()' );
				break;
		}
		if ( 'pre_check' !== dm_test_mode() ) {
			return $answer;
		}
		update_option( 'dm_test_saw', $engine instanceof EngineData && $engine->getJobContext()['job_id'] === $job_id && 'ai' === $config['step_type'] );
		return array(
			'skip'   => true,
			'status' => 'completed_no_items',
		);
	},
	10,
	4
);

add_action(
	'datamachine_job_complete',
	static function ( $job_id, $status ) {
		if ( 'at_the_end' === dm_test_mode() ) {
			global $wpdb;
			$job = $wpdb->get_row( $wpdb->prepare( 'SELECT * FROM %i WHERE job_id = %d', $wpdb->prefix . 'datamachine_jobs', $job_id ) );
			$dir = sprintf( '%s/datamachine-files/pipeline-%s/flow-%s/jobs/job-%s', wp_upload_dir()['basedir'], $job->pipeline_id, $job->flow_id, $job_id );
			update_option(
				'dm_test_end',
				array(
					'status'    => $job->status,
					'argument'  => $status,
					'directory' => is_dir( $dir ),
					'processed' => $wpdb->get_var( $wpdb->prepare( 'SELECT status FROM %i WHERE job_id = %d', $wpdb->prefix . 'datamachine_processed_items', $job_id ) ),
				)
			);
		}
	},
	10,
	2
);

add_action(
	'datamachine_job_complete',
	static function ( $job_id ) {
		$flow = (int) get_option( 'dm_test_start' );
		if ( 'starts_others' === dm_test_mode() && $flow > 0 ) {
			delete_option( 'dm_test_start' );
			do_action( 'datamachine_run_flow_now', $flow );
			do_action( 'datamachine_run_flow_now', $flow );
		}
	}
);

add_filter(
	'datamachine_should_reprocess_item',
	static fn( $skip, $about ) => in_array( dm_test_mode(), array( 'skip_all', 'starts_others' ), true ) ? true : $skip,
	10,
	2
);

/** A tool that somebody has to approve, and what happens when somebody does. */
final class DM_Test_Greeting {

	public static function summary( array $parameters, array $definition ): string {
		return 'Greets with ' . $parameters['text'] . ' as ' . $definition['action_kind'];
	}

	public function handle_tool_call( array $parameters ): array {
		update_option( 'dm_test_greeted', $parameters['text'] );
		return array(
			'success' => true,
			'said'    => $parameters['text'],
		);
	}
}

add_filter(
	'datamachine_tools',
	static function ( $tools ) {
		$tools['t_greet'] = array(
			'class'                 => DM_Test_Greeting::class,
			'method'                => 'handle_tool_call',
			'description'           => 'Greets.',
			'modes'                 => array( 'pipeline' ),
			'parameters'            => array( 'text' => array( 'type' => 'string', 'required' => true ), 'key' => array( 'type' => 'string' ) ),
			'action_policy'         => 'direct',
			'action_policy_pipeline' => 'preview',
			'action_kind'           => 't_greeting',
			'action_preview_redact' => array( 'key', 'engine' ),
			'ability'               => 'core/get-site-info',
		) + ( get_option( 'dm_test_builders' ) ? array(
			'build_action_summary' => array( DM_Test_Greeting::class, 'summary' ),
			'build_action_preview' => static fn( $parameters ) => array( 'greeting' => $parameters['text'] ),
		) : array() );
		return $tools;
	}
);

add_filter(
	'datamachine_pending_action_handlers',
	static fn( $handlers ) => $handlers + array(
		't_greeting' => array( 'apply' => static fn( $input ) => ( new DM_Test_Greeting() )->handle_tool_call( $input ) ),
	)
);
