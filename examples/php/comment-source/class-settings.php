<?php
/**
 * What a flow is told about the comments it wants.
 *
 * @package CommentSource
 */

declare(strict_types=1);

namespace CommentSource;

use DataMachine\Core\Steps\Fetch\Handlers\FetchHandlerSettings;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Settings extends FetchHandlerSettings {

	public static function get_fields(): array {
		return array_merge(
			array(
				'post_id' => array(
					'type'        => 'number',
					'label'       => __( 'Post', 'comment-source' ),
					'description' => __( 'Only comments on this post; 0 for all.', 'comment-source' ),
					'default'     => 0,
				),
			),
			self::get_common_fields()
		);
	}
}
