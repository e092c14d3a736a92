<?php
/**
 * How notices are published.
 *
 * @package NoticePublisher
 */

declare(strict_types=1);

namespace NoticePublisher;

use DataMachine\Core\Steps\Publish\Handlers\PublishHandlerSettings;
use DataMachine\Core\WordPress\WordPressSettingsHandler;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Settings extends PublishHandlerSettings {

	public static function get_fields(): array {
		return array_merge(
			array(
				'post_status' => array(
					'type'        => 'select',
					'label'       => __( 'Status', 'notice-publisher' ),
					'description' => __( 'What becomes of a notice.', 'notice-publisher' ),
					'options'     => array(
						'draft'   => __( 'Draft', 'notice-publisher' ),
						'publish' => __( 'Published', 'notice-publisher' ),
					),
					'default'     => 'draft',
				),
			),
			WordPressSettingsHandler::get_taxonomy_fields( array( 'post_type' => 'notice' ) ),
			self::get_common_fields()
		);
	}
}
