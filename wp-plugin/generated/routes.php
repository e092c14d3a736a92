<?php
/**
 * Routes below /datamachine/v1.
 *
 * Generated from sidecar/api by tools/generate.py. Do not edit.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

return array(
	array(
		'path'       => '/agents',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_not_logged_in',
			'message' => 'You must be logged in to list agents.',
			'status'  => 401,
		),
		'args'       => array(),
	),
	array(
		'path'       => '/agents',
		'method'     => 'POST',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'Sorry, you are not allowed to do that.',
			'actions' => array(
				'manage_agents',
				'create_own_agent',
			),
		),
		'args'       => array(
			'agent_slug' => array(
				'type'     => 'string',
				'required' => true,
			),
			'agent_name' => array(
				'type'     => 'string',
				'required' => false,
			),
			'config'     => array(
				'type'     => 'object',
				'required' => false,
			),
		),
	),
	array(
		'path'       => '/agents/me',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'Sorry, you are not allowed to do that.',
		),
		'args'       => array(),
	),
	array(
		'path'       => '/agents/(?P<agent_id>\\d+)',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'Sorry, you are not allowed to do that.',
			'actions' => array(
				'manage_agents',
			),
		),
		'args'       => array(
			'agent_id' => array(
				'type'     => 'integer',
				'required' => true,
			),
		),
	),
	array(
		'path'       => '/agents/(?P<agent_id>\\d+)',
		'method'     => 'POST, PUT, PATCH',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'Sorry, you are not allowed to do that.',
			'actions' => array(
				'manage_agents',
			),
		),
		'args'       => array(
			'agent_id'     => array(
				'type'     => 'integer',
				'required' => true,
			),
			'agent_name'   => array(
				'type'     => array(
					'string',
					'null',
				),
				'required' => false,
			),
			'agent_config' => array(
				'type'     => 'object',
				'required' => false,
			),
		),
	),
	array(
		'path'       => '/agents/(?P<agent_id>\\d+)',
		'method'     => 'DELETE',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'Sorry, you are not allowed to do that.',
			'actions' => array(
				'manage_agents',
			),
		),
		'args'       => array(
			'agent_id'     => array(
				'type'     => 'integer',
				'required' => true,
			),
			'delete_files' => array(
				'type'     => 'boolean',
				'required' => false,
				'default'  => false,
			),
		),
	),
	array(
		'path'       => '/agents/(?P<agent_id>\\d+)/access',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'Sorry, you are not allowed to do that.',
			'actions' => array(
				'manage_agents',
			),
		),
		'args'       => array(
			'agent_id' => array(
				'type'     => 'integer',
				'required' => true,
			),
		),
	),
	array(
		'path'       => '/agents/(?P<agent_id>\\d+)/access',
		'method'     => 'POST',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'Sorry, you are not allowed to do that.',
			'actions' => array(
				'manage_agents',
			),
		),
		'args'       => array(
			'agent_id' => array(
				'type'     => 'integer',
				'required' => true,
			),
			'user_id'  => array(
				'type'     => 'integer',
				'required' => true,
			),
			'role'     => array(
				'type'     => 'string',
				'required' => false,
				'default'  => 'viewer',
				'enum'     => array(
					'admin',
					'operator',
					'viewer',
				),
			),
		),
	),
	array(
		'path'       => '/agents/(?P<agent_id>\\d+)/access/(?P<user_id>\\d+)',
		'method'     => 'DELETE',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'Sorry, you are not allowed to do that.',
			'actions' => array(
				'manage_agents',
			),
		),
		'args'       => array(
			'agent_id' => array(
				'type'     => 'integer',
				'required' => true,
			),
			'user_id'  => array(
				'type'     => 'integer',
				'required' => true,
			),
		),
	),
	array(
		'path'       => '/agents/(?P<agent_id>\\d+)/tokens',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'Sorry, you are not allowed to do that.',
			'actions' => array(
				'manage_agents',
			),
		),
		'args'       => array(
			'agent_id' => array(
				'type'     => 'integer',
				'required' => true,
			),
		),
	),
	array(
		'path'       => '/agents/(?P<agent_id>\\d+)/tokens',
		'method'     => 'POST',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'Sorry, you are not allowed to do that.',
			'actions' => array(
				'manage_agents',
			),
		),
		'args'       => array(
			'agent_id'     => array(
				'type'     => 'integer',
				'required' => true,
			),
			'label'        => array(
				'type'     => 'string',
				'required' => false,
				'default'  => '',
			),
			'capabilities' => array(
				'type'     => array(
					'array',
					'null',
				),
				'required' => false,
				'items'    => array(
					'type' => 'string',
				),
			),
			'expires_in'   => array(
				'type'     => array(
					'integer',
					'null',
				),
				'required' => false,
			),
		),
	),
	array(
		'path'       => '/agents/(?P<agent_id>\\d+)/tokens/(?P<token_id>\\d+)',
		'method'     => 'DELETE',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'Sorry, you are not allowed to do that.',
			'actions' => array(
				'manage_agents',
			),
		),
		'args'       => array(
			'agent_id' => array(
				'type'     => 'integer',
				'required' => true,
			),
			'token_id' => array(
				'type'     => 'integer',
				'required' => true,
			),
		),
	),
	array(
		'path'       => '/agent/token',
		'method'     => 'POST',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'Sorry, you are not allowed to do that.',
			'public'  => true,
		),
		'args'       => array(
			'code'          => array(
				'type'     => 'string',
				'required' => true,
			),
			'code_verifier' => array(
				'type'     => 'string',
				'required' => true,
			),
			'redirect_uri'  => array(
				'type'     => 'string',
				'required' => true,
			),
		),
	),
	array(
		'path'       => '/bridge/token',
		'method'     => 'POST',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'Sorry, you are not allowed to do that.',
			'public'  => true,
		),
		'args'       => array(
			'code'          => array(
				'type'     => 'string',
				'required' => true,
			),
			'code_verifier' => array(
				'type'     => 'string',
				'required' => true,
			),
			'redirect_uri'  => array(
				'type'     => 'string',
				'required' => true,
			),
		),
	),
	array(
		'path'       => '/bridge/onboarding',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'Sorry, you are not allowed to do that.',
			'public'  => true,
		),
		'args'       => array(
			'agent_slug' => array(
				'type'     => 'string',
				'required' => false,
				'default'  => '',
			),
		),
	),
	array(
		'path'       => '/bridge/identity',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'Sorry, you are not allowed to do that.',
			'status'  => 401,
		),
		'args'       => array(),
	),
	array(
		'path'       => '/jobs/summary',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to manage jobs.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(),
	),
	array(
		'path'       => '/jobs/stuck',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to manage jobs.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'minutes'  => array(
				'type'     => 'integer',
				'required' => false,
				'default'  => 5,
				'minimum'  => 0,
			),
			'flow_id'  => array(
				'type'     => 'integer',
				'required' => false,
			),
			'all'      => array(
				'type'     => 'boolean',
				'required' => false,
				'default'  => false,
			),
			'per_page' => array(
				'type'     => 'integer',
				'required' => false,
				'default'  => 50,
				'minimum'  => 1,
				'maximum'  => 100,
			),
			'offset'   => array(
				'type'     => 'integer',
				'required' => false,
				'default'  => 0,
				'minimum'  => 0,
			),
		),
	),
	array(
		'path'       => '/jobs',
		'method'     => 'DELETE',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to manage jobs.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'type'              => array(
				'type'     => 'string',
				'required' => true,
				'enum'     => array(
					'all',
					'failed',
				),
			),
			'cleanup_processed' => array(
				'type'     => 'boolean',
				'required' => false,
				'default'  => false,
			),
		),
	),
	array(
		'path'       => '/jobs/(?P<id>\\d+)/retry',
		'method'     => 'POST',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to manage jobs.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'id'    => array(
				'type'     => 'integer',
				'required' => true,
			),
			'force' => array(
				'type'     => 'boolean',
				'required' => false,
				'default'  => false,
			),
		),
	),
	array(
		'path'       => '/jobs/(?P<id>\\d+)/cancel',
		'method'     => 'POST',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to manage jobs.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'id'     => array(
				'type'     => 'integer',
				'required' => true,
			),
			'reason' => array(
				'type'     => 'string',
				'required' => false,
				'default'  => '',
			),
		),
	),
	array(
		'path'       => '/jobs/(?P<id>\\d+)/fail',
		'method'     => 'POST',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to manage jobs.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'id'     => array(
				'type'     => 'integer',
				'required' => true,
			),
			'reason' => array(
				'type'     => 'string',
				'required' => false,
				'default'  => 'manual',
			),
		),
	),
	array(
		'path'       => '/flows/problems',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access flows.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'threshold' => array(
				'type'     => 'integer',
				'required' => false,
				'minimum'  => 1,
			),
		),
	),
	array(
		'path'       => '/jobs',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to manage jobs.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'orderby'       => array(
				'type'     => 'string',
				'required' => false,
				'default'  => 'job_id',
			),
			'order'         => array(
				'type'     => 'string',
				'required' => false,
				'default'  => 'DESC',
				'enum'     => array(
					'ASC',
					'DESC',
				),
			),
			'per_page'      => array(
				'type'     => 'integer',
				'required' => false,
				'default'  => 50,
				'minimum'  => 1,
				'maximum'  => 100,
			),
			'offset'        => array(
				'type'     => 'integer',
				'required' => false,
				'default'  => 0,
				'minimum'  => 0,
			),
			'pipeline_id'   => array(
				'type'     => 'integer',
				'required' => false,
			),
			'flow_id'       => array(
				'type'     => 'integer',
				'required' => false,
			),
			'status'        => array(
				'type'        => 'string',
				'required'    => false,
				'description' => 'The beginning of the status.',
			),
			'user_id'       => array(
				'type'     => 'integer',
				'required' => false,
			),
			'parent_job_id' => array(
				'type'     => 'integer',
				'required' => false,
			),
			'hide_children' => array(
				'type'     => 'boolean',
				'required' => false,
				'default'  => false,
			),
		),
	),
	array(
		'path'       => '/jobs/(?P<id>\\d+)',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to manage jobs.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'id' => array(
				'type'     => 'integer',
				'required' => true,
			),
		),
	),
	array(
		'path'       => '/files/agent/daily',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You must be logged in to manage files.',
		),
		'args'       => array(
			'user_id'  => array(
				'type'        => 'integer',
				'required'    => false,
				'minimum'     => 0,
				'description' => 'Whose agent; the caller\'s own without it.',
			),
			'agent_id' => array(
				'type'        => 'integer',
				'required'    => false,
				'minimum'     => 0,
				'description' => 'Which agent.',
			),
		),
	),
	array(
		'path'       => '/files/agent/daily/(?P<year>\\d{4})/(?P<month>\\d{2})/(?P<day>\\d{2})',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You must be logged in to manage files.',
		),
		'args'       => array(
			'year'     => array(
				'type'     => 'integer',
				'required' => true,
			),
			'month'    => array(
				'type'     => 'integer',
				'required' => true,
				'minimum'  => 1,
				'maximum'  => 12,
			),
			'day'      => array(
				'type'     => 'integer',
				'required' => true,
				'minimum'  => 1,
				'maximum'  => 31,
			),
			'user_id'  => array(
				'type'        => 'integer',
				'required'    => false,
				'minimum'     => 0,
				'description' => 'Whose agent; the caller\'s own without it.',
			),
			'agent_id' => array(
				'type'        => 'integer',
				'required'    => false,
				'minimum'     => 0,
				'description' => 'Which agent.',
			),
		),
	),
	array(
		'path'       => '/files/agent/daily/(?P<year>\\d{4})/(?P<month>\\d{2})/(?P<day>\\d{2})',
		'method'     => 'PUT',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You must be logged in to manage files.',
		),
		'args'       => array(
			'year'     => array(
				'type'     => 'integer',
				'required' => true,
			),
			'month'    => array(
				'type'     => 'integer',
				'required' => true,
				'minimum'  => 1,
				'maximum'  => 12,
			),
			'day'      => array(
				'type'     => 'integer',
				'required' => true,
				'minimum'  => 1,
				'maximum'  => 31,
			),
			'user_id'  => array(
				'type'        => 'integer',
				'required'    => false,
				'minimum'     => 0,
				'description' => 'Whose agent; the caller\'s own without it.',
			),
			'agent_id' => array(
				'type'        => 'integer',
				'required'    => false,
				'minimum'     => 0,
				'description' => 'Which agent.',
			),
			'content'  => array(
				'type'        => 'string',
				'required'    => false,
				'description' => 'What is written; without it the body as it is.',
			),
		),
	),
	array(
		'path'       => '/files/agent/daily/(?P<year>\\d{4})/(?P<month>\\d{2})/(?P<day>\\d{2})',
		'method'     => 'DELETE',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You must be logged in to manage files.',
		),
		'args'       => array(
			'year'     => array(
				'type'     => 'integer',
				'required' => true,
			),
			'month'    => array(
				'type'     => 'integer',
				'required' => true,
				'minimum'  => 1,
				'maximum'  => 12,
			),
			'day'      => array(
				'type'     => 'integer',
				'required' => true,
				'minimum'  => 1,
				'maximum'  => 31,
			),
			'user_id'  => array(
				'type'        => 'integer',
				'required'    => false,
				'minimum'     => 0,
				'description' => 'Whose agent; the caller\'s own without it.',
			),
			'agent_id' => array(
				'type'        => 'integer',
				'required'    => false,
				'minimum'     => 0,
				'description' => 'Which agent.',
			),
		),
	),
	array(
		'path'       => '/files/agent',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You must be logged in to manage files.',
		),
		'args'       => array(
			'user_id'  => array(
				'type'        => 'integer',
				'required'    => false,
				'minimum'     => 0,
				'description' => 'Whose agent; the caller\'s own without it.',
			),
			'agent_id' => array(
				'type'        => 'integer',
				'required'    => false,
				'minimum'     => 0,
				'description' => 'Which agent.',
			),
		),
	),
	array(
		'path'       => '/files/agent/(?P<filename>[^/]+)',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You must be logged in to manage files.',
		),
		'args'       => array(
			'filename' => array(
				'type'     => 'string',
				'required' => true,
			),
			'user_id'  => array(
				'type'        => 'integer',
				'required'    => false,
				'minimum'     => 0,
				'description' => 'Whose agent; the caller\'s own without it.',
			),
			'agent_id' => array(
				'type'        => 'integer',
				'required'    => false,
				'minimum'     => 0,
				'description' => 'Which agent.',
			),
		),
	),
	array(
		'path'       => '/files/agent/(?P<filename>[^/]+)',
		'method'     => 'PUT',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You must be logged in to manage files.',
		),
		'args'       => array(
			'filename' => array(
				'type'     => 'string',
				'required' => true,
			),
			'user_id'  => array(
				'type'        => 'integer',
				'required'    => false,
				'minimum'     => 0,
				'description' => 'Whose agent; the caller\'s own without it.',
			),
			'agent_id' => array(
				'type'        => 'integer',
				'required'    => false,
				'minimum'     => 0,
				'description' => 'Which agent.',
			),
			'content'  => array(
				'type'        => 'string',
				'required'    => false,
				'description' => 'What is written; without it the body as it is.',
			),
		),
	),
	array(
		'path'       => '/files/agent/(?P<filename>[^/]+)',
		'method'     => 'DELETE',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You must be logged in to manage files.',
		),
		'args'       => array(
			'filename' => array(
				'type'     => 'string',
				'required' => true,
			),
			'user_id'  => array(
				'type'        => 'integer',
				'required'    => false,
				'minimum'     => 0,
				'description' => 'Whose agent; the caller\'s own without it.',
			),
			'agent_id' => array(
				'type'        => 'integer',
				'required'    => false,
				'minimum'     => 0,
				'description' => 'Which agent.',
			),
		),
	),
	array(
		'path'       => '/execute',
		'method'     => 'POST',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to execute workflows.',
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'flow_id'      => array(
				'type'     => 'integer',
				'required' => false,
			),
			'workflow'     => array(
				'type'     => 'object',
				'required' => false,
			),
			'count'        => array(
				'type'     => 'integer',
				'required' => false,
			),
			'timestamp'    => array(
				'type'        => 'integer',
				'required'    => false,
				'description' => 'Unix seconds; one that has passed means now.',
			),
			'initial_data' => array(
				'type'     => 'object',
				'required' => false,
			),
			'dry_run'      => array(
				'type'     => 'boolean',
				'required' => false,
				'default'  => false,
			),
		),
	),
	array(
		'path'       => '/files',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'Sorry, you are not allowed to do that.',
			'actions' => array(
				'manage_flows',
				'manage_settings',
				'manage_agents',
			),
		),
		'args'       => array(
			'flow_step_id' => array(
				'type'        => 'string',
				'required'    => false,
				'description' => 'A step of the flow, as {pipeline step}_{flow}.',
			),
		),
	),
	array(
		'path'       => '/files',
		'method'     => 'POST',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'Sorry, you are not allowed to do that.',
			'actions' => array(
				'manage_flows',
				'manage_settings',
				'manage_agents',
			),
		),
		'args'       => array(
			'flow_step_id' => array(
				'type'        => 'string',
				'required'    => false,
				'description' => 'A step of the flow, as {pipeline step}_{flow}.',
			),
		),
		'uploads'    => true,
	),
	array(
		'path'       => '/files/(?P<filename>[^/]+)',
		'method'     => 'DELETE',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'Sorry, you are not allowed to do that.',
			'actions' => array(
				'manage_flows',
				'manage_settings',
				'manage_agents',
			),
		),
		'args'       => array(
			'filename'     => array(
				'type'     => 'string',
				'required' => true,
			),
			'flow_step_id' => array(
				'type'        => 'string',
				'required'    => false,
				'description' => 'A step of the flow, as {pipeline step}_{flow}.',
			),
		),
	),
	array(
		'path'       => '/flows',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access flows.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'pipeline_id' => array(
				'type'     => 'integer',
				'required' => false,
			),
			'per_page'    => array(
				'type'     => 'integer',
				'required' => false,
				'default'  => 20,
				'minimum'  => 1,
				'maximum'  => 100,
			),
			'offset'      => array(
				'type'     => 'integer',
				'required' => false,
				'default'  => 0,
				'minimum'  => 0,
			),
			'user_id'     => array(
				'type'     => 'integer',
				'required' => false,
			),
		),
	),
	array(
		'path'       => '/flows',
		'method'     => 'POST',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access flows.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'pipeline_id'       => array(
				'type'     => 'integer',
				'required' => true,
			),
			'flow_name'         => array(
				'type'     => 'string',
				'required' => false,
				'default'  => 'Flow',
			),
			'flow_config'       => array(
				'type'        => 'object',
				'required'    => false,
				'description' => 'By step type or pipeline step id: {handler_slug?, handler_config?, user_message?}.',
			),
			'step_configs'      => array(
				'type'        => 'object',
				'required'    => false,
				'description' => 'By step type or pipeline step id: {handler_slug?, handler_config?, user_message?}.',
			),
			'scheduling_config' => array(
				'type'        => 'object',
				'required'    => false,
				'description' => '{interval, cron_expression?, timestamp?, enabled?}; other settings of the schedule stay.',
			),
			'retry_policy'      => array(
				'type'        => array(
					'object',
					'null',
				),
				'required'    => false,
				'description' => '{max_attempts, backoff?, factor?} of a step that fails; null for none.',
			),
		),
	),
	array(
		'path'       => '/flows/pause',
		'method'     => 'POST',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access flows.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'pipeline_id' => array(
				'type'     => 'integer',
				'required' => false,
			),
			'agent_id'    => array(
				'type'     => 'integer',
				'required' => false,
			),
		),
	),
	array(
		'path'       => '/flows/resume',
		'method'     => 'POST',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access flows.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'pipeline_id' => array(
				'type'     => 'integer',
				'required' => false,
			),
			'agent_id'    => array(
				'type'     => 'integer',
				'required' => false,
			),
		),
	),
	array(
		'path'       => '/flows/(?P<flow_id>\\d+)',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access flows.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'flow_id' => array(
				'type'     => 'integer',
				'required' => true,
			),
		),
	),
	array(
		'path'       => '/flows/(?P<flow_id>\\d+)',
		'method'     => 'PATCH',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access flows.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'flow_id'           => array(
				'type'     => 'integer',
				'required' => true,
			),
			'flow_name'         => array(
				'type'     => 'string',
				'required' => false,
			),
			'scheduling_config' => array(
				'type'        => 'object',
				'required'    => false,
				'description' => '{interval, cron_expression?, timestamp?, enabled?}; other settings of the schedule stay.',
			),
			'retry_policy'      => array(
				'type'        => array(
					'object',
					'null',
				),
				'required'    => false,
				'description' => '{max_attempts, backoff?, factor?} of a step that fails; null for none.',
			),
		),
	),
	array(
		'path'       => '/flows/(?P<flow_id>\\d+)',
		'method'     => 'DELETE',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access flows.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'flow_id' => array(
				'type'     => 'integer',
				'required' => true,
			),
		),
	),
	array(
		'path'       => '/flows/(?P<flow_id>\\d+)/config',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access flows.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'flow_id' => array(
				'type'     => 'integer',
				'required' => true,
			),
		),
	),
	array(
		'path'       => '/flows/(?P<flow_id>\\d+)/pause',
		'method'     => 'POST',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access flows.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'flow_id' => array(
				'type'     => 'integer',
				'required' => true,
			),
		),
	),
	array(
		'path'       => '/flows/(?P<flow_id>\\d+)/resume',
		'method'     => 'POST',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access flows.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'flow_id' => array(
				'type'     => 'integer',
				'required' => true,
			),
		),
	),
	array(
		'path'       => '/flows/(?P<flow_id>\\d+)/duplicate',
		'method'     => 'POST',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access flows.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'flow_id' => array(
				'type'     => 'integer',
				'required' => true,
			),
		),
	),
	array(
		'path'       => '/flows/(?P<flow_id>\\d+)/queue',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access flows.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'flow_id'      => array(
				'type'     => 'integer',
				'required' => true,
			),
			'flow_step_id' => array(
				'type'     => 'string',
				'required' => true,
			),
		),
	),
	array(
		'path'       => '/flows/(?P<flow_id>\\d+)/queue',
		'method'     => 'POST',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access flows.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'flow_id'      => array(
				'type'     => 'integer',
				'required' => true,
			),
			'flow_step_id' => array(
				'type'     => 'string',
				'required' => true,
			),
			'prompt'       => array(
				'type'     => 'string',
				'required' => false,
			),
			'prompts'      => array(
				'type'     => 'array',
				'required' => false,
			),
		),
	),
	array(
		'path'       => '/flows/(?P<flow_id>\\d+)/queue',
		'method'     => 'DELETE',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access flows.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'flow_id'      => array(
				'type'     => 'integer',
				'required' => true,
			),
			'flow_step_id' => array(
				'type'     => 'string',
				'required' => true,
			),
		),
	),
	array(
		'path'       => '/flows/(?P<flow_id>\\d+)/queue/(?P<index>\\d+)',
		'method'     => 'DELETE',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access flows.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'flow_id'      => array(
				'type'     => 'integer',
				'required' => true,
			),
			'flow_step_id' => array(
				'type'     => 'string',
				'required' => true,
			),
			'index'        => array(
				'type'     => 'integer',
				'required' => true,
			),
		),
	),
	array(
		'path'       => '/flows/(?P<flow_id>\\d+)/queue/(?P<index>\\d+)',
		'method'     => 'POST, PUT, PATCH',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access flows.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'flow_id'      => array(
				'type'     => 'integer',
				'required' => true,
			),
			'flow_step_id' => array(
				'type'     => 'string',
				'required' => true,
			),
			'index'        => array(
				'type'     => 'integer',
				'required' => true,
			),
			'prompt'       => array(
				'type'     => 'string',
				'required' => true,
			),
		),
	),
	array(
		'path'       => '/flows/(?P<flow_id>\\d+)/queue/mode',
		'method'     => 'POST, PUT, PATCH',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access flows.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'flow_id'      => array(
				'type'     => 'integer',
				'required' => true,
			),
			'flow_step_id' => array(
				'type'     => 'string',
				'required' => true,
			),
			'mode'         => array(
				'type'     => 'string',
				'required' => true,
				'enum'     => array(
					'drain',
					'loop',
					'static',
				),
			),
		),
	),
	array(
		'path'       => '/flows/steps/(?P<flow_step_id>[A-Za-z0-9_-]+)/config',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access flows.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'flow_step_id' => array(
				'type'     => 'string',
				'required' => true,
			),
		),
	),
	array(
		'path'       => '/flows/steps/(?P<flow_step_id>[A-Za-z0-9_-]+)/config',
		'method'     => 'PATCH',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access flows.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'flow_step_id'       => array(
				'type'     => 'string',
				'required' => true,
			),
			'handler_slug'       => array(
				'type'     => 'string',
				'required' => false,
			),
			'handler_config'     => array(
				'type'     => 'object',
				'required' => false,
			),
			'user_message'       => array(
				'type'     => 'string',
				'required' => false,
			),
			'add_handler'        => array(
				'type'     => 'string',
				'required' => false,
			),
			'add_handler_config' => array(
				'type'     => 'object',
				'required' => false,
			),
			'remove_handler'     => array(
				'type'     => 'string',
				'required' => false,
			),
			'retry_policy'       => array(
				'type'        => array(
					'object',
					'null',
				),
				'required'    => false,
				'description' => 'null or {} removes it.',
			),
		),
	),
	array(
		'path'       => '/flows/steps/(?P<flow_step_id>[A-Za-z0-9_-]+)/handler',
		'method'     => 'PUT',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access flows.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'flow_step_id' => array(
				'type'     => 'string',
				'required' => true,
			),
			'handler_slug' => array(
				'type'     => 'string',
				'required' => true,
			),
			'pipeline_id'  => array(
				'type'     => 'integer',
				'required' => true,
			),
			'step_type'    => array(
				'type'     => 'string',
				'required' => true,
			),
		),
	),
	array(
		'path'       => '/flows/steps/(?P<flow_step_id>[A-Za-z0-9_-]+)/user-message',
		'method'     => 'PATCH',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access flows.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'flow_step_id' => array(
				'type'     => 'string',
				'required' => true,
			),
			'user_message' => array(
				'type'     => 'string',
				'required' => true,
			),
		),
	),
	array(
		'path'       => '/pipelines/(?P<pipeline_id>\\d+)/memory-files',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access pipelines.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'pipeline_id' => array(
				'type'     => 'integer',
				'required' => true,
			),
		),
	),
	array(
		'path'       => '/pipelines/(?P<pipeline_id>\\d+)/memory-files',
		'method'     => 'POST, PUT, PATCH',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access pipelines.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'pipeline_id'  => array(
				'type'     => 'integer',
				'required' => true,
			),
			'memory_files' => array(
				'type'        => 'array',
				'required'    => true,
				'items'       => array(
					'type' => 'string',
				),
				'description' => 'Names of memory files.',
			),
		),
	),
	array(
		'path'       => '/flows/(?P<flow_id>\\d+)/memory-files',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access flows.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'flow_id' => array(
				'type'     => 'integer',
				'required' => true,
			),
		),
	),
	array(
		'path'       => '/flows/(?P<flow_id>\\d+)/memory-files',
		'method'     => 'POST, PUT, PATCH',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access flows.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'flow_id'      => array(
				'type'     => 'integer',
				'required' => true,
			),
			'memory_files' => array(
				'type'        => 'array',
				'required'    => true,
				'items'       => array(
					'type' => 'string',
				),
				'description' => 'Names of memory files.',
			),
		),
	),
	array(
		'path'       => '/memory',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to use this memory.',
			'actions' => array(
				'chat',
				'manage_flows',
				'manage_settings',
				'manage_agents',
			),
		),
		'args'       => array(
			'prefix'   => array(
				'type'     => 'string',
				'required' => false,
				'default'  => '',
			),
			'agent_id' => array(
				'type'        => 'integer',
				'required'    => false,
				'minimum'     => 0,
				'description' => 'Another agent that the caller has a role on.',
			),
		),
	),
	array(
		'path'       => '/memory/files/(?P<path>.+)',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to use this memory.',
			'actions' => array(
				'chat',
				'manage_flows',
				'manage_settings',
				'manage_agents',
			),
		),
		'args'       => array(
			'path'     => array(
				'type'     => 'string',
				'required' => true,
			),
			'layer'    => array(
				'type'        => 'string',
				'required'    => false,
				'enum'        => array(
					'shared',
					'agent',
					'user',
					'network',
				),
				'description' => 'Where a file is that is not in the layer it is registered for.',
			),
			'agent_id' => array(
				'type'        => 'integer',
				'required'    => false,
				'minimum'     => 0,
				'description' => 'Another agent that the caller has a role on.',
			),
		),
	),
	array(
		'path'       => '/memory/files/(?P<path>.+)',
		'method'     => 'PUT',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to use this memory.',
			'actions' => array(
				'chat',
				'manage_flows',
				'manage_settings',
				'manage_agents',
			),
		),
		'args'       => array(
			'path'     => array(
				'type'     => 'string',
				'required' => true,
			),
			'layer'    => array(
				'type'        => 'string',
				'required'    => false,
				'enum'        => array(
					'shared',
					'agent',
					'user',
					'network',
				),
				'description' => 'Where a file is that is not in the layer it is registered for.',
			),
			'agent_id' => array(
				'type'        => 'integer',
				'required'    => false,
				'minimum'     => 0,
				'description' => 'Another agent that the caller has a role on.',
			),
			'content'  => array(
				'type'     => 'string',
				'required' => false,
			),
		),
	),
	array(
		'path'       => '/memory/files/(?P<path>.+)',
		'method'     => 'DELETE',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to use this memory.',
			'actions' => array(
				'chat',
				'manage_flows',
				'manage_settings',
				'manage_agents',
			),
		),
		'args'       => array(
			'path'     => array(
				'type'     => 'string',
				'required' => true,
			),
			'layer'    => array(
				'type'        => 'string',
				'required'    => false,
				'enum'        => array(
					'shared',
					'agent',
					'user',
					'network',
				),
				'description' => 'Where a file is that is not in the layer it is registered for.',
			),
			'agent_id' => array(
				'type'        => 'integer',
				'required'    => false,
				'minimum'     => 0,
				'description' => 'Another agent that the caller has a role on.',
			),
		),
	),
	array(
		'path'       => '/memory/append',
		'method'     => 'POST',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to use this memory.',
			'actions' => array(
				'chat',
				'manage_flows',
				'manage_settings',
				'manage_agents',
			),
		),
		'args'       => array(
			'content'  => array(
				'type'     => 'string',
				'required' => true,
			),
			'file'     => array(
				'type'     => 'string',
				'required' => false,
				'default'  => 'MEMORY.md',
			),
			'section'  => array(
				'type'     => 'string',
				'required' => false,
			),
			'layer'    => array(
				'type'        => 'string',
				'required'    => false,
				'enum'        => array(
					'shared',
					'agent',
					'user',
					'network',
				),
				'description' => 'Where a file is that is not in the layer it is registered for.',
			),
			'agent_id' => array(
				'type'        => 'integer',
				'required'    => false,
				'minimum'     => 0,
				'description' => 'Another agent that the caller has a role on.',
			),
		),
	),
	array(
		'path'       => '/memory/search',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to use this memory.',
			'actions' => array(
				'chat',
				'manage_flows',
				'manage_settings',
				'manage_agents',
			),
		),
		'args'       => array(
			'query'    => array(
				'type'     => 'string',
				'required' => true,
			),
			'file'     => array(
				'type'     => 'string',
				'required' => false,
			),
			'section'  => array(
				'type'     => 'string',
				'required' => false,
			),
			'layer'    => array(
				'type'        => 'string',
				'required'    => false,
				'enum'        => array(
					'shared',
					'agent',
					'user',
					'network',
				),
				'description' => 'Where a file is that is not in the layer it is registered for.',
			),
			'agent_id' => array(
				'type'        => 'integer',
				'required'    => false,
				'minimum'     => 0,
				'description' => 'Another agent that the caller has a role on.',
			),
		),
	),
	array(
		'path'       => '/memory/sections',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to use this memory.',
			'actions' => array(
				'chat',
				'manage_flows',
				'manage_settings',
				'manage_agents',
			),
		),
		'args'       => array(
			'file'     => array(
				'type'     => 'string',
				'required' => false,
				'default'  => 'MEMORY.md',
			),
			'layer'    => array(
				'type'        => 'string',
				'required'    => false,
				'enum'        => array(
					'shared',
					'agent',
					'user',
					'network',
				),
				'description' => 'Where a file is that is not in the layer it is registered for.',
			),
			'agent_id' => array(
				'type'        => 'integer',
				'required'    => false,
				'minimum'     => 0,
				'description' => 'Another agent that the caller has a role on.',
			),
		),
	),
	array(
		'path'       => '/memory/compose',
		'method'     => 'POST',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to use this memory.',
			'actions' => array(
				'chat',
				'manage_flows',
				'manage_settings',
				'manage_agents',
			),
		),
		'args'       => array(
			'file'     => array(
				'type'     => 'string',
				'required' => false,
			),
			'agent_id' => array(
				'type'        => 'integer',
				'required'    => false,
				'minimum'     => 0,
				'description' => 'Another agent that the caller has a role on.',
			),
		),
	),
	array(
		'path'       => '/agents/(?P<agent>[A-Za-z0-9_-]+)/context',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to use this memory.',
			'actions' => array(
				'chat',
				'manage_flows',
				'manage_settings',
				'manage_agents',
			),
		),
		'args'       => array(
			'agent'       => array(
				'type'     => 'string',
				'required' => true,
			),
			'mode'        => array(
				'type'     => 'string',
				'required' => false,
				'default'  => 'chat',
			),
			'pipeline_id' => array(
				'type'     => 'integer',
				'required' => false,
				'minimum'  => 0,
			),
			'flow_id'     => array(
				'type'     => 'integer',
				'required' => false,
				'minimum'  => 0,
			),
		),
	),
	array(
		'path'       => '/pipelines',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access pipelines.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'pipeline_id'   => array(
				'type'     => 'integer',
				'required' => false,
			),
			'fields'        => array(
				'type'        => 'string',
				'required'    => false,
				'description' => 'Columns, separated by commas.',
			),
			'format'        => array(
				'type'     => 'string',
				'required' => false,
				'default'  => 'json',
				'enum'     => array(
					'json',
					'csv',
				),
			),
			'ids'           => array(
				'type'        => 'string',
				'required'    => false,
				'description' => 'What a csv file holds: ids, separated by commas.',
			),
			'user_id'       => array(
				'type'     => 'integer',
				'required' => false,
			),
			'search'        => array(
				'type'     => 'string',
				'required' => false,
			),
			'per_page'      => array(
				'type'     => 'integer',
				'required' => false,
				'default'  => 20,
				'minimum'  => 1,
				'maximum'  => 100,
			),
			'offset'        => array(
				'type'     => 'integer',
				'required' => false,
				'default'  => 0,
				'minimum'  => 0,
			),
			'include_flows' => array(
				'type'     => 'boolean',
				'required' => false,
				'default'  => true,
			),
		),
	),
	array(
		'path'       => '/pipelines',
		'method'     => 'POST',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access pipelines.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'pipeline_name' => array(
				'type'     => 'string',
				'required' => false,
			),
			'steps'         => array(
				'type'     => 'array',
				'required' => false,
			),
			'flow_config'   => array(
				'type'     => 'object',
				'required' => false,
			),
			'batch_import'  => array(
				'type'     => 'boolean',
				'required' => false,
				'default'  => false,
			),
			'format'        => array(
				'type'     => 'string',
				'required' => false,
				'default'  => 'json',
				'enum'     => array(
					'json',
					'csv',
				),
			),
			'data'          => array(
				'type'        => 'string',
				'required'    => false,
				'description' => 'The text of a csv file.',
			),
		),
	),
	array(
		'path'       => '/pipelines/(?P<pipeline_id>\\d+)',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access pipelines.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'pipeline_id' => array(
				'type'     => 'integer',
				'required' => true,
			),
		),
	),
	array(
		'path'       => '/pipelines/(?P<pipeline_id>\\d+)',
		'method'     => 'PATCH',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access pipelines.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'pipeline_id'   => array(
				'type'     => 'integer',
				'required' => true,
			),
			'pipeline_name' => array(
				'type'     => 'string',
				'required' => true,
			),
		),
	),
	array(
		'path'       => '/pipelines/(?P<pipeline_id>\\d+)',
		'method'     => 'DELETE',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access pipelines.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'pipeline_id' => array(
				'type'     => 'integer',
				'required' => true,
			),
		),
	),
	array(
		'path'       => '/pipelines/(?P<pipeline_id>\\d+)/flows',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access pipelines.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'pipeline_id' => array(
				'type'     => 'integer',
				'required' => true,
			),
		),
	),
	array(
		'path'       => '/pipelines/(?P<pipeline_id>\\d+)/steps',
		'method'     => 'POST',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access pipelines.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'pipeline_id' => array(
				'type'     => 'integer',
				'required' => true,
			),
			'step_type'   => array(
				'type'     => 'string',
				'required' => true,
			),
			'step_config' => array(
				'type'        => 'object',
				'required'    => false,
				'description' => 'Label, system prompt and the like.',
			),
		),
	),
	array(
		'path'       => '/pipelines/(?P<pipeline_id>\\d+)/steps/reorder',
		'method'     => 'PUT',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access pipelines.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'pipeline_id' => array(
				'type'     => 'integer',
				'required' => true,
			),
			'step_order'  => array(
				'type'     => 'array',
				'required' => true,
			),
		),
	),
	array(
		'path'       => '/pipelines/(?P<pipeline_id>\\d+)/steps/(?P<step_id>[A-Za-z0-9_-]+)',
		'method'     => 'DELETE',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access pipelines.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'pipeline_id' => array(
				'type'     => 'integer',
				'required' => true,
			),
			'step_id'     => array(
				'type'     => 'string',
				'required' => true,
			),
		),
	),
	array(
		'path'       => '/pipelines/steps/(?P<pipeline_step_id>[A-Za-z0-9_-]+)/system-prompt',
		'method'     => 'PATCH',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access pipelines.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'pipeline_step_id' => array(
				'type'     => 'string',
				'required' => true,
			),
			'system_prompt'    => array(
				'type'     => 'string',
				'required' => true,
			),
		),
	),
	array(
		'path'       => '/pipelines/steps/(?P<pipeline_step_id>[A-Za-z0-9_-]+)/config',
		'method'     => 'PUT',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access pipelines.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'pipeline_step_id' => array(
				'type'     => 'string',
				'required' => true,
			),
			'step_type'        => array(
				'type'     => 'string',
				'required' => true,
			),
			'pipeline_id'      => array(
				'type'     => 'integer',
				'required' => true,
			),
			'disabled_tools'   => array(
				'type'     => 'array',
				'required' => false,
				'items'    => array(
					'type' => 'string',
				),
			),
			'tool_categories'  => array(
				'type'     => 'array',
				'required' => false,
				'items'    => array(
					'type' => 'string',
				),
			),
			'system_prompt'    => array(
				'type'     => 'string',
				'required' => false,
			),
		),
	),
	array(
		'path'       => '/pipelines/steps/(?P<pipeline_step_id>[A-Za-z0-9_-]+)/config',
		'method'     => 'PATCH',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access pipelines.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'pipeline_step_id' => array(
				'type'     => 'string',
				'required' => true,
			),
			'step_type'        => array(
				'type'     => 'string',
				'required' => false,
			),
			'pipeline_id'      => array(
				'type'     => 'integer',
				'required' => false,
			),
			'disabled_tools'   => array(
				'type'     => 'array',
				'required' => false,
				'items'    => array(
					'type' => 'string',
				),
			),
			'tool_categories'  => array(
				'type'     => 'array',
				'required' => false,
				'items'    => array(
					'type' => 'string',
				),
			),
			'system_prompt'    => array(
				'type'     => 'string',
				'required' => false,
			),
		),
	),
	array(
		'path'       => '/processed-items',
		'method'     => 'DELETE',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to manage processed items.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'clear_type' => array(
				'type'     => 'string',
				'required' => true,
				'enum'     => array(
					'pipeline',
					'flow',
				),
			),
			'target_id'  => array(
				'type'     => 'integer',
				'required' => true,
				'minimum'  => 1,
			),
		),
	),
	array(
		'path'       => '/handlers',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access handlers.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'step_type' => array(
				'type'     => 'string',
				'required' => false,
			),
		),
	),
	array(
		'path'       => '/handlers/(?P<handler_slug>[A-Za-z0-9_-]+)',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access handlers.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'handler_slug' => array(
				'type'     => 'string',
				'required' => true,
			),
		),
	),
	array(
		'path'       => '/step-types',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access step types.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(),
	),
	array(
		'path'       => '/step-types/(?P<step_type>[A-Za-z0-9_-]+)',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to access step types.',
			'status'  => 403,
			'actions' => array(
				'manage_flows',
			),
		),
		'args'       => array(
			'step_type' => array(
				'type'     => 'string',
				'required' => true,
			),
		),
	),
);
