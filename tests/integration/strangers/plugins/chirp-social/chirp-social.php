<?php
/**
 * Plugin Name: Chirp Social
 * Description: Posts to Chirp.
 * Version: 0.9.0
 * Requires Plugins: data-machine
 *
 * @package ChirpSocial
 */

namespace ChirpSocial;

defined( 'ABSPATH' ) || exit;

use DataMachine\Abilities\AuthAbilities;
use DataMachine\Abilities\Media\BrandTokens;
use DataMachine\Abilities\Media\GDRenderer;
use DataMachine\Abilities\Media\TemplateInterface;
use DataMachine\Abilities\PermissionHelper;
use DataMachine\Core\FilesRepository\ImageValidator;
use DataMachine\Core\OAuth\BaseOAuth1Provider;
use DataMachine\Core\Steps\HandlerRegistrationTrait;
use DataMachine\Core\Steps\Publish\Handlers\PublishHandler;
use DataMachine\Core\Steps\Publish\Handlers\PublishHandlerSettings;
use DataMachine\Engine\AI\Tools\BaseTool;

add_action(
	'plugins_loaded',
	static function () {
		if ( ! class_exists( 'DataMachine\Core\Steps\Publish\Handlers\PublishHandler' ) ) {
			return;
		}

		class Auth extends BaseOAuth1Provider {
			public function __construct() {
				parent::__construct( 'chirp' );
			}
			public function get_config_fields(): array {
				return array(
					'api_key'    => array( 'label' => 'API Key', 'type' => 'text', 'required' => true ),
					'api_secret' => array( 'label' => 'API Secret', 'type' => 'text', 'required' => true ),
				);
			}
			public function get_authorization_url(): string {
				$config = $this->get_config();
				$token  = $this->oauth1->get_request_token( 'https://chirp.example/oauth/request_token', $config['api_key'], $config['api_secret'], $this->get_callback_url(), 'chirp' );
				return is_wp_error( $token ) ? '' : $this->oauth1->get_authorization_url( 'https://chirp.example/oauth/authenticate', $token['oauth_token'], 'chirp' );
			}
			public function handle_oauth_callback() {
				$config = $this->get_config();
				$this->oauth1->handle_callback(
					'chirp',
					'https://chirp.example/oauth/access_token',
					$config['api_key'],
					$config['api_secret'],
					fn( $data ) => array( 'access_token' => $data['oauth_token'], 'access_token_secret' => $data['oauth_token_secret'], 'username' => $data['screen_name'] ),
					array( $this, 'save_account' )
				);
			}
		}

		class Settings extends PublishHandlerSettings {
			public static function get_fields(): array {
				return array_merge( parent::get_common_fields(), array( 'as_thread' => array( 'type' => 'checkbox', 'label' => 'Thread', 'description' => 'Divide long texts.', 'default' => false ) ) );
			}
		}

		class Card implements TemplateInterface {
			public function get_id(): string {
				return 'chirp_card';
			}
			public function get_name(): string {
				return 'Chirp card';
			}
			public function get_description(): string {
				return 'A title on a colour.';
			}
			public function get_fields(): array {
				return array( 'title' => array( 'label' => 'Title', 'type' => 'string', 'required' => true ) );
			}
			public function get_default_preset(): string {
				return 'open_graph';
			}
			public function render( array $data, GDRenderer $renderer, array $options = array() ): array {
				$renderer->create_canvas( $options['preset'] ?? $this->get_default_preset() );
				$renderer->fill( $renderer->color_hex( 'bg', BrandTokens::color( 'background_dark', 'chirp_card' ) ) );
				$renderer->draw_text_wrapped( $data['title'], 48, 60, 60, $renderer->color_hex( 'ink', '#ffffff' ), 'header', $renderer->get_width() - 120 );
				$path = $renderer->save_to_repository( 'card.png', $options['context'] );
				$renderer->destroy();
				return $path ? array( $path ) : array();
			}
		}

		class Publisher extends PublishHandler {
			use HandlerRegistrationTrait;

			public function __construct() {
				parent::__construct( 'chirp' );
				self::registerHandler( 'chirp_publish', 'publish', self::class, 'Chirp', 'Posts to Chirp', true, Auth::class, Settings::class, array( __CLASS__, 'tools' ), 'chirp' );
			}

			public static function tools( $handler_slug, $handler_config, $engine_data ) {
				return array(
					'chirp_publish' => array(
						'class'          => self::class,
						'method'         => 'handle_tool_call',
						'handler'        => 'chirp_publish',
						'description'    => 'Posts a chirp.',
						'parameters'     => array( 'content' => array( 'type' => 'string', 'required' => true, 'description' => 'Text' ) ),
						'handler_config' => $handler_config,
					),
				);
			}

			protected function executePublish( array $parameters, array $handler_config ): array {
				$auth = $this->getAuthProvider( 'chirp' );
				if ( ! $auth || ! $auth->is_authenticated() || ! ( new AuthAbilities() )->isHandlerAuthenticated( 'chirp_publish' ) ) {
					return $this->errorResponse( 'Chirp is not connected', array(), 'critical' );
				}
				$engine = $parameters['engine'];
				$image  = $engine->getImagePath();
				if ( ! $image ) {
					$image = ( new Card() )->render( array( 'title' => $parameters['content'] ), new GDRenderer(), array( 'context' => datamachine_get_file_context( $engine->getJobContext()['flow_id'] ) ) )[0] ?? null;
				}
				$valid  = $image ? ( new ImageValidator() )->validate_repository_file( $image ) : array( 'valid' => false );
				$posted = $this->httpPost( 'https://chirp.example/posts', array( 'body' => wp_json_encode( array( 'text' => $parameters['content'] . ' ' . $engine->getSourceUrl(), 'image' => $valid['mime_type'] ?? null ) ), 'headers' => array( 'Authorization' => 'OAuth ' . $auth->get_account()['access_token'] ) ) );
				if ( ! $posted['success'] ) {
					return $this->errorResponse( $posted['error'] );
				}
				$this->log( 'info', 'Chirped', array( 'link' => $handler_config['link_handling'] ) );
				return $this->successResponse( array( 'chirp' => json_decode( $posted['data'], true ), 'image' => $valid['valid'], 'media' => array_keys( $this->resolveMediaUrls( $engine ) ) ) );
			}
		}
		new Publisher();
	},
	20
);

add_action(
	'plugins_loaded',
	static function () {
		if ( ! class_exists( 'DataMachine\Engine\AI\Tools\BaseTool' ) ) {
			return;
		}
		class DeleteChirp extends BaseTool {
			public function __construct() {
				$this->registerTool( 'delete_chirp', array( $this, 'getToolDefinition' ), array( 'chat' ), array( 'access_level' => 'admin' ) );
				$this->registerConfigurationHandlers( 'delete_chirp' );
			}
			public function getToolDefinition(): array {
				return array( 'class' => self::class, 'method' => 'handle_tool_call', 'description' => 'Deletes a chirp.', 'requires_config' => true, 'parameters' => array( 'id' => array( 'type' => 'string', 'required' => true ) ) );
			}
			public function handle_tool_call( array $parameters, array $tool_def = array() ): array {
				return PermissionHelper::can_manage() ? array( 'success' => true, 'tool_name' => 'delete_chirp' ) : $this->buildErrorResponse( 'Permission denied', 'delete_chirp' );
			}
			public function check_configuration( $configured, $tool_id ) {
				return 'delete_chirp' === $tool_id ? ! empty( get_site_option( 'chirp_tool' )['region'] ) : $configured;
			}
			public function get_configuration( $config, $tool_id ) {
				return 'delete_chirp' === $tool_id ? get_site_option( 'chirp_tool', array() ) : $config;
			}
			public function get_config_fields( $fields = array(), $tool_id = '' ) {
				return 'delete_chirp' === $tool_id ? array( 'region' => array( 'type' => 'text', 'label' => 'Region' ) ) : $fields;
			}
			protected function get_config_option_name(): string {
				return 'chirp_tool';
			}
			protected function validate_and_build_config( array $config_data ): array {
				return empty( $config_data['region'] ) ? array( 'error' => 'Region is required' ) : array( 'config' => array( 'region' => sanitize_text_field( $config_data['region'] ) ) );
			}
		}
		new DeleteChirp();
	},
	25
);
