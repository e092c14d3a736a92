<?php
/**
 * Abilities of the product and their categories, by name.
 *
 * Generated from the declarations in sidecar/ by tools/generate.py. Do not edit.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

return array(
	'categories' => array(
		'datamachine-agent'    => array(
			'label'       => 'Agents',
			'description' => 'Agents, and who may use them.',
		),
		'datamachine-memory'   => array(
			'label'       => 'Memory',
			'description' => 'What agents remember, and their files.',
		),
		'datamachine-actions'  => array(
			'label'       => 'Actions',
			'description' => 'What agents want to do and somebody has to approve.',
		),
		'datamachine-jobs'     => array(
			'label'       => 'Jobs',
			'description' => 'Running flows and their steps.',
		),
		'datamachine-pipeline' => array(
			'label'       => 'Pipelines',
			'description' => 'Pipelines and the steps they are made of.',
		),
	),
	'abilities'  => array(
		'datamachine/list-agents'                  => array(
			'label'         => 'List agents',
			'description'   => 'The agents of a user, owned and granted, or all agents of this site.',
			'category'      => 'datamachine-agent',
			'permission'    => array(
				'any_of' => array(
					'chat',
				),
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'scope'        => array(
						'type'        => 'string',
						'description' => 'mine or all; all is for managers.',
					),
					'user_id'      => array(
						'type'        => 'integer',
						'description' => 'Whose agents; another user\'s are for managers.',
					),
					'site_id'      => array(
						'type'        => 'integer',
						'description' => 'The blog; the current one by default.',
					),
					'include_role' => array(
						'type'        => 'boolean',
						'description' => 'Add user_role.',
					),
				),
				'default'    => array(),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success' => array(
						'type' => 'boolean',
					),
					'error'   => array(
						'type' => 'string',
					),
					'agents'  => array(
						'type'  => 'array',
						'items' => array(
							'type' => 'object',
						),
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/create-agent'                 => array(
			'label'         => 'Create an agent',
			'description'   => 'Makes an agent, its owner\'s grant and its files. Administrators name the owner.',
			'category'      => 'datamachine-agent',
			'permission'    => array(
				'any_of' => array(
					'create_own_agent',
				),
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'agent_slug' => array(
						'type' => 'string',
					),
					'agent_name' => array(
						'type' => 'string',
					),
					'owner_id'   => array(
						'type' => 'integer',
					),
					'config'     => array(
						'type' => 'object',
					),
				),
				'required'   => array(
					'agent_slug',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'    => array(
						'type' => 'boolean',
					),
					'error'      => array(
						'type' => 'string',
					),
					'agent_id'   => array(
						'type' => 'integer',
					),
					'agent_slug' => array(
						'type' => 'string',
					),
					'agent_name' => array(
						'type' => 'string',
					),
					'owner_id'   => array(
						'type' => 'integer',
					),
					'agent_dir'  => array(
						'type' => 'string',
					),
					'message'    => array(
						'type' => 'string',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
				'annotations'  => array(
					'destructive' => false,
					'idempotent'  => false,
				),
			),
		),
		'datamachine/get-agent'                    => array(
			'label'         => 'Show an agent',
			'description'   => 'Everything about one agent, with its configuration and grants.',
			'category'      => 'datamachine-agent',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'agent_slug' => array(
						'type'        => 'string',
						'description' => 'Its slug; wins over the id.',
					),
					'agent_id'   => array(
						'type' => 'integer',
					),
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success' => array(
						'type' => 'boolean',
					),
					'error'   => array(
						'type' => 'string',
					),
					'agent'   => array(
						'type' => 'object',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
				'annotations'  => array(
					'readonly'    => true,
					'destructive' => false,
					'idempotent'  => true,
				),
			),
		),
		'datamachine/update-agent'                 => array(
			'label'         => 'Update an agent',
			'description'   => 'Changes the name or replaces the configuration.',
			'category'      => 'datamachine-agent',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'agent_id'     => array(
						'type' => 'integer',
					),
					'agent_name'   => array(
						'type' => array(
							'string',
							'null',
						),
					),
					'agent_config' => array(
						'type' => 'object',
					),
				),
				'required'   => array(
					'agent_id',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success' => array(
						'type' => 'boolean',
					),
					'error'   => array(
						'type' => 'string',
					),
					'agent'   => array(
						'type' => 'object',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
				'annotations'  => array(
					'idempotent' => true,
				),
			),
		),
		'datamachine/rename-agent'                 => array(
			'label'         => 'Rename an agent',
			'description'   => 'Gives an agent another slug and moves its files.',
			'category'      => 'datamachine-agent',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'old_slug' => array(
						'type' => 'string',
					),
					'new_slug' => array(
						'type' => 'string',
					),
				),
				'required'   => array(
					'old_slug',
					'new_slug',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'  => array(
						'type' => 'boolean',
					),
					'message'  => array(
						'type' => 'string',
					),
					'old_slug' => array(
						'type' => 'string',
					),
					'new_slug' => array(
						'type' => 'string',
					),
					'old_path' => array(
						'type' => 'string',
					),
					'new_path' => array(
						'type' => 'string',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/delete-agent'                 => array(
			'label'         => 'Delete an agent',
			'description'   => 'Removes an agent, its grants and tokens, and its files when asked to.',
			'category'      => 'datamachine-agent',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'agent_slug'   => array(
						'type'        => 'string',
						'description' => 'Its slug; wins over the id.',
					),
					'agent_id'     => array(
						'type' => 'integer',
					),
					'delete_files' => array(
						'type' => 'boolean',
					),
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'       => array(
						'type' => 'boolean',
					),
					'error'         => array(
						'type' => 'string',
					),
					'agent_id'      => array(
						'type' => 'integer',
					),
					'agent_slug'    => array(
						'type' => 'string',
					),
					'files_deleted' => array(
						'type' => 'boolean',
					),
					'message'       => array(
						'type' => 'string',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
				'annotations'  => array(
					'destructive' => true,
					'idempotent'  => false,
				),
			),
		),
		'datamachine/create-agent-token'           => array(
			'label'         => 'Create a token',
			'description'   => 'Makes a token of an agent and tells it, this once.',
			'category'      => 'datamachine-agent',
			'permission'    => array(
				'any_of' => array(
					'manage_agents',
				),
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'agent_id'     => array(
						'type' => 'integer',
					),
					'label'        => array(
						'type'        => 'string',
						'description' => 'What it is for.',
					),
					'capabilities' => array(
						'type'        => array(
							'array',
							'null',
						),
						'items'       => array(
							'type' => 'string',
						),
						'description' => 'The capabilities it is limited to; null: no limit of its own.',
					),
					'expires_in'   => array(
						'type'        => array(
							'integer',
							'null',
						),
						'description' => 'Seconds until it ends; null or 0: it has no end.',
					),
				),
				'required'   => array(
					'agent_id',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'      => array(
						'type' => 'boolean',
					),
					'error'        => array(
						'type' => 'string',
					),
					'token_id'     => array(
						'type' => 'integer',
					),
					'raw_token'    => array(
						'type' => 'string',
					),
					'token_prefix' => array(
						'type' => 'string',
					),
					'message'      => array(
						'type' => 'string',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
				'annotations'  => array(
					'destructive' => false,
					'idempotent'  => false,
				),
			),
		),
		'datamachine/list-agent-tokens'            => array(
			'label'         => 'List tokens',
			'description'   => 'The tokens of an agent, without their text.',
			'category'      => 'datamachine-agent',
			'permission'    => array(
				'any_of' => array(
					'manage_agents',
				),
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'agent_id' => array(
						'type' => 'integer',
					),
				),
				'required'   => array(
					'agent_id',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success' => array(
						'type' => 'boolean',
					),
					'error'   => array(
						'type' => 'string',
					),
					'tokens'  => array(
						'type'  => 'array',
						'items' => array(
							'type' => 'object',
						),
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/revoke-agent-token'           => array(
			'label'         => 'Revoke a token',
			'description'   => 'Ends a token at once.',
			'category'      => 'datamachine-agent',
			'permission'    => array(
				'any_of' => array(
					'manage_agents',
				),
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'agent_id' => array(
						'type' => 'integer',
					),
					'token_id' => array(
						'type' => 'integer',
					),
				),
				'required'   => array(
					'agent_id',
					'token_id',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success' => array(
						'type' => 'boolean',
					),
					'error'   => array(
						'type' => 'string',
					),
					'message' => array(
						'type' => 'string',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
				'annotations'  => array(
					'destructive' => true,
					'idempotent'  => false,
				),
			),
		),
		'datamachine/agent-remote-call'            => array(
			'label'         => 'Call another site',
			'description'   => 'Sends a request to another site with the token stored for one of its agents. For administrators.',
			'category'      => 'datamachine-agent',
			'permission'    => array(
				'any_of' => array(
					'manage_agents',
				),
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'remote_site' => array(
						'type'        => 'string',
						'description' => 'The site, as it was stored: example.com.',
					),
					'agent_slug'  => array(
						'type'        => 'string',
						'description' => 'The agent there.',
					),
					'method'      => array(
						'type' => 'string',
						'enum' => array(
							'GET',
							'POST',
							'PUT',
							'PATCH',
							'DELETE',
						),
					),
					'path'        => array(
						'type'        => 'string',
						'description' => 'A path there, or an address on the same host.',
					),
					'body'        => array(
						'type'        => array(
							'object',
							'array',
							'string',
						),
						'description' => 'Objects and lists are sent as JSON.',
					),
					'query'       => array(
						'type'        => 'object',
						'description' => 'Parameters to add to the address.',
					),
					'headers'     => array(
						'type'        => 'object',
						'description' => 'Headers; those that sign the request are ours.',
					),
					'timeout'     => array(
						'type'        => 'integer',
						'minimum'     => 1,
						'maximum'     => 300,
						'description' => 'Seconds for all of it; 30 by default.',
					),
				),
				'required'   => array(
					'remote_site',
					'agent_slug',
					'method',
					'path',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'     => array(
						'type' => 'boolean',
					),
					'status_code' => array(
						'type' => 'integer',
					),
					'body'        => array(
						'type' => array(
							'object',
							'array',
							'string',
							'number',
							'boolean',
							'null',
						),
					),
					'raw_body'    => array(
						'type' => 'string',
					),
					'headers'     => array(
						'type' => 'object',
					),
					'url'         => array(
						'type' => 'string',
					),
					'error'       => array(
						'type' => 'string',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
				'annotations'  => array(
					'destructive' => true,
					'idempotent'  => false,
				),
			),
		),
		'datamachine/get-agent-memory'             => array(
			'label'         => 'Read agent memory',
			'description'   => 'A memory file, or one section of it.',
			'category'      => 'datamachine-memory',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'user_id'  => array(
						'type'        => 'integer',
						'default'     => 0,
						'description' => 'Whose own agent; 0 is the one who asks.',
					),
					'agent_id' => array(
						'type'        => array(
							'integer',
							'null',
						),
						'description' => 'The agent; wins over user_id.',
					),
					'file'     => array(
						'type'        => 'string',
						'default'     => 'MEMORY.md',
						'description' => 'A memory file, for example SOUL.md.',
					),
					'section'  => array(
						'type'        => 'string',
						'description' => 'A heading of the second level, without the marks.',
					),
				),
				'default'    => array(),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'            => array(
						'type' => 'boolean',
					),
					'message'            => array(
						'type' => 'string',
					),
					'file'               => array(
						'type' => 'string',
					),
					'section'            => array(
						'type' => 'string',
					),
					'content'            => array(
						'type' => 'string',
					),
					'available_sections' => array(
						'type'  => 'array',
						'items' => array(
							'type' => 'string',
						),
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/update-agent-memory'          => array(
			'label'         => 'Write agent memory',
			'description'   => 'Replaces a section of a memory file, or adds to it.',
			'category'      => 'datamachine-memory',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'user_id'  => array(
						'type'        => 'integer',
						'default'     => 0,
						'description' => 'Whose own agent; 0 is the one who asks.',
					),
					'agent_id' => array(
						'type'        => array(
							'integer',
							'null',
						),
						'description' => 'The agent; wins over user_id.',
					),
					'file'     => array(
						'type'        => 'string',
						'default'     => 'MEMORY.md',
						'description' => 'A memory file, for example SOUL.md.',
					),
					'section'  => array(
						'type'        => 'string',
						'description' => 'A heading of the second level, without the marks.',
					),
					'content'  => array(
						'type' => 'string',
					),
					'mode'     => array(
						'type' => 'string',
						'enum' => array(
							'set',
							'append',
						),
					),
				),
				'required'   => array(
					'section',
					'content',
					'mode',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'   => array(
						'type' => 'boolean',
					),
					'message'   => array(
						'type' => 'string',
					),
					'file_size' => array(
						'type' => 'integer',
					),
					'warning'   => array(
						'type' => 'string',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/search-agent-memory'          => array(
			'label'         => 'Search agent memory',
			'description'   => 'Lines of a memory file that contain a text, whatever its case.',
			'category'      => 'datamachine-memory',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'user_id'  => array(
						'type'        => 'integer',
						'default'     => 0,
						'description' => 'Whose own agent; 0 is the one who asks.',
					),
					'agent_id' => array(
						'type'        => array(
							'integer',
							'null',
						),
						'description' => 'The agent; wins over user_id.',
					),
					'file'     => array(
						'type'        => 'string',
						'default'     => 'MEMORY.md',
						'description' => 'A memory file, for example SOUL.md.',
					),
					'query'    => array(
						'type' => 'string',
					),
					'section'  => array(
						'type'        => 'string',
						'description' => 'A heading of the second level, without the marks.',
					),
				),
				'required'   => array(
					'query',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'     => array(
						'type' => 'boolean',
					),
					'message'     => array(
						'type' => 'string',
					),
					'query'       => array(
						'type' => 'string',
					),
					'matches'     => array(
						'type'  => 'array',
						'items' => array(
							'type' => 'object',
						),
					),
					'match_count' => array(
						'type' => 'integer',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/list-agent-memory-sections'   => array(
			'label'         => 'List sections of agent memory',
			'description'   => 'The headings of a memory file in order.',
			'category'      => 'datamachine-memory',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'user_id'  => array(
						'type'        => 'integer',
						'default'     => 0,
						'description' => 'Whose own agent; 0 is the one who asks.',
					),
					'agent_id' => array(
						'type'        => array(
							'integer',
							'null',
						),
						'description' => 'The agent; wins over user_id.',
					),
					'file'     => array(
						'type'        => 'string',
						'default'     => 'MEMORY.md',
						'description' => 'A memory file, for example SOUL.md.',
					),
				),
				'default'    => array(),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'  => array(
						'type' => 'boolean',
					),
					'message'  => array(
						'type' => 'string',
					),
					'file'     => array(
						'type' => 'string',
					),
					'sections' => array(
						'type'  => 'array',
						'items' => array(
							'type' => 'string',
						),
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/write-self-memory'            => array(
			'label'         => 'Write own memory',
			'description'   => 'Notes of the acting agent about its work; some have to be approved first.',
			'category'      => 'datamachine-memory',
			'permission'    => array(
				'any_of' => array(
					'chat',
				),
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'section'           => array(
						'type'        => 'string',
						'description' => 'A heading of the second level, without the marks.',
					),
					'content'           => array(
						'type' => 'string',
					),
					'agent_id'          => array(
						'type'        => array(
							'integer',
							'null',
						),
						'description' => 'The acting agent when absent.',
					),
					'file'              => array(
						'type'        => 'string',
						'default'     => 'MEMORY.md',
						'description' => 'A memory file, for example SOUL.md.',
					),
					'section_type'      => array(
						'type'    => 'string',
						'default' => 'operating_note',
					),
					'mode'              => array(
						'type'    => 'string',
						'enum'    => array(
							'append',
							'set',
						),
						'default' => 'append',
					),
					'reason'            => array(
						'type'        => 'string',
						'description' => 'For whoever approves it.',
					),
					'requires_approval' => array(
						'type'    => 'boolean',
						'default' => false,
					),
				),
				'required'   => array(
					'section',
					'content',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'      => array(
						'type' => 'boolean',
					),
					'message'      => array(
						'type' => 'string',
					),
					'file_size'    => array(
						'type' => 'integer',
					),
					'warning'      => array(
						'type' => 'string',
					),
					'error'        => array(
						'type' => 'string',
					),
					'error_code'   => array(
						'type' => 'string',
					),
					'agent_id'     => array(
						'type' => 'integer',
					),
					'file'         => array(
						'type' => 'string',
					),
					'section'      => array(
						'type' => 'string',
					),
					'section_type' => array(
						'type' => 'string',
					),
					'owner'        => array(
						'type' => 'string',
					),
					'staged'       => array(
						'type' => 'boolean',
					),
					'action_id'    => array(
						'type' => 'string',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/daily-memory-read'            => array(
			'label'         => 'Read daily memory',
			'description'   => 'The notes of one day.',
			'category'      => 'datamachine-memory',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'user_id'  => array(
						'type'        => 'integer',
						'default'     => 0,
						'description' => 'Whose own agent; 0 is the one who asks.',
					),
					'agent_id' => array(
						'type'        => array(
							'integer',
							'null',
						),
						'description' => 'The agent; wins over user_id.',
					),
					'date'     => array(
						'type'        => 'string',
						'description' => 'YYYY-MM-DD; today in UTC when absent.',
					),
				),
				'default'    => array(),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success' => array(
						'type' => 'boolean',
					),
					'message' => array(
						'type' => 'string',
					),
					'date'    => array(
						'type' => 'string',
					),
					'content' => array(
						'type' => 'string',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/daily-memory-write'           => array(
			'label'         => 'Write daily memory',
			'description'   => 'Adds to the notes of one day, or replaces them. Off unless the site\'s settings say otherwise.',
			'category'      => 'datamachine-memory',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'user_id'  => array(
						'type'        => 'integer',
						'default'     => 0,
						'description' => 'Whose own agent; 0 is the one who asks.',
					),
					'agent_id' => array(
						'type'        => array(
							'integer',
							'null',
						),
						'description' => 'The agent; wins over user_id.',
					),
					'content'  => array(
						'type' => 'string',
					),
					'date'     => array(
						'type'        => 'string',
						'description' => 'YYYY-MM-DD; today in UTC when absent.',
					),
					'mode'     => array(
						'type'    => 'string',
						'enum'    => array(
							'write',
							'append',
						),
						'default' => 'append',
					),
				),
				'required'   => array(
					'content',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success' => array(
						'type' => 'boolean',
					),
					'message' => array(
						'type' => 'string',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/daily-memory-list'            => array(
			'label'         => 'List daily memory',
			'description'   => 'The days that have notes, by month, newest month first.',
			'category'      => 'datamachine-memory',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'user_id'  => array(
						'type'        => 'integer',
						'default'     => 0,
						'description' => 'Whose own agent; 0 is the one who asks.',
					),
					'agent_id' => array(
						'type'        => array(
							'integer',
							'null',
						),
						'description' => 'The agent; wins over user_id.',
					),
				),
				'default'    => array(),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success' => array(
						'type' => 'boolean',
					),
					'message' => array(
						'type' => 'string',
					),
					'months'  => array(
						'type' => 'object',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/search-daily-memory'          => array(
			'label'         => 'Search daily memory',
			'description'   => 'Lines of the days\' notes that contain a text, whatever its case.',
			'category'      => 'datamachine-memory',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'user_id'  => array(
						'type'        => 'integer',
						'default'     => 0,
						'description' => 'Whose own agent; 0 is the one who asks.',
					),
					'agent_id' => array(
						'type'        => array(
							'integer',
							'null',
						),
						'description' => 'The agent; wins over user_id.',
					),
					'query'    => array(
						'type' => 'string',
					),
					'from'     => array(
						'type'        => array(
							'string',
							'null',
						),
						'description' => 'The first day, YYYY-MM-DD.',
					),
					'to'       => array(
						'type'        => array(
							'string',
							'null',
						),
						'description' => 'The last day, YYYY-MM-DD.',
					),
				),
				'required'   => array(
					'query',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'     => array(
						'type' => 'boolean',
					),
					'message'     => array(
						'type' => 'string',
					),
					'query'       => array(
						'type' => 'string',
					),
					'matches'     => array(
						'type'  => 'array',
						'items' => array(
							'type' => 'object',
						),
					),
					'match_count' => array(
						'type' => 'integer',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/daily-memory-delete'          => array(
			'label'         => 'Delete daily memory',
			'description'   => 'Removes the notes of one day. Off unless the site\'s settings say otherwise.',
			'category'      => 'datamachine-memory',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'user_id'  => array(
						'type'        => 'integer',
						'default'     => 0,
						'description' => 'Whose own agent; 0 is the one who asks.',
					),
					'agent_id' => array(
						'type'        => array(
							'integer',
							'null',
						),
						'description' => 'The agent; wins over user_id.',
					),
					'date'     => array(
						'type'        => 'string',
						'description' => 'YYYY-MM-DD; today in UTC when absent.',
					),
				),
				'default'    => array(),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success' => array(
						'type' => 'boolean',
					),
					'message' => array(
						'type' => 'string',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/list-injectable-memory-files' => array(
			'label'         => 'List memory files of a prompt',
			'description'   => 'The files that a conversation of a mode begins with, in their order.',
			'category'      => 'datamachine-memory',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'user_id'  => array(
						'type'        => 'integer',
						'default'     => 0,
						'description' => 'Whose own agent; 0 is the one who asks.',
					),
					'agent_id' => array(
						'type'        => array(
							'integer',
							'null',
						),
						'description' => 'The agent; wins over user_id.',
					),
					'mode'     => array(
						'type'        => 'string',
						'default'     => 'chat',
						'description' => 'chat, pipeline, system or a plugin\'s.',
					),
				),
				'default'    => array(),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success' => array(
						'type' => 'boolean',
					),
					'message' => array(
						'type' => 'string',
					),
					'files'   => array(
						'type'  => 'array',
						'items' => array(
							'type' => 'object',
						),
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/list-agent-files'             => array(
			'label'         => 'List agent files',
			'description'   => 'The files of an agent in all its layers.',
			'category'      => 'datamachine-memory',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'user_id'  => array(
						'type'        => 'integer',
						'default'     => 0,
						'description' => 'Whose own agent; 0 is the one who asks.',
					),
					'agent_id' => array(
						'type'        => array(
							'integer',
							'null',
						),
						'description' => 'The agent; wins over user_id.',
					),
				),
				'default'    => array(),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success' => array(
						'type' => 'boolean',
					),
					'error'   => array(
						'type' => 'string',
					),
					'files'   => array(
						'type'  => 'array',
						'items' => array(
							'type' => 'object',
						),
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/get-agent-file'               => array(
			'label'         => 'Read an agent file',
			'description'   => 'A whole file of an agent.',
			'category'      => 'datamachine-memory',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'user_id'  => array(
						'type'        => 'integer',
						'default'     => 0,
						'description' => 'Whose own agent; 0 is the one who asks.',
					),
					'agent_id' => array(
						'type'        => array(
							'integer',
							'null',
						),
						'description' => 'The agent; wins over user_id.',
					),
					'filename' => array(
						'type'        => 'string',
						'description' => 'The file\'s name.',
					),
				),
				'required'   => array(
					'filename',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success' => array(
						'type' => 'boolean',
					),
					'error'   => array(
						'type' => 'string',
					),
					'file'    => array(
						'type' => 'object',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/write-agent-file'             => array(
			'label'         => 'Write an agent file',
			'description'   => 'Replaces a whole file of an agent, or makes it.',
			'category'      => 'datamachine-memory',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'user_id'  => array(
						'type'        => 'integer',
						'default'     => 0,
						'description' => 'Whose own agent; 0 is the one who asks.',
					),
					'agent_id' => array(
						'type'        => array(
							'integer',
							'null',
						),
						'description' => 'The agent; wins over user_id.',
					),
					'filename' => array(
						'type'        => 'string',
						'description' => 'The file\'s name.',
					),
					'content'  => array(
						'type' => 'string',
					),
					'layer'    => array(
						'type' => 'string',
						'enum' => array(
							'shared',
							'agent',
							'user',
						),
					),
				),
				'required'   => array(
					'filename',
					'content',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'  => array(
						'type' => 'boolean',
					),
					'error'    => array(
						'type' => 'string',
					),
					'filename' => array(
						'type' => 'string',
					),
					'layer'    => array(
						'type' => 'string',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/delete-agent-file'            => array(
			'label'         => 'Delete an agent file',
			'description'   => 'Removes a file of an agent; files every agent has stay.',
			'category'      => 'datamachine-memory',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'user_id'  => array(
						'type'        => 'integer',
						'default'     => 0,
						'description' => 'Whose own agent; 0 is the one who asks.',
					),
					'agent_id' => array(
						'type'        => array(
							'integer',
							'null',
						),
						'description' => 'The agent; wins over user_id.',
					),
					'filename' => array(
						'type'        => 'string',
						'description' => 'The file\'s name.',
					),
				),
				'required'   => array(
					'filename',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success' => array(
						'type' => 'boolean',
					),
					'error'   => array(
						'type' => 'string',
					),
					'message' => array(
						'type' => 'string',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/upload-agent-file'            => array(
			'label'         => 'Upload an agent file',
			'description'   => 'Keeps a text file that was uploaded with the same request.',
			'category'      => 'datamachine-memory',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'user_id'   => array(
						'type'        => 'integer',
						'default'     => 0,
						'description' => 'Whose own agent; 0 is the one who asks.',
					),
					'agent_id'  => array(
						'type'        => array(
							'integer',
							'null',
						),
						'description' => 'The agent; wins over user_id.',
					),
					'file_data' => array(
						'type'        => 'object',
						'properties'  => array(
							'name'     => array(
								'type' => 'string',
							),
							'type'     => array(
								'type' => 'string',
							),
							'tmp_name' => array(
								'type' => 'string',
							),
							'error'    => array(
								'type' => 'integer',
							),
							'size'     => array(
								'type' => 'integer',
							),
						),
						'required'    => array(
							'name',
							'tmp_name',
						),
						'description' => 'An entry of PHP\'s $_FILES, of the same request.',
					),
					'layer'     => array(
						'type' => 'string',
						'enum' => array(
							'shared',
							'agent',
							'user',
						),
					),
				),
				'required'   => array(
					'file_data',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success' => array(
						'type' => 'boolean',
					),
					'error'   => array(
						'type' => 'string',
					),
					'files'   => array(
						'type'  => 'array',
						'items' => array(
							'type' => 'object',
						),
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/scaffold-memory-file'         => array(
			'label'         => 'Scaffold a memory file',
			'description'   => 'Writes what a registered file begins with where it is missing; composed files are written anew.',
			'category'      => 'datamachine-memory',
			'permission'    => array(
				'any_of' => array(
					'chat',
				),
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'filename'   => array(
						'type'        => 'string',
						'description' => 'A registered file, or a day\'s (daily/YYYY/MM/DD.md).',
					),
					'layer'      => array(
						'type'        => 'string',
						'description' => 'All registered files of a layer instead.',
					),
					'user_id'    => array(
						'type' => 'integer',
					),
					'agent_id'   => array(
						'type' => 'integer',
					),
					'agent_slug' => array(
						'type' => 'string',
					),
					'date'       => array(
						'type'        => 'string',
						'description' => 'YYYY-MM-DD: that day\'s file.',
					),
					'filepath'   => array(
						'type'        => 'string',
						'description' => 'Where the caller expects the file; another place is refused.',
					),
				),
				'default'    => array(),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'  => array(
						'type' => 'boolean',
					),
					'message'  => array(
						'type' => 'string',
					),
					'error'    => array(
						'type' => 'string',
					),
					'filename' => array(
						'type' => 'string',
					),
					'filepath' => array(
						'type' => 'string',
					),
					'created'  => array(
						'type' => array(
							'boolean',
							'integer',
						),
					),
					'layer'    => array(
						'type' => 'string',
					),
					'total'    => array(
						'type' => 'integer',
					),
					'files'    => array(
						'type'  => 'array',
						'items' => array(
							'type' => 'object',
						),
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => false,
				'annotations'  => array(
					'destructive' => false,
					'idempotent'  => true,
				),
			),
		),
		'datamachine/resolve-pending-action'       => array(
			'label'         => 'Resolve a pending action',
			'description'   => 'Accepts or rejects what an agent wants to do.',
			'category'      => 'datamachine-actions',
			'permission'    => array(
				'any_of' => array(
					'chat',
				),
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'action_id' => array(
						'type' => 'string',
					),
					'decision'  => array(
						'type' => 'string',
						'enum' => array(
							'accepted',
							'rejected',
						),
					),
				),
				'required'   => array(
					'action_id',
					'decision',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'   => array(
						'type' => 'boolean',
					),
					'error'     => array(
						'type' => 'string',
					),
					'decision'  => array(
						'type' => 'string',
					),
					'action_id' => array(
						'type' => 'string',
					),
					'kind'      => array(
						'type' => 'string',
					),
					'result'    => array(
						'type' => 'object',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/run-flow'                     => array(
			'label'         => 'Run a flow',
			'description'   => 'Creates a job of a flow and queues its first step.',
			'category'      => 'datamachine-jobs',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'flow_id'      => array(
						'type' => 'integer',
					),
					'job_id'       => array(
						'type' => array(
							'integer',
							'null',
						),
					),
					'initial_data' => array(
						'type' => array(
							'object',
							'array',
							'null',
						),
					),
				),
				'required'   => array(
					'flow_id',
				),
			),
			'output_schema' => array(
				'type' => 'object',
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/schedule-next-step'           => array(
			'label'         => 'Schedule the next step',
			'description'   => 'Stores the packets of a job and queues one of its steps.',
			'category'      => 'datamachine-jobs',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'job_id'       => array(
						'type' => 'integer',
					),
					'flow_step_id' => array(
						'type' => 'string',
					),
					'data_packets' => array(
						'type' => 'array',
					),
				),
				'required'   => array(
					'job_id',
					'flow_step_id',
				),
			),
			'output_schema' => array(
				'type' => 'object',
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/execute-step'                 => array(
			'label'         => 'Execute a step',
			'description'   => 'Runs one step of a job at once.',
			'category'      => 'datamachine-jobs',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'job_id'       => array(
						'type' => 'integer',
					),
					'flow_step_id' => array(
						'type' => 'string',
					),
				),
				'required'   => array(
					'job_id',
					'flow_step_id',
				),
			),
			'output_schema' => array(
				'type' => 'object',
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/get-step-types'               => array(
			'label'         => 'List step types',
			'description'   => 'The types of steps a pipeline may have.',
			'category'      => 'datamachine-pipeline',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'    => array(
					'object',
					'array',
				),
				'default' => array(),
			),
			'output_schema' => array(
				'type' => 'object',
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/list-flow-files'              => array(
			'label'         => 'List a flow\'s files',
			'description'   => 'The files that were uploaded for a flow or downloaded by it.',
			'category'      => 'datamachine-memory',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'flow_step_id' => array(
						'type'        => 'string',
						'description' => 'A step of the flow, as {pipeline step}_{flow}.',
					),
				),
				'required'   => array(
					'flow_step_id',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success' => array(
						'type' => 'boolean',
					),
					'error'   => array(
						'type' => 'string',
					),
					'files'   => array(
						'type'  => 'array',
						'items' => array(
							'type' => 'object',
						),
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/get-flow-file'                => array(
			'label'         => 'Show a flow\'s file',
			'description'   => 'Name, size and time of one of a flow\'s files.',
			'category'      => 'datamachine-memory',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'filename'     => array(
						'type' => 'string',
					),
					'flow_step_id' => array(
						'type'        => 'string',
						'description' => 'A step of the flow, as {pipeline step}_{flow}.',
					),
				),
				'required'   => array(
					'filename',
					'flow_step_id',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success' => array(
						'type' => 'boolean',
					),
					'error'   => array(
						'type' => 'string',
					),
					'file'    => array(
						'type' => 'object',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/delete-flow-file'             => array(
			'label'         => 'Delete a flow\'s file',
			'description'   => 'Removes one of a flow\'s files for good.',
			'category'      => 'datamachine-memory',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'filename'     => array(
						'type' => 'string',
					),
					'flow_step_id' => array(
						'type'        => 'string',
						'description' => 'A step of the flow, as {pipeline step}_{flow}.',
					),
				),
				'required'   => array(
					'filename',
					'flow_step_id',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success' => array(
						'type' => 'boolean',
					),
					'error'   => array(
						'type' => 'string',
					),
					'message' => array(
						'type' => 'string',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/upload-flow-file'             => array(
			'label'         => 'Store a file for a flow',
			'description'   => 'Takes a file that was uploaded with the same request. One of the same name is replaced.',
			'category'      => 'datamachine-memory',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'file_data'    => array(
						'type'        => 'object',
						'properties'  => array(
							'name'     => array(
								'type' => 'string',
							),
							'type'     => array(
								'type' => 'string',
							),
							'tmp_name' => array(
								'type' => 'string',
							),
							'error'    => array(
								'type' => 'integer',
							),
							'size'     => array(
								'type' => 'integer',
							),
						),
						'description' => 'The entry of $_FILES.',
					),
					'flow_step_id' => array(
						'type'        => 'string',
						'description' => 'A step of the flow, as {pipeline step}_{flow}.',
					),
				),
				'required'   => array(
					'file_data',
					'flow_step_id',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success' => array(
						'type' => 'boolean',
					),
					'error'   => array(
						'type' => 'string',
					),
					'files'   => array(
						'type'  => 'array',
						'items' => array(
							'type' => 'object',
						),
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/cleanup-flow-files'           => array(
			'label'         => 'Clean up a flow\'s files',
			'description'   => 'Removes a flow\'s files and the packets of its ended jobs, or with a job the packets of that one.',
			'category'      => 'datamachine-memory',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'job_id'  => array(
						'type' => 'integer',
					),
					'flow_id' => array(
						'type' => 'integer',
					),
				),
				'default'    => array(),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'       => array(
						'type' => 'boolean',
					),
					'error'         => array(
						'type' => 'string',
					),
					'deleted_count' => array(
						'type' => 'integer',
					),
					'message'       => array(
						'type' => 'string',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
	),
);
