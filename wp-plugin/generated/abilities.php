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
		'datamachine-agent'      => array(
			'label'       => 'Agents',
			'description' => 'Agents, and who may use them.',
		),
		'datamachine-memory'     => array(
			'label'       => 'Memory',
			'description' => 'What agents remember, and their files.',
		),
		'datamachine-actions'    => array(
			'label'       => 'Actions',
			'description' => 'What agents want to do and somebody has to approve.',
		),
		'datamachine-jobs'       => array(
			'label'       => 'Jobs',
			'description' => 'Running flows and their steps.',
		),
		'datamachine-pipeline'   => array(
			'label'       => 'Pipelines',
			'description' => 'Pipelines and the steps they are made of.',
		),
		'datamachine-publishing' => array(
			'label'       => 'Publishing',
			'description' => 'Making and changing content.',
		),
		'datamachine-flow'       => array(
			'label'       => 'Flows',
			'description' => 'Flows, their steps, queues and schedules.',
		),
		'datamachine-settings'   => array(
			'label'       => 'Settings',
			'description' => 'What the site\'s owner has set.',
		),
		'datamachine-content'    => array(
			'label'       => 'Content',
			'description' => 'Posts, and what may become one.',
		),
	),
	'abilities'  => array(
		'datamachine/list-agents'                          => array(
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
		'datamachine/create-agent'                         => array(
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
		'datamachine/get-agent'                            => array(
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
		'datamachine/update-agent'                         => array(
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
		'datamachine/rename-agent'                         => array(
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
		'datamachine/delete-agent'                         => array(
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
		'datamachine/create-agent-token'                   => array(
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
		'datamachine/list-agent-tokens'                    => array(
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
		'datamachine/revoke-agent-token'                   => array(
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
		'datamachine/agent-remote-call'                    => array(
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
		'datamachine/get-agent-memory'                     => array(
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
		'datamachine/update-agent-memory'                  => array(
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
		'datamachine/search-agent-memory'                  => array(
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
		'datamachine/list-agent-memory-sections'           => array(
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
		'datamachine/write-self-memory'                    => array(
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
		'datamachine/daily-memory-read'                    => array(
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
		'datamachine/daily-memory-write'                   => array(
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
		'datamachine/daily-memory-list'                    => array(
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
		'datamachine/search-daily-memory'                  => array(
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
		'datamachine/daily-memory-delete'                  => array(
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
		'datamachine/list-injectable-memory-files'         => array(
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
		'datamachine/list-agent-files'                     => array(
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
		'datamachine/get-agent-file'                       => array(
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
		'datamachine/write-agent-file'                     => array(
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
		'datamachine/delete-agent-file'                    => array(
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
		'datamachine/upload-agent-file'                    => array(
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
		'datamachine/scaffold-memory-file'                 => array(
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
		'datamachine/resolve-pending-action'               => array(
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
		'datamachine/run-flow'                             => array(
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
				'type'       => 'object',
				'properties' => array(
					'success'    => array(
						'type' => 'boolean',
					),
					'error'      => array(
						'type' => 'string',
					),
					'error_code' => array(
						'type' => 'string',
					),
					'message'    => array(
						'type' => 'string',
					),
					'flow_id'    => array(
						'type' => 'integer',
					),
					'job_id'     => array(
						'type' => 'integer',
					),
					'first_step' => array(
						'type' => 'string',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/schedule-next-step'                   => array(
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
				'type'       => 'object',
				'properties' => array(
					'success'    => array(
						'type' => 'boolean',
					),
					'error'      => array(
						'type' => 'string',
					),
					'error_code' => array(
						'type' => 'string',
					),
					'message'    => array(
						'type' => 'string',
					),
					'action_id'  => array(
						'type' => 'integer',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/execute-step'                         => array(
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
				'type'       => 'object',
				'properties' => array(
					'success'      => array(
						'type' => 'boolean',
					),
					'error'        => array(
						'type' => 'string',
					),
					'error_code'   => array(
						'type' => 'string',
					),
					'message'      => array(
						'type' => 'string',
					),
					'step_success' => array(
						'type' => 'boolean',
					),
					'outcome'      => array(
						'type' => 'string',
					),
					'batch'        => array(
						'type' => 'object',
					),
					'retry_in'     => array(
						'type'        => 'number',
						'description' => 'Seconds until a step that failed is tried again.',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/execute-workflow'                     => array(
			'label'         => 'Execute a workflow',
			'description'   => 'Runs steps that are stored nowhere, now or later.',
			'category'      => 'datamachine-jobs',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'workflow'     => array(
						'type' => 'object',
					),
					'timestamp'    => array(
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
					'dry_run'      => array(
						'type'    => 'boolean',
						'default' => false,
					),
					'agent_id'     => array(
						'type' => array(
							'integer',
							'null',
						),
					),
				),
				'required'   => array(
					'workflow',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'        => array(
						'type' => 'boolean',
					),
					'error'          => array(
						'type' => 'string',
					),
					'error_code'     => array(
						'type' => 'string',
					),
					'message'        => array(
						'type' => 'string',
					),
					'execution_type' => array(
						'type' => 'string',
						'enum' => array(
							'immediate',
							'delayed',
						),
					),
					'execution_mode' => array(
						'type' => 'string',
					),
					'job_id'         => array(
						'type' => 'integer',
					),
					'step_count'     => array(
						'type' => 'integer',
					),
					'timestamp'      => array(
						'type' => 'integer',
					),
					'scheduled_time' => array(
						'type' => 'string',
					),
					'dry_run'        => array(
						'type' => 'boolean',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/get-step-types'                       => array(
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
				'type'       => 'object',
				'properties' => array(
					'success'    => array(
						'type' => 'boolean',
					),
					'error'      => array(
						'type' => 'string',
					),
					'error_code' => array(
						'type' => 'string',
					),
					'message'    => array(
						'type' => 'string',
					),
					'step_types' => array(
						'type' => array(
							'object',
							'array',
						),
					),
					'count'      => array(
						'type' => 'integer',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/get-pipelines'                        => array(
			'label'         => 'List pipelines',
			'description'   => 'Pipelines with their flows, last changed first, or one of them.',
			'category'      => 'datamachine-pipeline',
			'permission'    => array(
				'any_of' => array(
					'manage_flows',
				),
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'pipeline_id'   => array(
						'type'        => array(
							'integer',
							'null',
						),
						'description' => 'Only this one.',
					),
					'user_id'       => array(
						'type'        => array(
							'integer',
							'null',
						),
						'description' => 'Only those this user made; 0 and null: anybody.',
					),
					'agent_id'      => array(
						'type'        => array(
							'integer',
							'null',
						),
						'description' => 'Only those of this agent; beats user_id.',
					),
					'per_page'      => array(
						'type'    => 'integer',
						'default' => 20,
						'minimum' => 1,
						'maximum' => 100,
					),
					'offset'        => array(
						'type'    => 'integer',
						'default' => 0,
						'minimum' => 0,
					),
					'search'        => array(
						'type'        => 'string',
						'description' => 'Only those whose name holds this.',
					),
					'output_mode'   => array(
						'type'    => 'string',
						'enum'    => array(
							'full',
							'summary',
							'ids',
						),
						'default' => 'full',
					),
					'include_flows' => array(
						'type'    => 'boolean',
						'default' => true,
					),
				),
				'default'    => array(),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'     => array(
						'type' => 'boolean',
					),
					'error'       => array(
						'type' => 'string',
					),
					'error_code'  => array(
						'type' => 'string',
					),
					'message'     => array(
						'type' => 'string',
					),
					'pipelines'   => array(
						'type' => 'array',
					),
					'total'       => array(
						'type' => 'integer',
					),
					'per_page'    => array(
						'type' => 'integer',
					),
					'offset'      => array(
						'type' => 'integer',
					),
					'output_mode' => array(
						'type' => 'string',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/create-pipeline'                      => array(
			'label'         => 'Create a pipeline',
			'description'   => 'Makes a pipeline, with steps if there are any, and a flow if flow_config says what it is like. With pipelines makes several; what they share stands in template.',
			'category'      => 'datamachine-pipeline',
			'permission'    => array(
				'any_of' => array(
					'manage_flows',
				),
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'pipeline_name' => array(
						'type' => 'string',
					),
					'agent_id'      => array(
						'type'        => array(
							'integer',
							'null',
						),
						'description' => 'The agent it belongs to.',
					),
					'steps'         => array(
						'type'        => 'array',
						'description' => 'Each with step_type, and maybe label and system_prompt.',
					),
					'workflow'      => array(
						'type'        => 'object',
						'description' => 'Steps as a workflow has them: {steps: [...]}.',
					),
					'flow_config'   => array(
						'type'        => 'object',
						'description' => 'flow_name and scheduling_config of a first flow.',
					),
					'pipelines'     => array(
						'type'        => 'array',
						'description' => 'Each with name, maybe steps, flow_name, scheduling_config.',
					),
					'template'      => array(
						'type'        => 'object',
						'description' => 'steps and scheduling_config of all of them.',
					),
					'validate_only' => array(
						'type'        => 'boolean',
						'description' => 'Only say what would be made.',
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
					'error_code'    => array(
						'type' => 'string',
					),
					'message'       => array(
						'type' => 'string',
					),
					'pipeline_id'   => array(
						'type' => array(
							'integer',
							'null',
						),
					),
					'pipeline_name' => array(
						'type' => array(
							'string',
							'null',
						),
					),
					'flow_id'       => array(
						'type' => array(
							'integer',
							'null',
						),
					),
					'flow_name'     => array(
						'type' => array(
							'string',
							'null',
						),
					),
					'steps_created' => array(
						'type' => array(
							'integer',
							'null',
						),
					),
					'flow_step_ids' => array(
						'type' => array(
							'array',
							'null',
						),
					),
					'creation_mode' => array(
						'type' => array(
							'string',
							'null',
						),
					),
					'created_count' => array(
						'type' => array(
							'integer',
							'null',
						),
					),
					'failed_count'  => array(
						'type' => array(
							'integer',
							'null',
						),
					),
					'created'       => array(
						'type' => array(
							'array',
							'null',
						),
					),
					'errors'        => array(
						'type' => array(
							'array',
							'null',
						),
					),
					'partial'       => array(
						'type' => array(
							'boolean',
							'null',
						),
					),
					'valid'         => array(
						'type' => 'boolean',
					),
					'mode'          => array(
						'type' => 'string',
					),
					'would_create'  => array(
						'type' => 'array',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/update-pipeline'                      => array(
			'label'         => 'Rename a pipeline',
			'description'   => 'Changes a pipeline\'s name.',
			'category'      => 'datamachine-pipeline',
			'permission'    => array(
				'any_of' => array(
					'manage_flows',
				),
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'pipeline_id'   => array(
						'type' => 'integer',
					),
					'pipeline_name' => array(
						'type' => 'string',
					),
				),
				'required'   => array(
					'pipeline_id',
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
					'error_code'    => array(
						'type' => 'string',
					),
					'message'       => array(
						'type' => 'string',
					),
					'pipeline_id'   => array(
						'type' => 'integer',
					),
					'pipeline_name' => array(
						'type' => 'string',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/delete-pipeline'                      => array(
			'label'         => 'Delete a pipeline',
			'description'   => 'Removes a pipeline with its flows, their schedules, files and processed items, and cancels their unfinished jobs.',
			'category'      => 'datamachine-pipeline',
			'permission'    => array(
				'any_of' => array(
					'manage_flows',
				),
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'pipeline_id' => array(
						'type' => 'integer',
					),
				),
				'required'   => array(
					'pipeline_id',
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
					'error_code'    => array(
						'type' => 'string',
					),
					'message'       => array(
						'type' => 'string',
					),
					'pipeline_id'   => array(
						'type' => 'integer',
					),
					'pipeline_name' => array(
						'type' => 'string',
					),
					'deleted_flows' => array(
						'type' => 'integer',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/duplicate-pipeline'                   => array(
			'label'         => 'Copy a pipeline',
			'description'   => 'Copies a pipeline with its flows. Of their schedules only the interval is copied.',
			'category'      => 'datamachine-pipeline',
			'permission'    => array(
				'any_of' => array(
					'manage_flows',
				),
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'pipeline_id' => array(
						'type' => 'integer',
					),
					'new_name'    => array(
						'type' => 'string',
					),
					'agent_id'    => array(
						'type' => array(
							'integer',
							'null',
						),
					),
				),
				'required'   => array(
					'pipeline_id',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'              => array(
						'type' => 'boolean',
					),
					'error'                => array(
						'type' => 'string',
					),
					'error_code'           => array(
						'type' => 'string',
					),
					'message'              => array(
						'type' => 'string',
					),
					'pipeline_id'          => array(
						'type' => 'integer',
					),
					'pipeline_name'        => array(
						'type' => 'string',
					),
					'source_pipeline_id'   => array(
						'type' => 'integer',
					),
					'source_pipeline_name' => array(
						'type' => 'string',
					),
					'flows_created'        => array(
						'type' => 'integer',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/get-pipeline-steps'                   => array(
			'label'         => 'List a pipeline\'s steps',
			'description'   => 'The steps of a pipeline in their order, or one step by its id.',
			'category'      => 'datamachine-pipeline',
			'permission'    => array(
				'any_of' => array(
					'manage_flows',
				),
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'pipeline_id'      => array(
						'type' => 'integer',
					),
					'pipeline_step_id' => array(
						'type' => array(
							'string',
							'null',
						),
					),
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'     => array(
						'type' => 'boolean',
					),
					'error'       => array(
						'type' => 'string',
					),
					'error_code'  => array(
						'type' => 'string',
					),
					'message'     => array(
						'type' => 'string',
					),
					'steps'       => array(
						'type' => 'array',
					),
					'pipeline_id' => array(
						'type' => array(
							'integer',
							'null',
						),
					),
					'step_count'  => array(
						'type' => 'integer',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/add-pipeline-step'                    => array(
			'label'         => 'Add a step',
			'description'   => 'Adds a step at the end of a pipeline and of each of its flows.',
			'category'      => 'datamachine-pipeline',
			'permission'    => array(
				'any_of' => array(
					'manage_flows',
				),
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'pipeline_id' => array(
						'type' => 'integer',
					),
					'step_type'   => array(
						'type' => 'string',
					),
					'step_config' => array(
						'type'        => 'object',
						'description' => 'label, system_prompt and the like.',
					),
				),
				'required'   => array(
					'pipeline_id',
					'step_type',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'          => array(
						'type' => 'boolean',
					),
					'error'            => array(
						'type' => 'string',
					),
					'error_code'       => array(
						'type' => 'string',
					),
					'message'          => array(
						'type' => 'string',
					),
					'pipeline_id'      => array(
						'type' => 'integer',
					),
					'pipeline_step_id' => array(
						'type' => 'string',
					),
					'step_type'        => array(
						'type' => 'string',
					),
					'flows_updated'    => array(
						'type' => 'integer',
					),
					'flow_step_ids'    => array(
						'type' => 'array',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/update-pipeline-step'                 => array(
			'label'         => 'Change a step',
			'description'   => 'Changes system prompt, disabled tools or tool categories of a step; what is not named stays.',
			'category'      => 'datamachine-pipeline',
			'permission'    => array(
				'any_of' => array(
					'manage_flows',
				),
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'pipeline_step_id' => array(
						'type'        => 'string',
						'description' => 'As {pipeline}_{uuid}.',
					),
					'system_prompt'    => array(
						'type' => 'string',
					),
					'disabled_tools'   => array(
						'type' => 'array',
					),
					'tool_categories'  => array(
						'type' => 'array',
					),
				),
				'required'   => array(
					'pipeline_step_id',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'          => array(
						'type' => 'boolean',
					),
					'error'            => array(
						'type' => 'string',
					),
					'error_code'       => array(
						'type' => 'string',
					),
					'message'          => array(
						'type' => 'string',
					),
					'pipeline_step_id' => array(
						'type' => 'string',
					),
					'pipeline_id'      => array(
						'type' => 'integer',
					),
					'updated_fields'   => array(
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
		'datamachine/delete-pipeline-step'                 => array(
			'label'         => 'Delete a step',
			'description'   => 'Removes a step from a pipeline and from each of its flows, with their processed items.',
			'category'      => 'datamachine-pipeline',
			'permission'    => array(
				'any_of' => array(
					'manage_flows',
				),
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'pipeline_id'      => array(
						'type' => 'integer',
					),
					'pipeline_step_id' => array(
						'type'        => 'string',
						'description' => 'As {pipeline}_{uuid}.',
					),
				),
				'required'   => array(
					'pipeline_id',
					'pipeline_step_id',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'          => array(
						'type' => 'boolean',
					),
					'error'            => array(
						'type' => 'string',
					),
					'error_code'       => array(
						'type' => 'string',
					),
					'message'          => array(
						'type' => 'string',
					),
					'pipeline_id'      => array(
						'type' => 'integer',
					),
					'pipeline_step_id' => array(
						'type' => 'string',
					),
					'affected_flows'   => array(
						'type' => 'integer',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/reorder-pipeline-steps'               => array(
			'label'         => 'Reorder steps',
			'description'   => 'Puts the steps of a pipeline, and of its flows, into another order.',
			'category'      => 'datamachine-pipeline',
			'permission'    => array(
				'any_of' => array(
					'manage_flows',
				),
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'pipeline_id' => array(
						'type' => 'integer',
					),
					'step_order'  => array(
						'type'        => 'array',
						'description' => 'Every step once, as {pipeline_step_id}, in the new order.',
					),
				),
				'required'   => array(
					'pipeline_id',
					'step_order',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'     => array(
						'type' => 'boolean',
					),
					'error'       => array(
						'type' => 'string',
					),
					'error_code'  => array(
						'type' => 'string',
					),
					'message'     => array(
						'type' => 'string',
					),
					'pipeline_id' => array(
						'type' => 'integer',
					),
					'step_count'  => array(
						'type' => 'integer',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/import-pipelines'                     => array(
			'label'         => 'Import pipelines',
			'description'   => 'Makes pipelines and flows as a file describes them; those that exist already are changed.',
			'category'      => 'datamachine-pipeline',
			'permission'    => array(
				'any_of' => array(
					'manage_flows',
				),
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'data'     => array(
						'type'        => 'string',
						'description' => 'The file\'s text.',
					),
					'format'   => array(
						'type'    => 'string',
						'enum'    => array(
							'csv',
						),
						'default' => 'csv',
					),
					'agent_id' => array(
						'type'        => array(
							'integer',
							'null',
						),
						'description' => 'The agent they belong to.',
					),
				),
				'required'   => array(
					'data',
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
					'error_code' => array(
						'type' => 'string',
					),
					'message'    => array(
						'type' => 'string',
					),
					'imported'   => array(
						'type'  => 'array',
						'items' => array(
							'type' => 'integer',
						),
					),
					'count'      => array(
						'type' => 'integer',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/export-pipelines'                     => array(
			'label'         => 'Export pipelines',
			'description'   => 'Pipelines and their flows as a file, without secrets.',
			'category'      => 'datamachine-pipeline',
			'permission'    => array(
				'any_of' => array(
					'manage_flows',
				),
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'pipeline_ids' => array(
						'type'        => 'array',
						'description' => 'None named: all that you may see.',
					),
					'format'       => array(
						'type'    => 'string',
						'enum'    => array(
							'csv',
						),
						'default' => 'csv',
					),
				),
				'default'    => array(),
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
					'error_code' => array(
						'type' => 'string',
					),
					'message'    => array(
						'type' => 'string',
					),
					'data'       => array(
						'type' => 'string',
					),
					'count'      => array(
						'type' => 'integer',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/get-handlers'                         => array(
			'label'         => 'List handlers',
			'description'   => 'The handlers that steps can use, or one of them.',
			'category'      => 'datamachine-pipeline',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'step_type'    => array(
						'type'        => 'string',
						'description' => 'Only handlers of this type of step.',
					),
					'handler_slug' => array(
						'type'        => 'string',
						'description' => 'The handler\'s slug.',
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
					'error'    => array(
						'type' => 'string',
					),
					'handlers' => array(
						'type' => array(
							'object',
							'array',
						),
					),
					'count'    => array(
						'type' => 'integer',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/validate-handler'                     => array(
			'label'         => 'Check a handler\'s slug',
			'description'   => 'Whether a handler of that slug is registered.',
			'category'      => 'datamachine-pipeline',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'handler_slug' => array(
						'type'        => 'string',
						'description' => 'The handler\'s slug.',
					),
					'step_type'    => array(
						'type'        => 'string',
						'description' => 'Only handlers of this type of step.',
					),
				),
				'required'   => array(
					'handler_slug',
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
					'valid'   => array(
						'type' => 'boolean',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/get-handler-config-fields'            => array(
			'label'         => 'Show a handler\'s settings',
			'description'   => 'The settings of a handler with their types, defaults and options.',
			'category'      => 'datamachine-pipeline',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'handler_slug' => array(
						'type'        => 'string',
						'description' => 'The handler\'s slug.',
					),
				),
				'required'   => array(
					'handler_slug',
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
					'handler_slug' => array(
						'type' => 'string',
					),
					'fields'       => array(
						'type' => array(
							'object',
							'array',
						),
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/get-handler-site-defaults'            => array(
			'label'         => 'Show the site\'s handler defaults',
			'description'   => 'What this site uses for settings that a step does not have, for one handler or all.',
			'category'      => 'datamachine-pipeline',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'handler_slug' => array(
						'type'        => 'string',
						'description' => 'The handler\'s slug.',
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
					'error'    => array(
						'type' => 'string',
					),
					'defaults' => array(
						'type' => array(
							'object',
							'array',
						),
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/apply-handler-defaults'               => array(
			'label'         => 'Fill a handler\'s configuration with defaults',
			'description'   => 'A configuration with the site\'s and the handler\'s defaults in its gaps. Nothing is stored.',
			'category'      => 'datamachine-pipeline',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'handler_slug' => array(
						'type'        => 'string',
						'description' => 'The handler\'s slug.',
					),
					'config'       => array(
						'type' => array(
							'object',
							'array',
						),
					),
				),
				'required'   => array(
					'handler_slug',
					'config',
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
					'config'  => array(
						'type' => array(
							'object',
							'array',
						),
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/validate-step-type'                   => array(
			'label'         => 'Check a step type',
			'description'   => 'Whether a type of step is registered.',
			'category'      => 'datamachine-pipeline',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'step_type' => array(
						'type' => 'string',
					),
				),
				'required'   => array(
					'step_type',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'         => array(
						'type' => 'boolean',
					),
					'error'           => array(
						'type' => 'string',
					),
					'valid'           => array(
						'type' => 'boolean',
					),
					'available_types' => array(
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
		'datamachine/test-handler'                         => array(
			'label'         => 'Try a fetch handler',
			'description'   => 'Runs a fetch handler once and shows what it brings. No item is claimed or marked as processed.',
			'category'      => 'datamachine-pipeline',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'handler_slug' => array(
						'type'        => 'string',
						'description' => 'The handler\'s slug.',
					),
					'config'       => array(
						'type'        => array(
							'object',
							'array',
						),
						'description' => 'The handler\'s settings.',
					),
					'flow_id'      => array(
						'type'        => 'integer',
						'description' => 'Take handler and settings from this flow\'s fetch step.',
					),
					'limit'        => array(
						'type'    => 'integer',
						'default' => 5,
						'minimum' => 1,
						'maximum' => 50,
					),
				),
				'default'    => array(),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'           => array(
						'type' => 'boolean',
					),
					'error'             => array(
						'type' => 'string',
					),
					'handler_slug'      => array(
						'type' => 'string',
					),
					'handler_label'     => array(
						'type' => 'string',
					),
					'config_used'       => array(
						'type' => array(
							'object',
							'array',
						),
					),
					'packets'           => array(
						'type' => 'array',
					),
					'packet_count'      => array(
						'type' => 'integer',
					),
					'execution_time_ms' => array(
						'type' => 'number',
					),
					'warnings'          => array(
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
		'datamachine/publish-wordpress'                    => array(
			'label'         => 'Publish a post',
			'description'   => 'Creates a post on this site with the caller\'s rights, unless one of the same title is there.',
			'category'      => 'datamachine-publishing',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'title'               => array(
						'type' => 'string',
					),
					'content'             => array(
						'type' => 'string',
					),
					'post_type'           => array(
						'type' => 'string',
					),
					'post_status'         => array(
						'type'        => 'string',
						'description' => 'draft unless said.',
					),
					'post_author'         => array(
						'type' => 'integer',
					),
					'link_handling'       => array(
						'type' => 'string',
						'enum' => array(
							'append',
							'none',
						),
					),
					'dedup_enabled'       => array(
						'type' => 'boolean',
					),
					'dedup_lookback_days' => array(
						'type' => 'integer',
					),
					'content_format'      => array(
						'type'        => 'string',
						'enum'        => array(
							'blocks',
							'html',
							'markdown',
						),
						'description' => 'The format of the content; html unless said.',
					),
					'taxonomies'          => array(
						'type'        => array(
							'object',
							'array',
						),
						'description' => 'Terms by taxonomy: ids, names or slugs; a list or one.',
					),
					'featured_image_url'  => array(
						'type'        => 'string',
						'description' => 'A public image; it is copied to the media library.',
					),
					'source_url'          => array(
						'type'        => 'string',
						'description' => 'Where the content comes from.',
					),
				),
				'required'   => array(
					'title',
					'content',
					'post_type',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'               => array(
						'type' => 'boolean',
					),
					'error'                 => array(
						'type' => 'string',
					),
					'post_id'               => array(
						'type' => 'integer',
					),
					'post_title'            => array(
						'type' => 'string',
					),
					'post_url'              => array(
						'type' => 'string',
					),
					'taxonomy_results'      => array(
						'type' => array(
							'object',
							'array',
						),
					),
					'featured_image_result' => array(
						'type' => array(
							'object',
							'null',
						),
					),
					'action'                => array(
						'type' => 'string',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/update-wordpress'                     => array(
			'label'         => 'Update a post',
			'description'   => 'Changes title, content or terms of a post of this site with the caller\'s rights.',
			'category'      => 'datamachine-publishing',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'post_id'            => array(
						'type' => 'integer',
					),
					'title'              => array(
						'type' => 'string',
					),
					'content'            => array(
						'type' => 'string',
					),
					'content_format'     => array(
						'type'        => 'string',
						'enum'        => array(
							'blocks',
							'html',
							'markdown',
						),
						'description' => 'The format of the content; html unless said.',
					),
					'taxonomies'         => array(
						'type'        => array(
							'object',
							'array',
						),
						'description' => 'Terms by taxonomy: ids, names or slugs; a list or one.',
					),
					'featured_image_url' => array(
						'type'        => 'string',
						'description' => 'A public image; it is copied to the media library.',
					),
					'source_url'         => array(
						'type'        => 'string',
						'description' => 'Where the content comes from.',
					),
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'          => array(
						'type' => 'boolean',
					),
					'error'            => array(
						'type' => 'string',
					),
					'post_id'          => array(
						'type' => 'integer',
					),
					'post_title'       => array(
						'type' => 'string',
					),
					'post_url'         => array(
						'type' => 'string',
					),
					'taxonomy_results' => array(
						'type' => array(
							'object',
							'array',
						),
					),
					'modifications'    => array(
						'type' => array(
							'object',
							'array',
						),
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/get-flows'                            => array(
			'label'         => 'List flows',
			'description'   => 'Flows with their steps, schedules and last runs; one, a pipeline\'s, or a page of them.',
			'category'      => 'datamachine-flow',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'flow_id'      => array(
						'type' => array(
							'integer',
							'null',
						),
					),
					'user_id'      => array(
						'type' => array(
							'integer',
							'null',
						),
					),
					'agent_id'     => array(
						'type' => array(
							'integer',
							'null',
						),
					),
					'pipeline_id'  => array(
						'type' => array(
							'integer',
							'null',
						),
					),
					'handler_slug' => array(
						'type' => array(
							'string',
							'null',
						),
					),
					'per_page'     => array(
						'type'    => 'integer',
						'default' => 20,
						'minimum' => 1,
						'maximum' => 100,
					),
					'offset'       => array(
						'type'    => 'integer',
						'default' => 0,
						'minimum' => 0,
					),
					'output_mode'  => array(
						'type'    => 'string',
						'enum'    => array(
							'full',
							'list',
							'summary',
							'ids',
						),
						'default' => 'full',
					),
				),
				'default'    => array(),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'         => array(
						'type' => 'boolean',
					),
					'error'           => array(
						'type' => 'string',
					),
					'error_code'      => array(
						'type' => 'string',
					),
					'message'         => array(
						'type' => 'string',
					),
					'flows'           => array(
						'type'  => 'array',
						'items' => array(
							'type' => array(
								'object',
								'integer',
							),
						),
					),
					'total'           => array(
						'type' => 'integer',
					),
					'per_page'        => array(
						'type' => 'integer',
					),
					'offset'          => array(
						'type' => 'integer',
					),
					'output_mode'     => array(
						'type' => 'string',
					),
					'filters_applied' => array(
						'type' => array(
							'object',
							'array',
						),
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/create-flow'                          => array(
			'label'         => 'Create flows',
			'description'   => 'Makes a flow of a pipeline, or with `flows` several at once; `validate_only` makes none.',
			'category'      => 'datamachine-flow',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'pipeline_id'        => array(
						'type' => array(
							'integer',
							'null',
						),
					),
					'agent_id'           => array(
						'type' => array(
							'integer',
							'null',
						),
					),
					'flow_name'          => array(
						'type'    => 'string',
						'default' => 'Flow',
					),
					'scheduling_config'  => array(
						'type'        => array(
							'object',
							'array',
							'string',
							'null',
						),
						'description' => '{interval, cron_expression?, timestamp?, enabled?, retry_policy?, cycle_policy?}',
					),
					'retry_policy'       => array(
						'type'        => array(
							'object',
							'array',
							'string',
							'null',
						),
						'description' => '{max_attempts, backoff?, factor?} of a step that fails; null for none.',
					),
					'flow_config'        => array(
						'type'        => array(
							'object',
							'array',
							'string',
							'null',
						),
						'description' => 'By step type or pipeline step id: {handler_slug?, handler_config?, user_message?}',
					),
					'step_configs'       => array(
						'type'        => array(
							'object',
							'array',
							'string',
							'null',
						),
						'description' => 'By step type or pipeline step id: {handler_slug?, handler_config?, user_message?}',
					),
					'flows'              => array(
						'type'  => 'array',
						'items' => array(
							'type' => 'object',
						),
					),
					'shared_step_config' => array(
						'type'        => array(
							'object',
							'array',
							'string',
							'null',
						),
						'description' => 'By step type or pipeline step id: {handler_slug?, handler_config?, user_message?}',
					),
					'validate_only'      => array(
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
					'error_code'    => array(
						'type' => 'string',
					),
					'message'       => array(
						'type' => 'string',
					),
					'flow_id'       => array(
						'type' => 'integer',
					),
					'flow_name'     => array(
						'type' => 'string',
					),
					'flow_data'     => array(
						'type' => 'object',
					),
					'flow_step_ids' => array(
						'type'  => 'array',
						'items' => array(
							'type' => 'string',
						),
					),
					'pipeline_id'   => array(
						'type' => 'integer',
					),
					'synced_steps'  => array(
						'type' => 'integer',
					),
					'creation_mode' => array(
						'type' => 'string',
						'enum' => array(
							'single',
							'bulk',
						),
					),
					'created_count' => array(
						'type' => 'integer',
					),
					'failed_count'  => array(
						'type' => 'integer',
					),
					'created'       => array(
						'type'  => 'array',
						'items' => array(
							'type' => 'object',
						),
					),
					'errors'        => array(
						'type'  => 'array',
						'items' => array(
							'type' => 'object',
						),
					),
					'partial'       => array(
						'type' => 'boolean',
					),
					'valid'         => array(
						'type' => 'boolean',
					),
					'mode'          => array(
						'type' => 'string',
						'enum' => array(
							'single',
							'bulk',
						),
					),
					'would_create'  => array(
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
		'datamachine/update-flow'                          => array(
			'label'         => 'Update a flow',
			'description'   => 'Changes a flow\'s name or schedule; what is not named stays.',
			'category'      => 'datamachine-flow',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'flow_id'           => array(
						'type' => 'integer',
					),
					'flow_name'         => array(
						'type' => array(
							'string',
							'null',
						),
					),
					'scheduling_config' => array(
						'type'        => array(
							'object',
							'array',
							'string',
							'null',
						),
						'description' => '{interval, cron_expression?, timestamp?, enabled?, retry_policy?, cycle_policy?}',
					),
					'retry_policy'      => array(
						'type'        => array(
							'object',
							'array',
							'string',
							'null',
						),
						'description' => '{max_attempts, backoff?, factor?} of a step that fails; null for none.',
					),
				),
				'required'   => array(
					'flow_id',
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
					'error_code' => array(
						'type' => 'string',
					),
					'message'    => array(
						'type' => 'string',
					),
					'flow_id'    => array(
						'type' => 'integer',
					),
					'flow_name'  => array(
						'type' => 'string',
					),
					'flow_data'  => array(
						'type' => 'object',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/delete-flow'                          => array(
			'label'         => 'Delete a flow',
			'description'   => 'Deletes a flow; its unfinished jobs are cancelled, finished ones stay.',
			'category'      => 'datamachine-flow',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'flow_id' => array(
						'type' => 'integer',
					),
				),
				'required'   => array(
					'flow_id',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'     => array(
						'type' => 'boolean',
					),
					'error'       => array(
						'type' => 'string',
					),
					'error_code'  => array(
						'type' => 'string',
					),
					'message'     => array(
						'type' => 'string',
					),
					'flow_id'     => array(
						'type' => 'integer',
					),
					'pipeline_id' => array(
						'type' => 'integer',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/duplicate-flow'                       => array(
			'label'         => 'Duplicate a flow',
			'description'   => 'Copies a flow with its steps\' configuration, into its own pipeline or another one of like steps.',
			'category'      => 'datamachine-flow',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'source_flow_id'        => array(
						'type' => 'integer',
					),
					'target_pipeline_id'    => array(
						'type' => array(
							'integer',
							'null',
						),
					),
					'flow_name'             => array(
						'type' => array(
							'string',
							'null',
						),
					),
					'scheduling_config'     => array(
						'type'        => array(
							'object',
							'array',
							'string',
							'null',
						),
						'description' => '{interval, cron_expression?, timestamp?, enabled?, retry_policy?, cycle_policy?}',
					),
					'step_config_overrides' => array(
						'type'        => array(
							'object',
							'array',
							'string',
							'null',
						),
						'description' => 'By step type or pipeline step id: {handler_slug?, handler_config?, user_message?}',
					),
				),
				'required'   => array(
					'source_flow_id',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'            => array(
						'type' => 'boolean',
					),
					'error'              => array(
						'type' => 'string',
					),
					'error_code'         => array(
						'type' => 'string',
					),
					'message'            => array(
						'type' => 'string',
					),
					'flow_id'            => array(
						'type' => 'integer',
					),
					'flow_name'          => array(
						'type' => 'string',
					),
					'flow_data'          => array(
						'type' => 'object',
					),
					'flow_step_ids'      => array(
						'type'  => 'array',
						'items' => array(
							'type' => 'string',
						),
					),
					'source_flow_id'     => array(
						'type' => 'integer',
					),
					'source_pipeline_id' => array(
						'type' => 'integer',
					),
					'target_pipeline_id' => array(
						'type' => 'integer',
					),
					'scheduling'         => array(
						'type' => 'string',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/pause-flow'                           => array(
			'label'         => 'Pause flows',
			'description'   => 'Stops a flow, or all of a pipeline or agent, from starting. Their schedules are kept.',
			'category'      => 'datamachine-flow',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'flow_id'     => array(
						'type' => array(
							'integer',
							'null',
						),
					),
					'pipeline_id' => array(
						'type' => array(
							'integer',
							'null',
						),
					),
					'agent_id'    => array(
						'type' => array(
							'integer',
							'null',
						),
					),
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
					'error_code' => array(
						'type' => 'string',
					),
					'message'    => array(
						'type' => 'string',
					),
					'paused'     => array(
						'type' => 'integer',
					),
					'skipped'    => array(
						'type' => 'integer',
					),
					'flows'      => array(
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
		'datamachine/resume-flow'                          => array(
			'label'         => 'Resume flows',
			'description'   => 'Lets a paused flow, or all of a pipeline or agent, start again by their schedules.',
			'category'      => 'datamachine-flow',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'flow_id'     => array(
						'type' => array(
							'integer',
							'null',
						),
					),
					'pipeline_id' => array(
						'type' => array(
							'integer',
							'null',
						),
					),
					'agent_id'    => array(
						'type' => array(
							'integer',
							'null',
						),
					),
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
					'error_code' => array(
						'type' => 'string',
					),
					'message'    => array(
						'type' => 'string',
					),
					'resumed'    => array(
						'type' => 'integer',
					),
					'skipped'    => array(
						'type' => 'integer',
					),
					'errors'     => array(
						'type' => 'integer',
					),
					'flows'      => array(
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
		'datamachine/schedule-flow'                        => array(
			'label'         => 'Schedule a flow',
			'description'   => 'Starts a flow regularly (an interval or cron expression), once (a Unix time) or never (manual).',
			'category'      => 'datamachine-jobs',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'flow_id'               => array(
						'type' => 'integer',
					),
					'interval_or_timestamp' => array(
						'type' => array(
							'string',
							'integer',
						),
					),
				),
				'required'   => array(
					'flow_id',
					'interval_or_timestamp',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'           => array(
						'type' => 'boolean',
					),
					'error'             => array(
						'type' => 'string',
					),
					'error_code'        => array(
						'type' => 'string',
					),
					'message'           => array(
						'type' => 'string',
					),
					'flow_id'           => array(
						'type' => 'integer',
					),
					'scheduling_config' => array(
						'type' => 'object',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/reconcile-flow-schedules'             => array(
			'label'         => 'Restore schedules',
			'description'   => 'Rings again for flows whose next run vanished from the queue. Workers do so by themselves.',
			'category'      => 'datamachine-flow',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'dry_run' => array(
						'type' => 'boolean',
					),
				),
				'default'    => array(),
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
					'error_code' => array(
						'type' => 'string',
					),
					'message'    => array(
						'type' => 'string',
					),
					'dry_run'    => array(
						'type' => 'boolean',
					),
					'restored'   => array(
						'type' => 'integer',
					),
					'failed'     => array(
						'type' => 'integer',
					),
					'flows'      => array(
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
		'datamachine/get-scheduling-intervals'             => array(
			'label'         => 'List intervals',
			'description'   => 'The intervals a flow may be scheduled with.',
			'category'      => 'datamachine-settings',
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
				'type'       => 'object',
				'properties' => array(
					'success'    => array(
						'type' => 'boolean',
					),
					'error'      => array(
						'type' => 'string',
					),
					'error_code' => array(
						'type' => 'string',
					),
					'message'    => array(
						'type' => 'string',
					),
					'intervals'  => array(
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
		'datamachine/get-flow-steps'                       => array(
			'label'         => 'Show a flow\'s steps',
			'description'   => 'The steps of a flow in their order, or one of them.',
			'category'      => 'datamachine-flow',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'flow_id'      => array(
						'type' => 'integer',
					),
					'flow_step_id' => array(
						'type'        => 'string',
						'description' => 'A step of a flow, as {pipeline step}_{flow}.',
					),
				),
				'default'    => array(),
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
					'message'    => array(
						'type' => 'string',
					),
					'steps'      => array(
						'type'  => 'array',
						'items' => array(
							'type' => array(
								'object',
								'array',
							),
						),
					),
					'flow_id'    => array(
						'type' => 'integer',
					),
					'step_count' => array(
						'type' => 'integer',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/update-flow-step'                     => array(
			'label'         => 'Configure a flow\'s step',
			'description'   => 'Sets a step\'s handler and its settings, adds or removes a handler, or sets the prompt.',
			'category'      => 'datamachine-flow',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'flow_step_id'       => array(
						'type'        => 'string',
						'description' => 'A step of a flow, as {pipeline step}_{flow}.',
					),
					'handler_slug'       => array(
						'type'        => 'string',
						'description' => 'The handler.',
					),
					'handler_config'     => array(
						'type'        => array(
							'object',
							'array',
						),
						'description' => 'Settings of the handler; those not named stay as they are.',
					),
					'user_message'       => array(
						'type'        => 'string',
						'description' => 'The one prompt of an AI step; empty takes it away.',
					),
					'add_handler'        => array(
						'type'        => 'string',
						'description' => 'A further handler for the step.',
					),
					'add_handler_config' => array(
						'type'        => array(
							'object',
							'array',
						),
						'description' => 'Settings of the handler that is added.',
					),
					'remove_handler'     => array(
						'type'        => 'string',
						'description' => 'A handler to take away.',
					),
					'retry_policy'       => array(
						'type'        => array(
							'object',
							'array',
							'null',
						),
						'description' => '{max_attempts, backoff, factor} when the step fails; empty for none.',
					),
				),
				'required'   => array(
					'flow_step_id',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'        => array(
						'type' => 'boolean',
					),
					'error'          => array(
						'type' => 'string',
					),
					'message'        => array(
						'type' => 'string',
					),
					'flow_step_id'   => array(
						'type' => 'string',
					),
					'unknown_fields' => array(
						'type'  => 'array',
						'items' => array(
							'type' => 'string',
						),
					),
					'field_specs'    => array(
						'type' => array(
							'object',
							'array',
						),
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/configure-flow-steps'                 => array(
			'label'         => 'Configure steps of many flows',
			'description'   => 'Changes the steps of all flows of a pipeline, of all flows of a handler, or of a list.',
			'category'      => 'datamachine-flow',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'pipeline_id'         => array(
						'type'        => 'integer',
						'description' => 'Every flow of this pipeline.',
					),
					'all_flows'           => array(
						'type'        => 'boolean',
						'description' => 'Every flow that uses handler_slug, with global_scope.',
					),
					'global_scope'        => array(
						'type'        => 'boolean',
						'description' => 'Confirms that flows of every pipeline are meant.',
					),
					'step_type'           => array(
						'type'        => 'string',
						'description' => 'Only steps of this type.',
					),
					'handler_slug'        => array(
						'type'        => 'string',
						'description' => 'Only steps with this handler; the new one where none is set.',
					),
					'target_handler_slug' => array(
						'type'        => 'string',
						'description' => 'The handler to change to.',
					),
					'field_map'           => array(
						'type'        => array(
							'object',
							'array',
						),
						'description' => 'Old name: new name of settings to carry over.',
					),
					'handler_config'      => array(
						'type'        => array(
							'object',
							'array',
						),
						'description' => 'Settings of the handler; those not named stay as they are.',
					),
					'flow_configs'        => array(
						'type'        => 'array',
						'items'       => array(
							'type' => array(
								'object',
								'array',
							),
						),
						'description' => '{flow_id, handler_config, user_message} for single flows.',
					),
					'user_message'        => array(
						'type'        => 'string',
						'description' => 'The one prompt of an AI step; empty takes it away.',
					),
					'updates'             => array(
						'type'        => 'array',
						'items'       => array(
							'type' => array(
								'object',
								'array',
							),
						),
						'description' => '{flow_id | flow_step_id, handler_slug, handler_config, user_message}',
					),
					'shared_config'       => array(
						'type'        => array(
							'object',
							'array',
						),
						'description' => 'Below every handler_config of updates.',
					),
					'validate_only'       => array(
						'type'    => 'boolean',
						'default' => false,
					),
				),
				'default'    => array(),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'        => array(
						'type' => 'boolean',
					),
					'error'          => array(
						'type' => 'string',
					),
					'message'        => array(
						'type' => 'string',
					),
					'updated_steps'  => array(
						'type'  => 'array',
						'items' => array(
							'type' => array(
								'object',
								'array',
							),
						),
					),
					'flows_updated'  => array(
						'type' => 'integer',
					),
					'steps_modified' => array(
						'type' => 'integer',
					),
					'skipped'        => array(
						'type'  => 'array',
						'items' => array(
							'type' => array(
								'object',
								'array',
							),
						),
					),
					'errors'         => array(
						'type'  => 'array',
						'items' => array(
							'type' => array(
								'object',
								'array',
							),
						),
					),
					'valid'          => array(
						'type' => 'boolean',
					),
					'would_update'   => array(
						'type'  => 'array',
						'items' => array(
							'type' => array(
								'object',
								'array',
							),
						),
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/validate-flow-steps-config'           => array(
			'label'         => 'Check settings for many flows',
			'description'   => 'What configuring the same steps would change, without changing it.',
			'category'      => 'datamachine-flow',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'pipeline_id'         => array(
						'type'        => 'integer',
						'description' => 'Every flow of this pipeline.',
					),
					'all_flows'           => array(
						'type'        => 'boolean',
						'description' => 'Every flow that uses handler_slug, with global_scope.',
					),
					'global_scope'        => array(
						'type'        => 'boolean',
						'description' => 'Confirms that flows of every pipeline are meant.',
					),
					'step_type'           => array(
						'type'        => 'string',
						'description' => 'Only steps of this type.',
					),
					'handler_slug'        => array(
						'type'        => 'string',
						'description' => 'Only steps with this handler; the new one where none is set.',
					),
					'target_handler_slug' => array(
						'type'        => 'string',
						'description' => 'The handler to change to.',
					),
					'field_map'           => array(
						'type'        => array(
							'object',
							'array',
						),
						'description' => 'Old name: new name of settings to carry over.',
					),
					'handler_config'      => array(
						'type'        => array(
							'object',
							'array',
						),
						'description' => 'Settings of the handler; those not named stay as they are.',
					),
					'flow_configs'        => array(
						'type'        => 'array',
						'items'       => array(
							'type' => array(
								'object',
								'array',
							),
						),
						'description' => '{flow_id, handler_config, user_message} for single flows.',
					),
					'user_message'        => array(
						'type'        => 'string',
						'description' => 'The one prompt of an AI step; empty takes it away.',
					),
					'updates'             => array(
						'type'        => 'array',
						'items'       => array(
							'type' => array(
								'object',
								'array',
							),
						),
						'description' => '{flow_id | flow_step_id, handler_slug, handler_config, user_message}',
					),
					'shared_config'       => array(
						'type'        => array(
							'object',
							'array',
						),
						'description' => 'Below every handler_config of updates.',
					),
				),
				'default'    => array(),
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
					'message'      => array(
						'type' => 'string',
					),
					'valid'        => array(
						'type' => 'boolean',
					),
					'would_update' => array(
						'type'  => 'array',
						'items' => array(
							'type' => array(
								'object',
								'array',
							),
						),
					),
					'skipped'      => array(
						'type'  => 'array',
						'items' => array(
							'type' => array(
								'object',
								'array',
							),
						),
					),
					'errors'       => array(
						'type'  => 'array',
						'items' => array(
							'type' => array(
								'object',
								'array',
							),
						),
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/queue-add'                            => array(
			'label'         => 'Add a prompt to a queue',
			'description'   => 'Puts a prompt at the end of a step\'s queue, unless there is a post or a prompt like it.',
			'category'      => 'datamachine-flow',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'flow_id'         => array(
						'type'        => 'integer',
						'description' => 'The flow.',
					),
					'flow_step_id'    => array(
						'type'        => 'string',
						'description' => 'A step of the flow, as {pipeline step}_{flow}.',
					),
					'prompt'          => array(
						'type'        => 'string',
						'description' => 'What the AI step is asked.',
					),
					'skip_validation' => array(
						'type'        => 'boolean',
						'default'     => false,
						'description' => 'Add it even if there is one like it.',
					),
					'context'         => array(
						'type'        => array(
							'object',
							'array',
						),
						'description' => 'Handed to duplicate strategies.',
					),
				),
				'required'   => array(
					'flow_id',
					'flow_step_id',
					'prompt',
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
					'message'      => array(
						'type' => 'string',
					),
					'flow_id'      => array(
						'type'        => 'integer',
						'description' => 'The flow.',
					),
					'flow_step_id' => array(
						'type'        => 'string',
						'description' => 'A step of the flow, as {pipeline step}_{flow}.',
					),
					'queue_length' => array(
						'type' => 'integer',
					),
					'reason'       => array(
						'type' => 'string',
					),
					'match'        => array(
						'type' => array(
							'object',
							'array',
							'string',
							'number',
							'boolean',
							'null',
						),
					),
					'source'       => array(
						'type' => 'string',
					),
					'strategy'     => array(
						'type' => 'string',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/queue-list'                           => array(
			'label'         => 'List a queue',
			'description'   => 'The prompts that wait at a step, the next one first.',
			'category'      => 'datamachine-flow',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'flow_id'      => array(
						'type'        => 'integer',
						'description' => 'The flow.',
					),
					'flow_step_id' => array(
						'type'        => 'string',
						'description' => 'A step of the flow, as {pipeline step}_{flow}.',
					),
				),
				'required'   => array(
					'flow_id',
					'flow_step_id',
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
					'message'      => array(
						'type' => 'string',
					),
					'flow_id'      => array(
						'type'        => 'integer',
						'description' => 'The flow.',
					),
					'flow_step_id' => array(
						'type'        => 'string',
						'description' => 'A step of the flow, as {pipeline step}_{flow}.',
					),
					'queue_length' => array(
						'type' => 'integer',
					),
					'queue'        => array(
						'type' => 'array',
					),
					'count'        => array(
						'type' => 'integer',
					),
					'queue_mode'   => array(
						'type' => 'string',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/queue-clear'                          => array(
			'label'         => 'Clear a queue',
			'description'   => 'Removes every prompt of a step\'s queue.',
			'category'      => 'datamachine-flow',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'flow_id'      => array(
						'type'        => 'integer',
						'description' => 'The flow.',
					),
					'flow_step_id' => array(
						'type'        => 'string',
						'description' => 'A step of the flow, as {pipeline step}_{flow}.',
					),
				),
				'required'   => array(
					'flow_id',
					'flow_step_id',
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
					'message'       => array(
						'type' => 'string',
					),
					'flow_id'       => array(
						'type'        => 'integer',
						'description' => 'The flow.',
					),
					'flow_step_id'  => array(
						'type'        => 'string',
						'description' => 'A step of the flow, as {pipeline step}_{flow}.',
					),
					'queue_length'  => array(
						'type' => 'integer',
					),
					'cleared_count' => array(
						'type' => 'integer',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/queue-remove'                         => array(
			'label'         => 'Remove a prompt from a queue',
			'description'   => 'Removes the prompt at a position.',
			'category'      => 'datamachine-flow',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'flow_id'      => array(
						'type'        => 'integer',
						'description' => 'The flow.',
					),
					'flow_step_id' => array(
						'type'        => 'string',
						'description' => 'A step of the flow, as {pipeline step}_{flow}.',
					),
					'index'        => array(
						'type'        => 'integer',
						'description' => 'Position in the queue, 0 for the entry that comes first.',
					),
				),
				'required'   => array(
					'flow_id',
					'flow_step_id',
					'index',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'        => array(
						'type' => 'boolean',
					),
					'error'          => array(
						'type' => 'string',
					),
					'message'        => array(
						'type' => 'string',
					),
					'flow_id'        => array(
						'type'        => 'integer',
						'description' => 'The flow.',
					),
					'flow_step_id'   => array(
						'type'        => 'string',
						'description' => 'A step of the flow, as {pipeline step}_{flow}.',
					),
					'queue_length'   => array(
						'type' => 'integer',
					),
					'removed_prompt' => array(
						'type' => 'string',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/queue-update'                         => array(
			'label'         => 'Change a prompt of a queue',
			'description'   => 'Replaces the text of the prompt at a position; position 0 of an empty queue makes one.',
			'category'      => 'datamachine-flow',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'flow_id'      => array(
						'type'        => 'integer',
						'description' => 'The flow.',
					),
					'flow_step_id' => array(
						'type'        => 'string',
						'description' => 'A step of the flow, as {pipeline step}_{flow}.',
					),
					'index'        => array(
						'type'        => 'integer',
						'description' => 'Position in the queue, 0 for the entry that comes first.',
					),
					'prompt'       => array(
						'type' => 'string',
					),
				),
				'required'   => array(
					'flow_id',
					'flow_step_id',
					'index',
					'prompt',
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
					'message'      => array(
						'type' => 'string',
					),
					'flow_id'      => array(
						'type'        => 'integer',
						'description' => 'The flow.',
					),
					'flow_step_id' => array(
						'type'        => 'string',
						'description' => 'A step of the flow, as {pipeline step}_{flow}.',
					),
					'queue_length' => array(
						'type' => 'integer',
					),
					'index'        => array(
						'type' => 'integer',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/queue-move'                           => array(
			'label'         => 'Move a prompt within a queue',
			'description'   => 'Takes the prompt at one position and puts it at another.',
			'category'      => 'datamachine-flow',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'flow_id'      => array(
						'type'        => 'integer',
						'description' => 'The flow.',
					),
					'flow_step_id' => array(
						'type'        => 'string',
						'description' => 'A step of the flow, as {pipeline step}_{flow}.',
					),
					'from_index'   => array(
						'type'        => 'integer',
						'description' => 'Position in the queue, 0 for the entry that comes first.',
					),
					'to_index'     => array(
						'type'        => 'integer',
						'description' => 'Position in the queue, 0 for the entry that comes first.',
					),
				),
				'required'   => array(
					'flow_id',
					'flow_step_id',
					'from_index',
					'to_index',
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
					'message'      => array(
						'type' => 'string',
					),
					'flow_id'      => array(
						'type'        => 'integer',
						'description' => 'The flow.',
					),
					'flow_step_id' => array(
						'type'        => 'string',
						'description' => 'A step of the flow, as {pipeline step}_{flow}.',
					),
					'queue_length' => array(
						'type' => 'integer',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/queue-mode'                           => array(
			'label'         => 'Set how a queue is used',
			'description'   => 'static takes the first entry and leaves it, drain removes it, loop puts it at the end.',
			'category'      => 'datamachine-flow',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'flow_id'      => array(
						'type'        => 'integer',
						'description' => 'The flow.',
					),
					'flow_step_id' => array(
						'type'        => 'string',
						'description' => 'A step of the flow, as {pipeline step}_{flow}.',
					),
					'mode'         => array(
						'type' => 'string',
						'enum' => array(
							'drain',
							'loop',
							'static',
						),
					),
				),
				'required'   => array(
					'flow_id',
					'flow_step_id',
					'mode',
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
					'message'      => array(
						'type' => 'string',
					),
					'flow_id'      => array(
						'type'        => 'integer',
						'description' => 'The flow.',
					),
					'flow_step_id' => array(
						'type'        => 'string',
						'description' => 'A step of the flow, as {pipeline step}_{flow}.',
					),
					'queue_length' => array(
						'type' => 'integer',
					),
					'queue_mode'   => array(
						'type' => 'string',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/config-patch-add'                     => array(
			'label'         => 'Add a patch to a queue',
			'description'   => 'Puts settings for one run at the end of a fetch step\'s queue.',
			'category'      => 'datamachine-flow',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'flow_id'      => array(
						'type'        => 'integer',
						'description' => 'The flow.',
					),
					'flow_step_id' => array(
						'type'        => 'string',
						'description' => 'A step of the flow, as {pipeline step}_{flow}.',
					),
					'patch'        => array(
						'type'        => array(
							'object',
							'array',
						),
						'description' => 'Settings that one run lays over those of the step\'s handler.',
					),
				),
				'required'   => array(
					'flow_id',
					'flow_step_id',
					'patch',
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
					'message'      => array(
						'type' => 'string',
					),
					'flow_id'      => array(
						'type'        => 'integer',
						'description' => 'The flow.',
					),
					'flow_step_id' => array(
						'type'        => 'string',
						'description' => 'A step of the flow, as {pipeline step}_{flow}.',
					),
					'queue_length' => array(
						'type' => 'integer',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/config-patch-list'                    => array(
			'label'         => 'List a queue of patches',
			'description'   => 'The patches that wait at a fetch step.',
			'category'      => 'datamachine-flow',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'flow_id'      => array(
						'type'        => 'integer',
						'description' => 'The flow.',
					),
					'flow_step_id' => array(
						'type'        => 'string',
						'description' => 'A step of the flow, as {pipeline step}_{flow}.',
					),
				),
				'required'   => array(
					'flow_id',
					'flow_step_id',
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
					'message'      => array(
						'type' => 'string',
					),
					'flow_id'      => array(
						'type'        => 'integer',
						'description' => 'The flow.',
					),
					'flow_step_id' => array(
						'type'        => 'string',
						'description' => 'A step of the flow, as {pipeline step}_{flow}.',
					),
					'queue_length' => array(
						'type' => 'integer',
					),
					'queue'        => array(
						'type' => 'array',
					),
					'count'        => array(
						'type' => 'integer',
					),
					'queue_mode'   => array(
						'type' => 'string',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/config-patch-clear'                   => array(
			'label'         => 'Clear a queue of patches',
			'description'   => 'Removes every patch of a fetch step\'s queue.',
			'category'      => 'datamachine-flow',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'flow_id'      => array(
						'type'        => 'integer',
						'description' => 'The flow.',
					),
					'flow_step_id' => array(
						'type'        => 'string',
						'description' => 'A step of the flow, as {pipeline step}_{flow}.',
					),
				),
				'required'   => array(
					'flow_id',
					'flow_step_id',
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
					'message'       => array(
						'type' => 'string',
					),
					'flow_id'       => array(
						'type'        => 'integer',
						'description' => 'The flow.',
					),
					'flow_step_id'  => array(
						'type'        => 'string',
						'description' => 'A step of the flow, as {pipeline step}_{flow}.',
					),
					'queue_length'  => array(
						'type' => 'integer',
					),
					'cleared_count' => array(
						'type' => 'integer',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/config-patch-remove'                  => array(
			'label'         => 'Remove a patch from a queue',
			'description'   => 'Removes the patch at a position.',
			'category'      => 'datamachine-flow',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'flow_id'      => array(
						'type'        => 'integer',
						'description' => 'The flow.',
					),
					'flow_step_id' => array(
						'type'        => 'string',
						'description' => 'A step of the flow, as {pipeline step}_{flow}.',
					),
					'index'        => array(
						'type'        => 'integer',
						'description' => 'Position in the queue, 0 for the entry that comes first.',
					),
				),
				'required'   => array(
					'flow_id',
					'flow_step_id',
					'index',
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
					'message'       => array(
						'type' => 'string',
					),
					'flow_id'       => array(
						'type'        => 'integer',
						'description' => 'The flow.',
					),
					'flow_step_id'  => array(
						'type'        => 'string',
						'description' => 'A step of the flow, as {pipeline step}_{flow}.',
					),
					'queue_length'  => array(
						'type' => 'integer',
					),
					'removed_patch' => array(
						'type'        => array(
							'object',
							'array',
						),
						'description' => 'Settings that one run lays over those of the step\'s handler.',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/config-patch-update'                  => array(
			'label'         => 'Change a patch of a queue',
			'description'   => 'Replaces the patch at a position.',
			'category'      => 'datamachine-flow',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'flow_id'      => array(
						'type'        => 'integer',
						'description' => 'The flow.',
					),
					'flow_step_id' => array(
						'type'        => 'string',
						'description' => 'A step of the flow, as {pipeline step}_{flow}.',
					),
					'index'        => array(
						'type'        => 'integer',
						'description' => 'Position in the queue, 0 for the entry that comes first.',
					),
					'patch'        => array(
						'type'        => array(
							'object',
							'array',
						),
						'description' => 'Settings that one run lays over those of the step\'s handler.',
					),
				),
				'required'   => array(
					'flow_id',
					'flow_step_id',
					'index',
					'patch',
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
					'message'      => array(
						'type' => 'string',
					),
					'flow_id'      => array(
						'type'        => 'integer',
						'description' => 'The flow.',
					),
					'flow_step_id' => array(
						'type'        => 'string',
						'description' => 'A step of the flow, as {pipeline step}_{flow}.',
					),
					'queue_length' => array(
						'type' => 'integer',
					),
					'index'        => array(
						'type' => 'integer',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/config-patch-move'                    => array(
			'label'         => 'Move a patch within a queue',
			'description'   => 'Takes the patch at one position and puts it at another.',
			'category'      => 'datamachine-flow',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'flow_id'      => array(
						'type'        => 'integer',
						'description' => 'The flow.',
					),
					'flow_step_id' => array(
						'type'        => 'string',
						'description' => 'A step of the flow, as {pipeline step}_{flow}.',
					),
					'from_index'   => array(
						'type'        => 'integer',
						'description' => 'Position in the queue, 0 for the entry that comes first.',
					),
					'to_index'     => array(
						'type'        => 'integer',
						'description' => 'Position in the queue, 0 for the entry that comes first.',
					),
				),
				'required'   => array(
					'flow_id',
					'flow_step_id',
					'from_index',
					'to_index',
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
					'message'      => array(
						'type' => 'string',
					),
					'flow_id'      => array(
						'type'        => 'integer',
						'description' => 'The flow.',
					),
					'flow_step_id' => array(
						'type'        => 'string',
						'description' => 'A step of the flow, as {pipeline step}_{flow}.',
					),
					'queue_length' => array(
						'type' => 'integer',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/check-duplicate'                      => array(
			'label'         => 'Check for a duplicate',
			'description'   => 'Whether a title is already a post of this site, or waits in a queue.',
			'category'      => 'datamachine-content',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'title'         => array(
						'type'        => 'string',
						'description' => 'The title or prompt to look for.',
					),
					'scope'         => array(
						'type'    => 'string',
						'enum'    => array(
							'published',
							'queue',
							'both',
						),
						'default' => 'published',
					),
					'post_type'     => array(
						'type'    => 'string',
						'default' => 'post',
					),
					'lookback_days' => array(
						'type'        => 'integer',
						'default'     => 14,
						'description' => 'How old posts may be.',
					),
					'source_url'    => array(
						'type'        => 'string',
						'description' => 'The address the content comes from.',
					),
					'flow_id'       => array(
						'type'        => 'integer',
						'description' => 'The flow whose queue is searched.',
					),
					'flow_step_id'  => array(
						'type' => 'string',
					),
					'context'       => array(
						'type' => array(
							'object',
							'array',
						),
					),
				),
				'required'   => array(
					'title',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'  => array(
						'type' => 'boolean',
					),
					'verdict'  => array(
						'type' => 'string',
						'enum' => array(
							'duplicate',
							'clear',
						),
					),
					'source'   => array(
						'type' => 'string',
					),
					'match'    => array(
						'type' => array(
							'object',
							'array',
							'string',
							'number',
							'boolean',
							'null',
						),
					),
					'reason'   => array(
						'type' => 'string',
					),
					'strategy' => array(
						'type' => 'string',
					),
					'error'    => array(
						'type' => 'string',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/get-jobs'                             => array(
			'label'         => 'List jobs',
			'description'   => 'A page of jobs that match what is given, or one job.',
			'category'      => 'datamachine-jobs',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'job_id'        => array(
						'type' => array(
							'integer',
							'string',
							'null',
						),
					),
					'user_id'       => array(
						'type' => array(
							'integer',
							'string',
							'null',
						),
					),
					'agent_id'      => array(
						'type' => array(
							'integer',
							'string',
							'null',
						),
					),
					'flow_id'       => array(
						'type' => array(
							'integer',
							'string',
							'null',
						),
					),
					'pipeline_id'   => array(
						'type' => array(
							'integer',
							'string',
							'null',
						),
					),
					'parent_job_id' => array(
						'type' => array(
							'integer',
							'string',
							'null',
						),
					),
					'hide_children' => array(
						'type' => 'boolean',
					),
					'status'        => array(
						'type'        => array(
							'string',
							'null',
						),
						'description' => 'The beginning of the status.',
					),
					'source'        => array(
						'type' => array(
							'string',
							'null',
						),
					),
					'since'         => array(
						'type'        => array(
							'string',
							'null',
						),
						'description' => 'Created at or after this moment, UTC.',
					),
					'per_page'      => array(
						'type'    => 'integer',
						'default' => 50,
						'minimum' => 1,
						'maximum' => 100,
					),
					'offset'        => array(
						'type'    => 'integer',
						'default' => 0,
						'minimum' => 0,
					),
					'orderby'       => array(
						'type'    => 'string',
						'default' => 'job_id',
					),
					'order'         => array(
						'type'    => 'string',
						'default' => 'DESC',
						'enum'    => array(
							'ASC',
							'DESC',
						),
					),
				),
				'default'    => array(),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'         => array(
						'type' => 'boolean',
					),
					'error'           => array(
						'type' => 'string',
					),
					'error_code'      => array(
						'type' => 'string',
					),
					'message'         => array(
						'type' => 'string',
					),
					'jobs'            => array(
						'type'  => 'array',
						'items' => array(
							'type' => 'object',
						),
					),
					'total'           => array(
						'type' => 'integer',
					),
					'per_page'        => array(
						'type' => 'integer',
					),
					'offset'          => array(
						'type' => 'integer',
					),
					'filters_applied' => array(
						'type' => array(
							'object',
							'array',
						),
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/get-jobs-summary'                     => array(
			'label'         => 'Count jobs by status',
			'description'   => 'How many jobs there are with each status, reasons left out.',
			'category'      => 'datamachine-jobs',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'agent_id' => array(
						'type' => array(
							'integer',
							'string',
							'null',
						),
					),
				),
				'default'    => array(),
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
					'error_code' => array(
						'type' => 'string',
					),
					'message'    => array(
						'type' => 'string',
					),
					'summary'    => array(
						'type' => array(
							'object',
							'array',
						),
					),
					'total'      => array(
						'type' => 'integer',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/delete-jobs'                          => array(
			'label'         => 'Delete jobs',
			'description'   => 'Deletes all jobs or the failed ones for good; unfinished ones are cancelled first.',
			'category'      => 'datamachine-jobs',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'type'              => array(
						'type' => 'string',
						'enum' => array(
							'all',
							'failed',
						),
					),
					'cleanup_processed' => array(
						'type'        => 'boolean',
						'default'     => false,
						'description' => 'Also forget what these jobs processed.',
					),
				),
				'required'   => array(
					'type',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'                 => array(
						'type' => 'boolean',
					),
					'error'                   => array(
						'type' => 'string',
					),
					'error_code'              => array(
						'type' => 'string',
					),
					'message'                 => array(
						'type' => 'string',
					),
					'deleted_count'           => array(
						'type' => 'integer',
					),
					'processed_items_cleaned' => array(
						'type' => 'integer',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/fail-job'                             => array(
			'label'         => 'Fail a job',
			'description'   => 'Ends a job that is processing as failed.',
			'category'      => 'datamachine-jobs',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'job_id' => array(
						'type'        => 'integer',
						'description' => 'The job.',
					),
					'reason' => array(
						'type'    => 'string',
						'default' => 'manual',
					),
				),
				'required'   => array(
					'job_id',
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
					'error_code' => array(
						'type' => 'string',
					),
					'message'    => array(
						'type' => 'string',
					),
					'job_id'     => array(
						'type' => 'integer',
					),
					'status'     => array(
						'type' => 'string',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/retry-job'                            => array(
			'label'         => 'Retry a job',
			'description'   => 'Starts a new job at the step where this one stopped, with the packets it had.',
			'category'      => 'datamachine-jobs',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'job_id' => array(
						'type'        => 'integer',
						'description' => 'The job.',
					),
					'force'  => array(
						'type'        => 'boolean',
						'default'     => false,
						'description' => 'Also a job that ended well, runs, or was retried already.',
					),
				),
				'required'   => array(
					'job_id',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'         => array(
						'type' => 'boolean',
					),
					'error'           => array(
						'type' => 'string',
					),
					'error_code'      => array(
						'type' => 'string',
					),
					'message'         => array(
						'type' => 'string',
					),
					'job_id'          => array(
						'type' => 'integer',
					),
					'new_job_id'      => array(
						'type' => 'integer',
					),
					'new_job_ids'     => array(
						'type'  => 'array',
						'items' => array(
							'type' => 'integer',
						),
					),
					'previous_status' => array(
						'type' => 'string',
					),
					'prompt_requeued' => array(
						'type' => 'boolean',
					),
					'flow_step_id'    => array(
						'type'        => 'string',
						'description' => 'The step it begins at.',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/cancel-job'                           => array(
			'label'         => 'Cancel a job',
			'description'   => 'Ends an unfinished job and its children; nothing more of it runs.',
			'category'      => 'datamachine-jobs',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'job_id' => array(
						'type'        => 'integer',
						'description' => 'The job.',
					),
					'reason' => array(
						'type' => 'string',
					),
				),
				'required'   => array(
					'job_id',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'            => array(
						'type' => 'boolean',
					),
					'error'              => array(
						'type' => 'string',
					),
					'error_code'         => array(
						'type' => 'string',
					),
					'message'            => array(
						'type' => 'string',
					),
					'job_id'             => array(
						'type' => 'integer',
					),
					'status'             => array(
						'type' => 'string',
					),
					'children_cancelled' => array(
						'type' => 'integer',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/undo-job'                             => array(
			'label'         => 'Undo a job',
			'description'   => 'Takes back what a job changed in WordPress, as far as it wrote it down.',
			'category'      => 'datamachine-jobs',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'job_id'    => array(
						'type' => array(
							'integer',
							'string',
							'null',
						),
					),
					'task_type' => array(
						'type'        => array(
							'string',
							'null',
						),
						'description' => 'All jobs of this task instead.',
					),
					'dry_run'   => array(
						'type'    => 'boolean',
						'default' => false,
					),
					'force'     => array(
						'type'        => 'boolean',
						'default'     => false,
						'description' => 'Also what was undone already.',
					),
				),
				'default'    => array(),
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
					'error_code' => array(
						'type' => 'string',
					),
					'message'    => array(
						'type' => 'string',
					),
					'reverted'   => array(
						'type' => 'integer',
					),
					'skipped'    => array(
						'type' => 'integer',
					),
					'failed'     => array(
						'type' => 'integer',
					),
					'effects'    => array(
						'type'  => 'array',
						'items' => array(
							'type' => 'object',
						),
					),
					'dry_run'    => array(
						'type' => 'boolean',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/recover-stuck-jobs'                   => array(
			'label'         => 'Recover stuck jobs',
			'description'   => 'Ends jobs that are processing although nothing will ever go on with them.',
			'category'      => 'datamachine-jobs',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'dry_run'       => array(
						'type'    => 'boolean',
						'default' => false,
					),
					'flow_id'       => array(
						'type' => array(
							'integer',
							'string',
							'null',
						),
					),
					'timeout_hours' => array(
						'type'    => array(
							'integer',
							'number',
						),
						'default' => 2,
						'minimum' => 1,
					),
				),
				'default'    => array(),
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
					'error_code' => array(
						'type' => 'string',
					),
					'message'    => array(
						'type' => 'string',
					),
					'recovered'  => array(
						'type' => 'integer',
					),
					'skipped'    => array(
						'type' => 'integer',
					),
					'timed_out'  => array(
						'type' => 'integer',
					),
					'requeued'   => array(
						'type' => 'integer',
					),
					'dry_run'    => array(
						'type' => 'boolean',
					),
					'jobs'       => array(
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
		'datamachine/report-stuck-jobs'                    => array(
			'label'         => 'Report stuck jobs',
			'description'   => 'Unfinished jobs that have not moved for a while, and why.',
			'category'      => 'datamachine-jobs',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'minutes'  => array(
						'type'        => 'integer',
						'default'     => 5,
						'minimum'     => 0,
						'description' => 'How long they have not moved.',
					),
					'flow_id'  => array(
						'type' => array(
							'integer',
							'string',
							'null',
						),
					),
					'agent_id' => array(
						'type' => array(
							'integer',
							'string',
							'null',
						),
					),
					'all'      => array(
						'type'        => 'boolean',
						'default'     => false,
						'description' => 'Also those that run or wait for a moment.',
					),
					'per_page' => array(
						'type'    => 'integer',
						'default' => 50,
						'minimum' => 1,
						'maximum' => 100,
					),
					'offset'   => array(
						'type'    => 'integer',
						'default' => 0,
						'minimum' => 0,
					),
				),
				'default'    => array(),
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
					'error_code' => array(
						'type' => 'string',
					),
					'message'    => array(
						'type' => 'string',
					),
					'jobs'       => array(
						'type'  => 'array',
						'items' => array(
							'type' => 'object',
						),
					),
					'total'      => array(
						'type' => 'integer',
					),
					'per_page'   => array(
						'type' => 'integer',
					),
					'offset'     => array(
						'type' => 'integer',
					),
					'queue'      => array(
						'type' => 'object',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/get-flow-health'                      => array(
			'label'         => 'Show a flow\'s health',
			'description'   => 'How often in a row the newest jobs of a flow failed or found nothing.',
			'category'      => 'datamachine-flow',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'flow_id' => array(
						'type' => array(
							'integer',
							'string',
							'null',
						),
					),
				),
				'required'   => array(
					'flow_id',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'              => array(
						'type' => 'boolean',
					),
					'error'                => array(
						'type' => 'string',
					),
					'error_code'           => array(
						'type' => 'string',
					),
					'message'              => array(
						'type' => 'string',
					),
					'flow_id'              => array(
						'type' => 'integer',
					),
					'consecutive_failures' => array(
						'type' => 'integer',
					),
					'consecutive_no_items' => array(
						'type' => 'integer',
					),
					'latest_job'           => array(
						'type' => array(
							'object',
							'null',
						),
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/get-problem-flows'                    => array(
			'label'         => 'List problem flows',
			'description'   => 'Flows whose newest jobs failed or found nothing several times in a row.',
			'category'      => 'datamachine-flow',
			'permission'    => array(
				'manage' => true,
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'threshold' => array(
						'type'    => array(
							'integer',
							'null',
						),
						'default' => 1,
						'minimum' => 1,
					),
					'agent_id'  => array(
						'type' => array(
							'integer',
							'string',
							'null',
						),
					),
				),
				'default'    => array(),
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
					'error_code' => array(
						'type' => 'string',
					),
					'message'    => array(
						'type' => 'string',
					),
					'failing'    => array(
						'type'  => 'array',
						'items' => array(
							'type' => 'object',
						),
					),
					'idle'       => array(
						'type'  => 'array',
						'items' => array(
							'type' => 'object',
						),
					),
					'count'      => array(
						'type' => 'integer',
					),
					'threshold'  => array(
						'type' => 'integer',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/clear-processed-items'                => array(
			'label'         => 'Clear processed items',
			'description'   => 'Forgets what a flow, or every flow of a pipeline, has taken in: it is taken in again.',
			'category'      => 'datamachine-pipeline',
			'permission'    => array(
				'any_of' => array(
					'manage_flows',
				),
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'clear_type' => array(
						'type' => 'string',
						'enum' => array(
							'pipeline',
							'flow',
						),
					),
					'target_id'  => array(
						'type' => 'integer',
					),
				),
				'required'   => array(
					'clear_type',
					'target_id',
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
					'error_code'    => array(
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
		'datamachine/check-processed-item'                 => array(
			'label'         => 'Check an item',
			'description'   => 'Whether a flow\'s step has taken in an item.',
			'category'      => 'datamachine-pipeline',
			'permission'    => array(
				'any_of' => array(
					'manage_flows',
				),
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'flow_step_id'    => array(
						'type'        => 'string',
						'description' => 'A step of a flow, as {pipeline step}_{flow}.',
					),
					'source_type'     => array(
						'type'        => 'string',
						'description' => 'For example rss or wordpress_local.',
					),
					'item_identifier' => array(
						'type'        => 'string',
						'description' => 'A guid, an address, a post\'s id.',
					),
				),
				'required'   => array(
					'flow_step_id',
					'source_type',
					'item_identifier',
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
					'error_code'   => array(
						'type' => 'string',
					),
					'is_processed' => array(
						'type' => 'boolean',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/has-processed-history'                => array(
			'label'         => 'Check for history',
			'description'   => 'Whether a flow\'s step has ever taken in anything.',
			'category'      => 'datamachine-pipeline',
			'permission'    => array(
				'any_of' => array(
					'manage_flows',
				),
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'flow_step_id' => array(
						'type'        => 'string',
						'description' => 'A step of a flow, as {pipeline step}_{flow}.',
					),
				),
				'required'   => array(
					'flow_step_id',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'     => array(
						'type' => 'boolean',
					),
					'error'       => array(
						'type' => 'string',
					),
					'error_code'  => array(
						'type' => 'string',
					),
					'has_history' => array(
						'type' => 'boolean',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/processed-items-get-processed-at'     => array(
			'label'         => 'Say when an item was processed',
			'description'   => 'When a flow\'s step took in an item, as a Unix time; null when it never did.',
			'category'      => 'datamachine-pipeline',
			'permission'    => array(
				'any_of' => array(
					'manage_flows',
				),
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'flow_step_id'    => array(
						'type'        => 'string',
						'description' => 'A step of a flow, as {pipeline step}_{flow}.',
					),
					'source_type'     => array(
						'type'        => 'string',
						'description' => 'For example rss or wordpress_local.',
					),
					'item_identifier' => array(
						'type'        => 'string',
						'description' => 'A guid, an address, a post\'s id.',
					),
				),
				'required'   => array(
					'flow_step_id',
					'source_type',
					'item_identifier',
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
					'error_code'   => array(
						'type' => 'string',
					),
					'processed_at' => array(
						'type' => array(
							'integer',
							'null',
						),
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/processed-items-find-stale'           => array(
			'label'         => 'Find stale items',
			'description'   => 'Those of the given items that were taken in longer ago than max_age_days.',
			'category'      => 'datamachine-pipeline',
			'permission'    => array(
				'any_of' => array(
					'manage_flows',
				),
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'flow_step_id'          => array(
						'type'        => 'string',
						'description' => 'A step of a flow, as {pipeline step}_{flow}.',
					),
					'source_type'           => array(
						'type'        => 'string',
						'description' => 'For example rss or wordpress_local.',
					),
					'candidate_identifiers' => array(
						'type'  => 'array',
						'items' => array(
							'type' => 'string',
						),
					),
					'limit'                 => array(
						'type'        => 'integer',
						'minimum'     => 1,
						'default'     => 100,
						'description' => 'How many to give at most.',
					),
					'max_age_days'          => array(
						'type'    => 'integer',
						'minimum' => 1,
					),
				),
				'required'   => array(
					'flow_step_id',
					'source_type',
					'candidate_identifiers',
					'max_age_days',
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
					'error_code' => array(
						'type' => 'string',
					),
					'stale_ids'  => array(
						'type'  => 'array',
						'items' => array(
							'type' => 'string',
						),
					),
					'count'      => array(
						'type' => 'integer',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/processed-items-find-never-processed' => array(
			'label'         => 'Find items never processed',
			'description'   => 'Those of the given items that were never taken in.',
			'category'      => 'datamachine-pipeline',
			'permission'    => array(
				'any_of' => array(
					'manage_flows',
				),
			),
			'input_schema'  => array(
				'type'       => 'object',
				'properties' => array(
					'flow_step_id'          => array(
						'type'        => 'string',
						'description' => 'A step of a flow, as {pipeline step}_{flow}.',
					),
					'source_type'           => array(
						'type'        => 'string',
						'description' => 'For example rss or wordpress_local.',
					),
					'candidate_identifiers' => array(
						'type'  => 'array',
						'items' => array(
							'type' => 'string',
						),
					),
					'limit'                 => array(
						'type'        => 'integer',
						'minimum'     => 1,
						'default'     => 100,
						'description' => 'How many to give at most.',
					),
				),
				'required'   => array(
					'flow_step_id',
					'source_type',
					'candidate_identifiers',
				),
			),
			'output_schema' => array(
				'type'       => 'object',
				'properties' => array(
					'success'         => array(
						'type' => 'boolean',
					),
					'error'           => array(
						'type' => 'string',
					),
					'error_code'      => array(
						'type' => 'string',
					),
					'never_processed' => array(
						'type'  => 'array',
						'items' => array(
							'type' => 'string',
						),
					),
					'count'           => array(
						'type' => 'integer',
					),
				),
			),
			'meta'          => array(
				'show_in_rest' => true,
			),
		),
		'datamachine/list-flow-files'                      => array(
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
		'datamachine/get-flow-file'                        => array(
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
		'datamachine/delete-flow-file'                     => array(
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
		'datamachine/upload-flow-file'                     => array(
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
		'datamachine/cleanup-flow-files'                   => array(
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
