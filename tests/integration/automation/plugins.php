<?php
/**
 * Must-use plugin of the tests of plugins: a conversation runner that calls every handler's tool, and classes of step types
 * and handlers that do what third parties' do, well and badly. What the bad ones do is told by the option `dm_plugin_mode`.
 */

declare(strict_types=1);

use DataMachine\Core\DataPacket;
use DataMachine\Core\ExecutionContext;
use DataMachine\Core\OAuth\BaseAuthProvider;
use DataMachine\Core\Steps\Fetch\Handlers\FetchHandler;
use DataMachine\Core\Steps\HandlerRegistrationTrait;
use DataMachine\Core\Steps\Publish\Handlers\PublishHandler;
use DataMachine\Core\Steps\Settings\SettingsHandler;
use DataMachine\Core\Steps\Step;
use DataMachine\Core\Steps\StepTypeRegistrationTrait;
use DataMachine\Engine\AI\Tools\ToolExecutor;

function dm_plugin_mode(): string {
	wp_cache_delete( 'dm_plugin_mode', 'options' );
	return (string) get_option( 'dm_plugin_mode', '' );
}

add_filter(
	'agents_api_conversation_runner',
	static function ( $result, $messages, $tools, $provider, $model, $mode, $payload ) {
		if ( 'plugins' !== $provider ) {
			return $result;
		}
		$results = array();
		foreach ( $tools as $name => $tool ) {
			if ( empty( $tool['handler'] ) || 'skip_item' === $name ) {
				continue;
			}
			$given = array();
			foreach ( $tool['parameters'] as $key => $spec ) {
				$given[ $key ] = 'array' === ( $spec['type'] ?? '' ) ? array( "Given $key", 'Another' ) : "Given $key";
			}
			$results[] = array(
				'tool_name'       => $name,
				'result'          => ToolExecutor::executeTool( $name, $given, $tools, $payload, $mode, (int) ( $payload['agent_id'] ?? 0 ) ),
				'parameters'      => $given,
				'is_handler_tool' => true,
				'turn_count'      => 1,
			);
		}
		return array(
			'messages'               => $messages,
			'tool_execution_results' => $results,
		);
	},
	5,
	9
);

add_action(
	'plugins_loaded',
	static function (): void {
		final class DM_Test_Tally extends Step {
			use StepTypeRegistrationTrait;

			public function __construct() {
				parent::__construct( 'tally' );
				self::registerStepType( 'tally', 'Tally', 'Counts packets', self::class, 60, false, false, false, false, array( 'label' => 'Tally' ) );
			}

			protected function validateStepConfiguration(): bool {
				return true;
			}

			protected function executeStep(): array {
				switch ( dm_plugin_mode() ) {
					case 'exception':
						throw new DomainException( 'The step gave up.' );
					case 'error':
						throw new TypeError( 'The step is broken.' );
					case 'fatal':
						str_repeat( 'x', PHP_INT_MAX >> 8 );
						break;
					case 'exit':
						exit( 3 );
				}
				$this->engine->set( 'tally', array( 'count' => count( $this->dataPackets ) ) );
				$this->log( 'info', 'Tally kept' );
				$seen = $this->dataPackets[0]['data']['title'] ?? '';
				return ( new DataPacket( array( 'title' => "Tally of $seen", 'body' => (string) count( $this->dataPackets ) ), array( 'source_type' => 'tally' ), 'tally' ) )->addTo( $this->dataPackets ); // phpcs:ignore
			}
		}
		new DM_Test_Tally();

		final class DM_Test_Provider extends BaseAuthProvider {
			public function __construct() {
				parent::__construct( 'dm_test_service' );
			}
			public function get_config_fields(): array {
				return array( 'key' => array( 'label' => 'Key' ) );
			}
			public function is_authenticated(): bool {
				return '' !== (string) ( $this->get_account()['access_token'] ?? '' );
			}
			public function resolve_auth_ref( string $account, string $handler_slug = '', array $context = array() ): \WP_Error|array {
				if ( 'main' !== $account ) {
					return new WP_Error( 'unknown_account', "There is no account $account." );
				}
				return array( 'token' => $this->get_account()['access_token'] . " for $handler_slug" );
			}
		}

		final class DM_Test_Settings extends SettingsHandler {
			public static function get_fields(): array {
				return array(
					'place' => array( 'type' => 'text', 'label' => 'Place', 'required' => true ), // phpcs:ignore
					'size'  => array( 'type' => 'number', 'label' => 'Size', 'default' => 3, 'max' => 9 ), // phpcs:ignore
					'loud'  => array( 'type' => 'checkbox', 'label' => 'Loud' ), // phpcs:ignore
				);
			}
		}

		final class DM_Test_Service extends FetchHandler {
			use HandlerRegistrationTrait;

			public function __construct() {
				parent::__construct( 'service' );
				self::registerHandler( 'dm_test_service', 'fetch', self::class, 'Service', 'Items of a service', true, DM_Test_Provider::class, DM_Test_Settings::class );
			}

			protected function executeFetch( array $config, ExecutionContext $context ): array {
				switch ( dm_plugin_mode() ) {
					case 'exception':
						throw new RuntimeException( 'The service is away.' );
					case 'error':
						return $config['no']['such']->thing();
					case 'exit':
						exit( 3 );
					case 'nothing':
						return array();
				}
				$context->storeEngineData( array( 'seen' => array( 'mode' => $context->getMode(), 'provider' => get_class( $this->getAuthProvider( 'dm_test_service' ) ) ) ) ); // phpcs:ignore
				$items = array();
				foreach ( array( 1, 2, 3 ) as $number ) {
					$items[] = array(
						'title'    => "Item $number",
						'content'  => $config['place'] . ' ' . ( $config['token'] ?? 'no token' ),
						'metadata' => array( 'item_identifier' => "service-$number" ),
					);
				}
				return array( 'items' => $items );
			}
		}
		new DM_Test_Service();

		final class DM_Test_Board extends PublishHandler {
			use HandlerRegistrationTrait;

			public function __construct() {
				parent::__construct( 'board' );
				self::registerHandler(
					'dm_test_board',
					'publish',
					self::class,
					'Board',
					'A board',
					false,
					null,
					null,
					static fn( $slug, $config, $engine ) => array(
						'board_post' => array(
							'class'          => self::class,
							'method'         => 'handle_tool_call',
							'handler'        => $slug,
							'description'    => 'Pins a note.',
							'parameters'     => array( 'note' => array( 'type' => 'string', 'required' => true ) ), // phpcs:ignore
							'handler_config' => $config,
						),
					)
				);
			}

			protected function executePublish( array $parameters, array $handler_config ): array {
				switch ( dm_plugin_mode() ) {
					case 'fall':
						throw new RuntimeException( 'The board fell.' );
					case 'refuse':
						return $this->errorResponse( 'The board is full.' );
				}
				$id = wp_insert_post( array( 'post_title' => $parameters['note'], 'post_content' => basename( strtr( get_class( $parameters['engine'] ), '\\\\', '/' ) ) . ' ' . wp_json_encode( $handler_config ), 'post_status' => 'draft' ) ); // phpcs:ignore
				if ( 'killed' === dm_plugin_mode() ) {
					posix_kill( getmypid(), SIGKILL );
				}
				return $this->successResponse( array( 'post_id' => $id, 'user' => get_current_user_id() ) ); // phpcs:ignore
			}
		}
		new DM_Test_Board();
	},
	30
);

/** What code that knows the repositories does, on a flow and a pipeline of ours. */
add_filter(
	'dm_test_rows',
	static function ( $found, $flow_id, $pipeline_id ) {
		$flows     = new DataMachine\Core\Database\Flows\Flows();
		$jobs      = new DataMachine\Core\Database\Jobs\Jobs();
		$pipelines = new DataMachine\Core\Database\Pipelines\Pipelines();
		$text      = $flows->get_flow_config_json( $flow_id );
		$config    = json_decode( $text, true );
		$step_id   = array_key_first( $config );
		$changed   = $config;

		$changed[ $step_id ]['note'] = 'changed';
		$found['swap']               = array(
			$flows->compare_and_swap_flow_config( $flow_id, $text, $changed ),
			$flows->compare_and_swap_flow_config( $flow_id, $text, $config ),
			$flows->get_flow_step_config( $step_id )['note'],
		);
		$found['memory'] = array(
			$flows->update_flow_memory_files( $flow_id, array( 'NOTES.md' ) ),
			$flows->get_flow_memory_files( $flow_id ),
			isset( $flows->get_flow( $flow_id )['flow_config'][ $step_id ] ),
		);
		$found['flow']     = array( $flows->get_flow( $flow_id )['flow_id'], $flows->count_flows_for_pipeline( $pipeline_id ), $flows->count_flows_grouped_by_pipeline( array( $pipeline_id, 999999 ) ) );
		$found['pipeline'] = array( $pipelines->get_pipeline( $pipeline_id )['pipeline_name'], count( $pipelines->get_pipeline_config( $pipeline_id ) ) );

		$told = array();
		add_action(
			'datamachine_job_complete',
			static function ( $job_id, $status ) use ( &$told ) {
				$told[] = $status;
			},
			10,
			2
		);
		$job          = $jobs->create_job( array( 'pipeline_id' => $pipeline_id, 'flow_id' => $flow_id, 'label' => 'By PHP', 'engine_data' => array( 'list' => array( 1, 2 ), 'gone' => 1 ) ) ); // phpcs:ignore
		$found['job'] = array(
			$jobs->get_job( $job )['status'],
			$jobs->get_job( $job )['engine_data'],
			$jobs->start_job( $job ),
			$jobs->update_job_status( $job, 'failed - by PHP' ),
			$jobs->complete_job( $job, 'completed' ),
			$jobs->start_job( $job ),
			$jobs->get_job( $job )['status'],
			$jobs->get_latest_jobs_by_flow_ids( array( $flow_id ) )[ $flow_id ]['label'],
			$jobs->get_jobs_count( array( 'flow_id' => $flow_id, 'status' => 'failed' ) ), // phpcs:ignore
			$told,
		);
		$found['mixed'] = $jobs->create_job( array( 'pipeline_id' => 'direct', 'flow_id' => $flow_id ) ); // phpcs:ignore
		datamachine_merge_engine_data( $job, array( 'list' => array( 9 ) ) );
		$merged          = datamachine_get_engine_data( $job );
		$found['engine'] = array( $merged['list'], datamachine_set_engine_data( $job, array( 'only' => 'this' ) ), datamachine_get_engine_data( $job ) );
		$found['blocks'] = array(
			DataMachine\Core\Content\ContentFormat::sourceToStored( "A *word*.\n", 'markdown', 'post' ),
			DataMachine\Core\Content\ContentFormat::convert( 'x', 'html', 'nonsense' )->get_error_code(),
		);
		$handlers          = new DataMachine\Abilities\HandlerAbilities();
		$found['settings'] = array(
			array_keys( $handlers->getConfigFields( 'rss' ) ),
			$handlers->getSettingsClass( 'rss' )->sanitize( array( 'feed_url' => 'http://x/', 'max_items' => '7' ) )['max_items'], // phpcs:ignore
		);
		$found['file_context'] = datamachine_get_file_context( $flow_id );
		return $found;
	},
	10,
	3
);
