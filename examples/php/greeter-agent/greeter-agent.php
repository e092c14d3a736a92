<?php
/**
 * Plugin Name: Greeter Agent (example)
 * Description: Registers an agent and notes in the Data Machine log when it meets one of the product's hooks.
 * Version: 1.0.0
 * Requires at least: 6.9
 * Requires PHP: 8.1
 * Requires Plugins: datamachine-bridge
 * License: GPL-2.0-or-later
 *
 * Written the way any plugin for the Agents API is written: it knows nothing of Python or of a socket.
 *
 * @package GreeterAgent
 */

declare(strict_types=1);

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

add_action(
	'wp_agents_api_init',
	static function (): void {
		wp_register_agent(
			'greeter',
			array(
				'label'          => 'Greeter',
				'description'    => 'Rewrites what the site has published into short digests.',
				'owner_resolver' => static fn(): int => (int) ( get_users(
					array(
						'role'    => 'administrator',
						'number'  => 1,
						'orderby' => 'ID',
						'fields'  => 'ID',
					)
				)[0] ?? 0 ),
				// No model is asked yet: the runner of the Python example answers for this provider.
				'default_config' => array(
					'default_provider' => 'example',
					'default_model'    => 'digest-1',
				),
				'meta'           => array( 'source_plugin' => 'greeter-agent' ),
			)
		);
	}
);

add_action(
	'datamachine_registered_agent_reconciled',
	static function ( int $agent_id, string $slug ): void {
		do_action( 'datamachine_log', 'info', 'PHP heard datamachine_registered_agent_reconciled', array( 'slug' => $slug, 'agent_id' => $agent_id ) );
	},
	10,
	2
);

add_action(
	'datamachine_job_complete',
	static function ( int $job_id, string $status ): void {
		do_action( 'datamachine_log', 'info', 'PHP heard datamachine_job_complete', array( 'job_id' => $job_id, 'status' => $status ) );
	},
	10,
	2
);

// A PHP listener in the middle of a Python job: items whose title asks not to be touched are skipped.
add_filter(
	'datamachine_should_reprocess_item',
	static fn( bool $skip, array $item ): bool => $skip || str_contains( (string) get_the_title( (int) ( $item['item_identifier'] ?? 0 ) ), '[private]' ),
	10,
	2
);
