<?php
/**
 * Questions to the classes that handlers extend and use; the answers are checked by test_facade_handlers.py.
 */

declare(strict_types=1);

use DataMachine\Core\EngineData;
use DataMachine\Core\ExecutionContext;
use DataMachine\Core\FilesRepository\ImageValidator;
use DataMachine\Core\HttpClient;
use DataMachine\Core\Steps\Fetch\Handlers\FetchHandler;
use DataMachine\Core\Steps\FlowStepConfig;
use DataMachine\Core\Steps\Publish\Handlers\PublishHandler;
use DataMachine\Core\Steps\Settings\SettingsHandler;
use DataMachine\Core\WordPress\TaxonomyHandler;
use DataMachine\Core\WordPress\WordPressPublishHelper;
use DataMachine\Core\WordPress\WordPressSettingsHandler;
use DataMachine\Core\WordPress\WordPressSettingsResolver;
use DataMachine\Engine\AI\Tools\BaseTool;

$answer = array();
$logged = array();
add_action(
	'datamachine_log',
	static function ( $level, $message, $context = array() ) use ( &$logged ) {
		$logged[] = array( $level, $message, $context );
	},
	10,
	3
);

$publish = array( 'step_type' => 'publish', 'handler_slugs' => array( 'a', 'b' ), 'handler_configs' => array( 'a' => array( 'x' => 1 ) ) );
$fetch   = array( 'step_type' => 'fetch', 'handler_slug' => 'rss', 'handler_config' => array( 'feed_url' => 'u' ) );

$answer['step_config'] = array(
	FlowStepConfig::getHandlerSlugs( $publish ),
	FlowStepConfig::getHandlerSlugs( $fetch ),
	FlowStepConfig::getHandlerSlugs( array( 'step_type' => 'ai', 'handler_slug' => 'x' ) ),
	FlowStepConfig::getEffectiveSlug( array( 'step_type' => 'ai' ) ),
	FlowStepConfig::getPrimaryHandlerConfig( $fetch ),
	FlowStepConfig::getHandlerConfigs( $publish ),
	FlowStepConfig::getAdjacentRequiredHandlerSlugsForAi( $fetch, $publish ),
	FlowStepConfig::getMissingRequiredHandlerSlugsForAi( array( 'a', 'b' ), array( 't' => array( 'handler' => 'b' ) ) ),
	FlowStepConfig::normalizeHandlerShape( array( 'step_type' => 'fetch', 'handler_slugs' => array( 'rss' ), 'handler_configs' => array( 'rss' => array( 'y' => 2 ) ) ) ),
);

abstract class DM_Fields_Base extends SettingsHandler {}
final class DM_Fields extends DM_Fields_Base {
	public static function get_fields(): array {
		return array(
			'url'    => array( 'type' => 'url', 'required' => true ),
			'urls'   => array( 'type' => 'url_list' ),
			'on'     => array( 'type' => 'checkbox' ),
			'choice' => array( 'type' => 'select', 'options' => array( '0' => 'None', 'b' => 'B' ), 'default' => 'b' ),
			'number' => array( 'type' => 'number', 'min' => 2, 'max' => 5 ),
			'text'   => array( 'type' => 'text', 'default' => 'd' ),
			'area'   => array( 'type' => 'textarea' ),
			'odd'    => array( 'type' => 'whatever' ),
		);
	}
}
$answer['settings'] = array(
	DM_Fields::sanitize( array( 'url' => 'http://x/', 'urls' => "http://a/\n\nhttp://b/", 'on' => '1', 'choice' => 'bogus', 'number' => '-9', 'area' => "a\nb", 'odd' => ' <b>o</b> ', 'unknown' => 1 ) ),
	DM_Fields::sanitize( array( 'url' => 'http://x/', 'on' => true, 'choice' => '0' ) ),
);
try {
	DM_Fields::sanitize( array() );
} catch ( InvalidArgumentException $error ) {
	$answer['required'] = $error->getMessage();
}

$requests = array();
add_filter(
	'pre_http_request',
	static function ( $early, $arguments, $url ) use ( &$requests ) {
		$requests[] = array( $arguments['method'], $arguments['timeout'], $arguments['user-agent'], $arguments['body'] ?? null );
		if ( str_contains( $url, 'unreachable' ) ) {
			return new WP_Error( 'http', 'no route' );
		}
		$status = (int) preg_replace( '/^.*\/(\d{3}).*$/', '$1', $url );
		return array( 'headers' => array(), 'cookies' => array(), 'response' => array( 'code' => $status, 'message' => '' ), 'body' => 404 === $status ? '{"error_description":"gone away"}' : 'the body', 'filename' => null );
	},
	10,
	3
);
$answer['http'] = array(
	array_intersect_key( HttpClient::get( 'http://x/200' ), array( 'success' => 1, 'data' => 1, 'status_code' => 1 ) ),
	HttpClient::get( 'http://x/404?key=s3cret', array( 'context' => 'Thing' ) ),
	HttpClient::post( 'http://x/204', array( 'body' => 'b', 'context' => 'Thing' ) ),
	HttpClient::delete( 'http://unreachable/', array( 'context' => 'Thing' ) ),
	HttpClient::request( 'TRACE', 'http://x/200' ),
	HttpClient::patch( 'http://x/204', array( 'timeout' => 3, 'browser_mode' => true ) )['success'],
);
$answer['requests'] = $requests;
$answer['secret']   = str_contains( (string) wp_json_encode( $logged ), 's3cret' );

$flow   = ExecutionContext::fromConfig( array( 'pipeline_id' => '3', 'flow_id' => 4, 'flow_step_id' => 's_4', 'agent_id' => '7' ), '9', 'kind' );
$direct = ExecutionContext::direct( 'kind' );
$logged = array();
$flow->log( 'info', 'Here', array( 'extra' => 1 ) );
$answer['context'] = array(
	array( $flow->getMode(), $flow->getPipelineId(), $flow->getFlowId(), $flow->getJobId(), $flow->getAgentId(), $flow->getFileContext() ),
	array( $direct->getMode(), $direct->isItemProcessed( 'x' ), $direct->claimItemForProcessing( 'x' ), $direct->getFileContext() ),
	array( ExecutionContext::standalone()->getMode(), ExecutionContext::standalone()->isItemClaimed( 'x' ) ),
	ExecutionContext::fromFlow( 1, 2, '', null )->claimItemForProcessing( 'x' ),
	ExecutionContext::fromFlow( 1, 2, 's_2', null )->claimItemForProcessing( 'x' ),
	$flow->withHandlerType( 'other' )->getHandlerType(),
	$logged[0],
);

final class DM_Source extends FetchHandler {
	public function __construct() {
		parent::__construct( 'source' );
	}
	protected function executeFetch( array $config, ExecutionContext $context ): array {
		return $config['answer'];
	}
	public function frame( int $age, string $name ): bool {
		return $this->applyTimeframeFilter( time() - $age, $name );
	}
}
$source = new DM_Source();
$item   = array( 'title' => 'T', 'content' => 'C', 'metadata' => array( 'item_identifier' => 'i', 'handler' => 'mine' ) );
$fetched = static fn( array $found, array $more = array() ): array => array_map( static fn( $packet ) => $packet->addTo( array() )[0], $source->get_fetch_data( 'direct', array( 'flow_id' => 'direct', 'answer' => $found ) + $more ) );
$answer['fetched'] = array(
	count( $fetched( array() ) ),
	count( $fetched( array( 'items' => array( $item, $item, array( 'title' => '', 'content' => '' ) ) ), array( 'max_items' => 0 ) ) ),
	count( $fetched( array( 'items' => array( $item, $item ) ) ) ),
	array_diff_key( $fetched( $item )[0], array( 'timestamp' => 1 ) ),
);
$answer['rules'] = array(
	array( $source->applyKeywordSearch( 'A Word', 'other, word' ), $source->applyKeywordSearch( 'A Word', 'other' ), $source->applyKeywordSearch( 'A', '' ) ),
	array( $source->applyExcludeKeywords( 'A Word', 'word' ), $source->applyExcludeKeywords( 'A Word', '' ) ),
	array( $source->frame( 3600, '24_hours' ), $source->frame( 90000, '24_hours' ), $source->frame( 90000, 'all_time' ), $source->frame( 90000, 'bogus' ) ),
	array_keys( apply_filters( 'datamachine_timeframe_limit', array(), null ) ),
);

final class DM_Publisher extends PublishHandler {
	public function __construct() {
		parent::__construct( 'mine' );
	}
	protected function executePublish( array $parameters, array $handler_config ): array {
		return $this->successResponse( array( 'got' => $handler_config, 'engine' => $parameters['engine']->get( 'k' ) ) );
	}
}
$publisher = new DM_Publisher();
$engine    = static fn( array $data ): EngineData => new EngineData( $data, 0 );
$answer['publisher'] = array(
	$publisher->handle_tool_call( array(), array() ),
	$publisher->handle_tool_call( array( 'job_id' => 5, 'engine' => $engine( array( 'k' => 'v' ) ) ), array( 'handler_config' => array( 'a' => 1 ) ) ),
	$publisher->handle_tool_call( array( 'job_id' => 5, 'title' => 'x', 'engine' => $engine( array( 'dry_run_mode' => true ) ) ) ),
	$publisher->handle_tool_call( array( 'job_id' => 5, 'engine' => $engine( array() ) ), array( 'handler_config' => array( 'auth_ref' => 'nobody:x' ) ) )['error'],
);

$uploads = wp_upload_dir();
wp_mkdir_p( $uploads['path'] );
$picture = $uploads['path'] . '/dm-test.png';
file_put_contents( $picture, base64_decode( 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==' ) );
$link = $uploads['path'] . '/dm-test-link.png';
symlink( ABSPATH . 'wp-config.php', $link );
$answer['files'] = array(
	$engine( array( 'image_file_path' => $picture ) )->getImagePath() === $picture,
	$engine( array( 'image_file_path' => ABSPATH . 'wp-config.php' ) )->getImagePath(),
	$engine( array( 'image_file_path' => $link ) )->getImagePath(),
	$engine( array( 'video_file_path' => '/etc/passwd' ) )->getVideoPath(),
	array_diff_key( ( new ImageValidator() )->validate_repository_file( $picture ), array( 'size' => 1 ) ),
	( new ImageValidator() )->validate_repository_file( __FILE__ )['valid'],
);

register_taxonomy( 'dm_topic', 'post', array( 'public' => true, 'label' => 'Topics' ) );
$config = array( 'taxonomy_dm_topic_selection' => 'ai_decides', 'include_images' => true );
$post   = wp_insert_post( array( 'post_title' => 'DM test', 'post_content' => 'x' ) );
$image  = WordPressPublishHelper::attachImageToPost( $post, $picture, $config );
$answer['posts'] = array(
	TaxonomyHandler::getTaxonomyToolParameters( $config, 'post' )['dm_topic']['type'],
	( new TaxonomyHandler() )->processTaxonomies( $post, array( 'dm_topic' => array( 'One', 'Two' ) ), $config )['dm_topic']['term_count'],
	( new TaxonomyHandler() )->assignTaxonomy( $post, 'nothing', 'x' )['success'],
	wp_get_post_terms( $post, 'dm_topic', array( 'fields' => 'names' ) ),
	get_post_thumbnail_id( $post ) === $image && is_file( $picture ),
	WordPressPublishHelper::attachImageToPost( $post, ABSPATH . 'wp-config.php', $config ),
	WordPressPublishHelper::applySourceAttribution( 'c', 'http://s/?a=1&b=2', array() ),
	WordPressPublishHelper::applySourceAttribution( 'c', 'http://s/', array( 'link_handling' => 'none' ) ),
	array( WordPressSettingsResolver::getPostStatus( array( 'post_status' => 'bogus' ) ), WordPressSettingsResolver::getPostStatus( array( 'post_status' => 'publish' ) ), WordPressSettingsResolver::getPostAuthor( array() ) ),
	WordPressSettingsHandler::sanitize_taxonomy_fields( array( 'taxonomy_dm_topic_selection' => 'bogus' ), array( 'post_type' => 'post', 'exclude_taxonomies' => array( 'category', 'post_tag' ) ) ),
	WordPressSettingsHandler::sanitize_standard_publish_fields( array( 'post_type' => 'page', 'post_status' => 'nothing', 'post_author' => '3' ) ),
);
wp_delete_attachment( (int) $image, true );
wp_delete_post( $post, true );
unlink( $picture );
unlink( $link );

final class DM_Tool extends BaseTool {
	public function __construct() {
		$this->registerTool( 'dm_lazy', array( $this, 'definition' ), array( 'chat' ), array( 'access_level' => 'admin' ) );
		$this->registerTool( 'dm_ready', array( 'class' => self::class, 'parameters' => array() ), array( 'pipeline' ) );
	}
	public function definition(): array {
		return array( 'class' => self::class );
	}
	public function error( string $text ): array {
		return $this->buildErrorResponse( $text, 'dm_ready' );
	}
}
$tool  = new DM_Tool();
$tools = apply_filters( 'datamachine_tools', array() );
$answer['tools'] = array(
	array( is_callable( $tools['dm_lazy']['_callable'] ), $tools['dm_lazy']['modes'], $tools['dm_lazy']['access_level'] ),
	$tools['dm_ready'],
	array_map( static fn( string $text ): string => $tool->error( $text )['error_type'], array( 'Post not found', 'x is required', 'Permission denied', 'Boom' ) ),
);

echo wp_json_encode( $answer );
