<?php
/**
 * Plugin Name: Glossary Upsert (example)
 * Description: An upsert handler for Data Machine: a model keeps the entries of a glossary, one for each word.
 * Version: 1.0.0
 * Requires at least: 6.9
 * Requires PHP: 8.1
 * License: GPL-2.0-or-later
 *
 * Written against the public names of Data Machine and nothing else: it knows nothing of Python.
 *
 * @package GlossaryUpsert
 */

declare(strict_types=1);

namespace GlossaryUpsert;

use DataMachine\Core\Steps\Upsert\Handlers\UpsertHandler;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

add_action(
	'init',
	static function (): void {
		register_post_type(
			'glossary_entry',
			array(
				'label'        => __( 'Glossary', 'glossary-upsert' ),
				'public'       => true,
				'show_in_rest' => true,
				'supports'     => array( 'title', 'editor', 'revisions' ),
			)
		);
	}
);

add_action(
	'init',
	static function (): void {
		if ( class_exists( UpsertHandler::class ) ) {
			require_once __DIR__ . '/class-glossary.php';
			new Glossary();
		}
	},
	20
);
