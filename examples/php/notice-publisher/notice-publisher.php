<?php
/**
 * Plugin Name: Notice Publisher (example)
 * Description: A publish handler for Data Machine: a model writes notices, a type of post with topics.
 * Version: 1.0.0
 * Requires at least: 6.9
 * Requires PHP: 8.1
 * License: GPL-2.0-or-later
 *
 * Written against the public names of Data Machine and nothing else: it knows nothing of Python.
 *
 * @package NoticePublisher
 */

declare(strict_types=1);

namespace NoticePublisher;

use DataMachine\Core\Steps\Publish\Handlers\PublishHandler;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

add_action(
	'init',
	static function (): void {
		register_post_type(
			'notice',
			array(
				'label'        => __( 'Notices', 'notice-publisher' ),
				'public'       => true,
				'show_in_rest' => true,
				'supports'     => array( 'title', 'editor', 'author', 'thumbnail' ),
			)
		);
		register_taxonomy(
			'topic',
			'notice',
			array(
				'label'        => __( 'Topics', 'notice-publisher' ),
				'public'       => true,
				'show_in_rest' => true,
			)
		);
	}
);

add_action(
	'init',
	static function (): void {
		if ( class_exists( PublishHandler::class ) ) {
			require_once __DIR__ . '/class-settings.php';
			require_once __DIR__ . '/class-publisher.php';
			new Publisher();
		}
	},
	20
);
