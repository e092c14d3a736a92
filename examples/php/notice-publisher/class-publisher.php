<?php
/**
 * Publishes notices.
 *
 * @package NoticePublisher
 */

declare(strict_types=1);

namespace NoticePublisher;

use DataMachine\Core\Steps\HandlerRegistrationTrait;
use DataMachine\Core\Steps\Publish\Handlers\PublishHandler;
use DataMachine\Core\WordPress\TaxonomyHandler;
use DataMachine\Core\WordPress\WordPressPublishHelper;
use DataMachine\Core\WordPress\WordPressSettingsResolver;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Publisher extends PublishHandler {

	use HandlerRegistrationTrait;

	public function __construct() {
		parent::__construct( 'notice_publish' );
		self::registerHandler(
			'notice_publish',
			'publish',
			self::class,
			__( 'Notices', 'notice-publisher' ),
			__( 'Publishes notices on this site', 'notice-publisher' ),
			false,
			null,
			Settings::class,
			array( self::class, 'tools' )
		);
	}

	/**
	 * What a model may call in a flow that is configured so.
	 *
	 * @param array<string, mixed> $handler_config
	 * @return array<string, array<string, mixed>>
	 */
	public static function tools( string $slug, array $handler_config, array $engine_data ): array {
		unset( $engine_data );
		return array(
			'notice_publish' => array(
				'class'          => self::class,
				'method'         => 'handle_tool_call',
				'handler'        => $slug,
				'description'    => __( 'Publishes one notice.', 'notice-publisher' ),
				'parameters'     => array_merge(
					array(
						'title'   => array(
							'type'        => 'string',
							'required'    => true,
							'description' => __( 'Its headline.', 'notice-publisher' ),
						),
						'content' => array(
							'type'        => 'string',
							'required'    => true,
							'description' => __( 'Its text.', 'notice-publisher' ),
						),
					),
					TaxonomyHandler::getTaxonomyToolParameters( $handler_config, 'notice' )
				),
				'handler_config' => $handler_config,
			),
		);
	}

	protected function executePublish( array $parameters, array $handler_config ): array {
		$engine  = $parameters['engine'];
		$content = WordPressPublishHelper::applySourceAttribution(
			wpautop( wp_kses_post( (string) $parameters['content'] ) ),
			$engine->getSourceUrl(),
			$handler_config
		);
		$post_id = wp_insert_post(
			array(
				'post_type'    => 'notice',
				'post_title'   => sanitize_text_field( (string) $parameters['title'] ),
				'post_content' => $content,
				'post_status'  => WordPressSettingsResolver::getPostStatus( $handler_config ),
				'post_author'  => WordPressSettingsResolver::getPostAuthor( $handler_config ),
			),
			true
		);
		if ( is_wp_error( $post_id ) ) {
			return $this->errorResponse( $post_id->get_error_message() );
		}
		$topics = ( new TaxonomyHandler() )->processTaxonomies( $post_id, $parameters, $handler_config, $engine->all() );
		WordPressPublishHelper::attachImageToPost( $post_id, $engine->getImagePath(), $handler_config );
		$this->log( 'info', 'Notice published', array( 'post_id' => $post_id ) );
		return $this->successResponse(
			array(
				'post_id'          => $post_id,
				'post_url'         => get_permalink( $post_id ),
				'taxonomy_results' => $topics,
			)
		);
	}
}
