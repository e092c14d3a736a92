<?php
/**
 * Plugin Name: Comment Source (example)
 * Description: A fetch handler for Data Machine: flows take in the site's approved comments, newest first.
 * Version: 1.0.0
 * Requires at least: 6.9
 * Requires PHP: 8.1
 * License: GPL-2.0-or-later
 *
 * Written against the public names of Data Machine and nothing else: it knows nothing of Python.
 *
 * @package CommentSource
 */

declare(strict_types=1);

namespace CommentSource;

use DataMachine\Core\Steps\Fetch\Handlers\FetchHandler;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

add_action(
	'init',
	static function (): void {
		// Without Data Machine there is nobody to bring comments to.
		if ( class_exists( FetchHandler::class ) ) {
			require_once __DIR__ . '/class-settings.php';
			require_once __DIR__ . '/class-source.php';
			new Source();
		}
	},
	20
);
