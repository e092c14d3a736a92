<?php
/**
 * Brings comments. Which of them a flow has had already, the base class knows.
 *
 * @package CommentSource
 */

declare(strict_types=1);

namespace CommentSource;

use DataMachine\Core\ExecutionContext;
use DataMachine\Core\Steps\Fetch\Handlers\FetchHandler;
use DataMachine\Core\Steps\HandlerRegistrationTrait;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Source extends FetchHandler {

	use HandlerRegistrationTrait;

	public function __construct() {
		parent::__construct( 'comment_source' );
		self::registerHandler(
			'comment_source',
			'fetch',
			self::class,
			__( 'Comments', 'comment-source' ),
			__( 'Approved comments of this site', 'comment-source' ),
			false,
			null,
			Settings::class
		);
	}

	protected function executeFetch( array $config, ExecutionContext $context ): array {
		$comments = get_comments(
			array(
				'status'  => 'approve',
				'type'    => 'comment',
				'post_id' => (int) ( $config['post_id'] ?? 0 ),
				'number'  => 50,
				'orderby' => 'comment_date_gmt',
				'order'   => 'DESC',
			)
		);
		$items    = array();
		foreach ( $comments as $comment ) {
			$text = $comment->comment_content;
			$time = (int) mysql2date( 'U', $comment->comment_date_gmt );
			if ( ! $this->applyTimeframeFilter( $time, (string) ( $config['timeframe_limit'] ?? '' ) )
				|| ! $this->applyKeywordSearch( $text, (string) ( $config['search'] ?? '' ) )
				|| $this->applyExcludeKeywords( $text, (string) ( $config['exclude_keywords'] ?? '' ) ) ) {
				continue;
			}
			$items[] = array(
				'title'    => sprintf( 'Comment by %s', $comment->comment_author ),
				'content'  => $text,
				'metadata' => array(
					'item_identifier'   => $comment->comment_ID,
					'original_id'       => $comment->comment_ID,
					'original_date_gmt' => gmdate( 'Y-m-d\TH:i:s\Z', $time ),
					'source_url'        => get_comment_link( $comment ),
				),
			);
		}
		$context->log( 'debug', 'Comments looked at', array( 'offered' => count( $items ) ) );
		return array( 'items' => $items );
	}
}
