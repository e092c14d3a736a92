<?php
/**
 * Step types, handlers and intervals of the product itself, by slug.
 *
 * Generated from sidecar/automation/{catalogue,flows/intervals}.py by tools/generate.py. Do not edit.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

return array(
	'step_types'       => array(
		'fetch'        => array(
			'label'                 => 'Fetch',
			'description'           => 'Takes in items from a source',
			'class'                 => 'DataMachine\\Core\\Steps\\Fetch\\FetchStep',
			'position'              => 10,
			'uses_handler'          => true,
			'multi_handler'         => false,
			'has_pipeline_config'   => false,
			'consume_all_packets'   => false,
			'show_settings_display' => true,
		),
		'publish'      => array(
			'label'                 => 'Publish',
			'description'           => 'Sends content to a destination',
			'class'                 => 'DataMachine\\Core\\Steps\\Publish\\PublishStep',
			'position'              => 30,
			'uses_handler'          => true,
			'multi_handler'         => true,
			'has_pipeline_config'   => false,
			'consume_all_packets'   => false,
			'show_settings_display' => true,
		),
		'upsert'       => array(
			'label'                 => 'Upsert',
			'description'           => 'Creates or updates content',
			'class'                 => 'DataMachine\\Core\\Steps\\Upsert\\UpsertStep',
			'position'              => 40,
			'uses_handler'          => true,
			'multi_handler'         => true,
			'has_pipeline_config'   => false,
			'consume_all_packets'   => false,
			'show_settings_display' => true,
		),
		'ai'           => array(
			'label'                 => 'AI Agent',
			'description'           => 'Gives the data to a model that may use tools',
			'class'                 => 'DataMachine\\Core\\Steps\\AI\\AIStep',
			'position'              => 20,
			'uses_handler'          => false,
			'multi_handler'         => false,
			'has_pipeline_config'   => true,
			'consume_all_packets'   => true,
			'show_settings_display' => true,
		),
		'webhook_gate' => array(
			'label'                 => 'Webhook Gate',
			'description'           => 'Waits for a request from outside',
			'class'                 => 'DataMachine\\Core\\Steps\\WebhookGate\\WebhookGateStep',
			'position'              => 70,
			'uses_handler'          => false,
			'multi_handler'         => false,
			'has_pipeline_config'   => false,
			'consume_all_packets'   => false,
			'show_settings_display' => false,
		),
		'system_task'  => array(
			'label'                 => 'System Task',
			'description'           => 'Runs a task of the system',
			'class'                 => 'DataMachine\\Core\\Steps\\SystemTask\\SystemTaskStep',
			'position'              => 70,
			'uses_handler'          => false,
			'multi_handler'         => false,
			'has_pipeline_config'   => false,
			'consume_all_packets'   => false,
			'show_settings_display' => false,
		),
	),
	'step_settings'    => array(
		'ai'           => array(
			'config_type' => 'ai_configuration',
			'modal_type'  => 'configure-step',
			'button_text' => 'Configure',
			'label'       => 'AI Agent Configuration',
		),
		'webhook_gate' => array(
			'config_type' => 'handler',
			'modal_type'  => 'configure-step',
			'button_text' => 'Configure',
			'label'       => 'Webhook Gate Configuration',
		),
		'system_task'  => array(
			'config_type' => 'handler',
			'modal_type'  => 'configure-step',
			'button_text' => 'Configure',
			'label'       => 'System Task Configuration',
		),
	),
	'handlers'         => array(
		'wordpress_posts'   => array(
			'type'              => 'fetch',
			'class'             => 'DataMachine\\Core\\Steps\\Fetch\\Handlers\\WordPress\\WordPress',
			'label'             => 'Local WordPress Posts',
			'description'       => 'Takes in posts of this WordPress site',
			'requires_auth'     => false,
			'auth_provider_key' => null,
			'meta'              => array(),
		),
		'wordpress_api'     => array(
			'type'              => 'fetch',
			'class'             => 'DataMachine\\Core\\Steps\\Fetch\\Handlers\\WordPressAPI\\WordPressAPI',
			'label'             => 'WordPress REST API',
			'description'       => 'Takes in what the REST API of another site lists',
			'requires_auth'     => false,
			'auth_provider_key' => null,
			'meta'              => array(),
		),
		'wordpress_media'   => array(
			'type'              => 'fetch',
			'class'             => 'DataMachine\\Core\\Steps\\Fetch\\Handlers\\WordPressMedia\\WordPressMedia',
			'label'             => 'WordPress Media Library',
			'description'       => 'Takes in the media library of this WordPress site',
			'requires_auth'     => false,
			'auth_provider_key' => null,
			'meta'              => array(),
		),
		'rss'               => array(
			'type'              => 'fetch',
			'class'             => 'DataMachine\\Core\\Steps\\Fetch\\Handlers\\Rss\\Rss',
			'label'             => 'RSS Feed',
			'description'       => 'Fetch content from RSS and Atom feeds',
			'requires_auth'     => false,
			'auth_provider_key' => null,
			'meta'              => array(),
		),
		'files'             => array(
			'type'              => 'fetch',
			'class'             => 'DataMachine\\Core\\Steps\\Fetch\\Handlers\\Files\\Files',
			'label'             => 'File Upload',
			'description'       => 'Takes in files that were uploaded for the flow',
			'requires_auth'     => false,
			'auth_provider_key' => null,
			'meta'              => array(),
		),
		'wordpress_publish' => array(
			'type'              => 'publish',
			'class'             => 'DataMachine\\Core\\Steps\\Publish\\Handlers\\WordPress\\WordPress',
			'label'             => 'WordPress',
			'description'       => 'Publishes to this WordPress site',
			'requires_auth'     => false,
			'auth_provider_key' => null,
			'meta'              => array(),
		),
		'wordpress_update'  => array(
			'type'              => 'upsert',
			'class'             => 'DataMachine\\Core\\Steps\\Upsert\\Handlers\\WordPress\\WordPressUpdate',
			'label'             => 'WordPress Update',
			'description'       => 'Changes posts of this WordPress site',
			'requires_auth'     => false,
			'auth_provider_key' => null,
			'meta'              => array(),
		),
	),
	'with_settings'    => array(
		'wordpress_posts',
		'wordpress_api',
		'wordpress_media',
		'rss',
		'files',
		'wordpress_publish',
		'wordpress_update',
		'webhook_gate',
		'system_task',
	),
	'intervals'        => array(
		'every_5_minutes' => array(
			'label'   => 'Every 5 Minutes',
			'seconds' => 300,
		),
		'hourly'          => array(
			'label'   => 'Hourly',
			'seconds' => 3600,
		),
		'every_2_hours'   => array(
			'label'   => 'Every 2 Hours',
			'seconds' => 7200,
		),
		'every_4_hours'   => array(
			'label'   => 'Every 4 Hours',
			'seconds' => 14400,
		),
		'qtrdaily'        => array(
			'label'   => 'Every 6 Hours',
			'seconds' => 21600,
		),
		'twicedaily'      => array(
			'label'   => 'Twice Daily',
			'seconds' => 43200,
		),
		'daily'           => array(
			'label'   => 'Daily',
			'seconds' => 86400,
		),
		'every_3_days'    => array(
			'label'   => 'Every 3 Days',
			'seconds' => 259200,
		),
		'weekly'          => array(
			'label'   => 'Weekly',
			'seconds' => 604800,
		),
		'monthly'         => array(
			'label'   => 'Monthly',
			'seconds' => 2592000,
		),
	),
	'interval_aliases' => array(
		'every_6_hours'  => 'qtrdaily',
		'every_12_hours' => 'twicedaily',
	),
);
