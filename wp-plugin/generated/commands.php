<?php
/**
 * Commands of WP-CLI.
 *
 * Generated from sidecar/commands by tools/generate.py. Do not edit.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

return array(
	'namespaces' => array(
		'datamachine'                 => 'Agents, memory, pipelines, flows and jobs of Data Machine.',
		'datamachine agents'          => 'Manage agents, who may use them, and their configuration.',
		'datamachine agent'           => 'Manage agents, who may use them, and their configuration.',
		'datamachine batch'           => 'Jobs that fanned out into children: list, show, cancel.',
		'datamachine external'        => 'Act as agents of other sites: their tokens, and requests with them.',
		'datamachine handlers'        => 'List handlers, show their settings.',
		'datamachine handler'         => 'List handlers, show their settings.',
		'datamachine jobs'            => 'List, show, watch, end, repeat and delete jobs.',
		'datamachine job'             => 'List, show, watch, end, repeat and delete jobs.',
		'datamachine memory'          => 'Read and write an agent\'s memory.',
		'datamachine plugins'         => 'List the Python plugins of the sidecar.',
		'datamachine processed-items' => 'What flows have taken in already, and forgetting it.',
		'datamachine processed-item'  => 'What flows have taken in already, and forgetting it.',
		'datamachine step-types'      => 'List the types of steps, show one.',
		'datamachine step-type'       => 'List the types of steps, show one.',
		'datamachine system'          => 'Diagnose the product and its WordPress.',
		'datamachine worker'          => 'Work the queue, and see who does.',
	),
	'commands'   => array(
		array(
			'path'      => 'datamachine agents access',
			'target'    => 'agents access',
			'shortdesc' => 'Grant and revoke access to an agent, or list who has it.',
			'longdesc'  => 'A viewer sees the agent\'s pipelines, flows, jobs and memory. An operator also runs flows, fills queues and writes memory. An admin also creates, changes and deletes pipelines and flows, and changes the agent and its grants. A second grant replaces the first. The owner needs no grant.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'action',
					'description' => 'grant, revoke or list.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'positional',
					'name'        => 'slug',
					'description' => 'Slug or id of the agent; digits are an id.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'positional',
					'name'        => 'user',
					'description' => 'Id, login or email address of the user.',
					'optional'    => true,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'role',
					'description' => 'What the user may do.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'role',
					),
					'default'     => 'operator',
					'options'     => array(
						'admin',
						'operator',
						'viewer',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine agent access',
			'target'    => 'agents access',
			'shortdesc' => 'Grant and revoke access to an agent, or list who has it.',
			'longdesc'  => 'A viewer sees the agent\'s pipelines, flows, jobs and memory. An operator also runs flows, fills queues and writes memory. An admin also creates, changes and deletes pipelines and flows, and changes the agent and its grants. A second grant replaces the first. The owner needs no grant.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'action',
					'description' => 'grant, revoke or list.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'positional',
					'name'        => 'slug',
					'description' => 'Slug or id of the agent; digits are an id.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'positional',
					'name'        => 'user',
					'description' => 'Id, login or email address of the user.',
					'optional'    => true,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'role',
					'description' => 'What the user may do.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'role',
					),
					'default'     => 'operator',
					'options'     => array(
						'admin',
						'operator',
						'viewer',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine agents cleanup-legacy-context-files',
			'target'    => 'agents cleanup-legacy-context-files',
			'shortdesc' => 'Remove the folders contexts/ that old versions made in agents\' folders.',
			'longdesc'  => 'Only agents/*/contexts of this site is touched; links are not followed.',
			'synopsis'  => array(
				array(
					'type'        => 'flag',
					'name'        => 'dry-run',
					'description' => 'Only say what would be removed.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine agent cleanup-legacy-context-files',
			'target'    => 'agents cleanup-legacy-context-files',
			'shortdesc' => 'Remove the folders contexts/ that old versions made in agents\' folders.',
			'longdesc'  => 'Only agents/*/contexts of this site is touched; links are not followed.',
			'synopsis'  => array(
				array(
					'type'        => 'flag',
					'name'        => 'dry-run',
					'description' => 'Only say what would be removed.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine agents config',
			'target'    => 'agents config',
			'shortdesc' => 'Show or change an agent\'s configuration.',
			'longdesc'  => 'Keys are those of the top level; a dot is part of a key. Natively --set and --unset may be given several times; WP-CLI hands on only the last of each. Removals follow settings.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'slug',
					'description' => 'Slug or id of the agent; digits are an id.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'set',
					'description' => 'Set a key; the value is JSON, or else text. site_scope takes a blog id or null.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'pair',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'unset',
					'description' => 'Remove a key.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'key',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'json',
					'options'     => array(
						'json',
						'table',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine agent config',
			'target'    => 'agents config',
			'shortdesc' => 'Show or change an agent\'s configuration.',
			'longdesc'  => 'Keys are those of the top level; a dot is part of a key. Natively --set and --unset may be given several times; WP-CLI hands on only the last of each. Removals follow settings.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'slug',
					'description' => 'Slug or id of the agent; digits are an id.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'set',
					'description' => 'Set a key; the value is JSON, or else text. site_scope takes a blog id or null.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'pair',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'unset',
					'description' => 'Remove a key.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'key',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'json',
					'options'     => array(
						'json',
						'table',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine agents create',
			'target'    => 'agents create',
			'shortdesc' => 'Create an agent, its folder and the files it starts with.',
			'longdesc'  => 'The owner gets the role admin. Who is no administrator where a site has narrowed the command line creates agents of their own only.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'slug',
					'description' => 'Its slug; letters, digits and dashes, anything else is folded into them.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'name',
					'description' => 'Its name; the slug when absent.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'name',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'owner',
					'description' => 'Id, login or email address of the user it belongs to.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'user',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'config',
					'description' => 'Its configuration, a JSON object.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'json',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine agent create',
			'target'    => 'agents create',
			'shortdesc' => 'Create an agent, its folder and the files it starts with.',
			'longdesc'  => 'The owner gets the role admin. Who is no administrator where a site has narrowed the command line creates agents of their own only.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'slug',
					'description' => 'Its slug; letters, digits and dashes, anything else is folded into them.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'name',
					'description' => 'Its name; the slug when absent.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'name',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'owner',
					'description' => 'Id, login or email address of the user it belongs to.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'user',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'config',
					'description' => 'Its configuration, a JSON object.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'json',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine agents delete',
			'target'    => 'agents delete',
			'shortdesc' => 'Delete an agent.',
			'longdesc'  => 'Its grants and tokens are deleted, its unfinished jobs fail. Its pipelines, flows, finished jobs, conversations and log lines stay for the record, only administrators see them, and its flows do not run any more. Its folder stays unless --delete-files is given. An agent that a plugin declares stays deleted until \'datamachine agents restore <slug>\'.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'slug',
					'description' => 'Slug or id of the agent; digits are an id.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'flag',
					'name'        => 'delete-files',
					'description' => 'Delete its folder too.',
					'optional'    => true,
				),
				array(
					'type'        => 'flag',
					'name'        => 'yes',
					'description' => 'Do not ask.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine agent delete',
			'target'    => 'agents delete',
			'shortdesc' => 'Delete an agent.',
			'longdesc'  => 'Its grants and tokens are deleted, its unfinished jobs fail. Its pipelines, flows, finished jobs, conversations and log lines stay for the record, only administrators see them, and its flows do not run any more. Its folder stays unless --delete-files is given. An agent that a plugin declares stays deleted until \'datamachine agents restore <slug>\'.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'slug',
					'description' => 'Slug or id of the agent; digits are an id.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'flag',
					'name'        => 'delete-files',
					'description' => 'Delete its folder too.',
					'optional'    => true,
				),
				array(
					'type'        => 'flag',
					'name'        => 'yes',
					'description' => 'Do not ask.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine agents list',
			'target'    => 'agents list',
			'shortdesc' => 'List agents.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'scope',
					'description' => 'Which agents: those of a user, or all of this site; an agent that manages nothing sees itself.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'scope',
					),
					'options'     => array(
						'mine',
						'all',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'user_id',
					'description' => 'The user whose agents and roles are meant.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
					),
				),
				array(
					'type'        => 'flag',
					'name'        => 'include_role',
					'description' => 'Add the column user_role.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine agent list',
			'target'    => 'agents list',
			'shortdesc' => 'List agents.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'scope',
					'description' => 'Which agents: those of a user, or all of this site; an agent that manages nothing sees itself.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'scope',
					),
					'options'     => array(
						'mine',
						'all',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'user_id',
					'description' => 'The user whose agents and roles are meant.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
					),
				),
				array(
					'type'        => 'flag',
					'name'        => 'include_role',
					'description' => 'Add the column user_role.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine agents rename',
			'target'    => 'agents rename',
			'shortdesc' => 'Give an agent another slug; its folder moves along.',
			'longdesc'  => 'A declared agent keeps its new slug: its old one is not created again.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'old-slug',
					'description' => 'Its slug.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'positional',
					'name'        => 'new-slug',
					'description' => 'The slug it gets.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'flag',
					'name'        => 'dry-run',
					'description' => 'Only say what would be done.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine agent rename',
			'target'    => 'agents rename',
			'shortdesc' => 'Give an agent another slug; its folder moves along.',
			'longdesc'  => 'A declared agent keeps its new slug: its old one is not created again.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'old-slug',
					'description' => 'Its slug.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'positional',
					'name'        => 'new-slug',
					'description' => 'The slug it gets.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'flag',
					'name'        => 'dry-run',
					'description' => 'Only say what would be done.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine agents restore',
			'target'    => 'agents restore',
			'shortdesc' => 'Let a declared agent that was deleted or renamed be created again.',
			'longdesc'  => 'Deleting or renaming an agent that a plugin declares is remembered, so that it does not come back by itself. After this command the site\'s next request creates it anew, with a new id.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'slug',
					'description' => 'The slug it is declared with.',
					'optional'    => false,
					'repeating'   => false,
				),
			),
		),
		array(
			'path'      => 'datamachine agent restore',
			'target'    => 'agents restore',
			'shortdesc' => 'Let a declared agent that was deleted or renamed be created again.',
			'longdesc'  => 'Deleting or renaming an agent that a plugin declares is remembered, so that it does not come back by itself. After this command the site\'s next request creates it anew, with a new id.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'slug',
					'description' => 'The slug it is declared with.',
					'optional'    => false,
					'repeating'   => false,
				),
			),
		),
		array(
			'path'      => 'datamachine agents show',
			'target'    => 'agents show',
			'shortdesc' => 'Show one agent.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'slug',
					'description' => 'Slug or id of the agent; digits are an id.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine agent show',
			'target'    => 'agents show',
			'shortdesc' => 'Show one agent.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'slug',
					'description' => 'Slug or id of the agent; digits are an id.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine agents token',
			'target'    => 'agents token',
			'shortdesc' => 'Create and revoke tokens of an agent, or list them.',
			'longdesc'  => 'Whoever has a token acts as the agent: with its owner\'s rights, below the token\'s limit. It is shown once; what is stored is a hash. A revoked token ends at once. --format is for lists.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'action',
					'description' => 'create, revoke or list.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'positional',
					'name'        => 'slug',
					'description' => 'Slug or id of the agent; digits are an id.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'positional',
					'name'        => 'token_id',
					'description' => 'The token to revoke.',
					'optional'    => true,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'label',
					'description' => 'What the token is for.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'label',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'expires-in',
					'description' => 'Seconds until it ends; absent or 0: it has no end.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'seconds',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'capabilities',
					'description' => 'What it is limited to, a JSON list; absent: no limit.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'json',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'for',
					'description' => 'The runtime to print configuration for; absent: variables for any.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'runtime',
					),
					'options'     => array(
						'env',
						'opencode',
						'kimaki',
						'claude-code',
						'curl',
						'ci',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
					),
				),
				array(
					'type'        => 'flag',
					'name'        => 'porcelain',
					'description' => 'Print the token alone, or with --for the configuration alone.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine agent token',
			'target'    => 'agents token',
			'shortdesc' => 'Create and revoke tokens of an agent, or list them.',
			'longdesc'  => 'Whoever has a token acts as the agent: with its owner\'s rights, below the token\'s limit. It is shown once; what is stored is a hash. A revoked token ends at once. --format is for lists.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'action',
					'description' => 'create, revoke or list.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'positional',
					'name'        => 'slug',
					'description' => 'Slug or id of the agent; digits are an id.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'positional',
					'name'        => 'token_id',
					'description' => 'The token to revoke.',
					'optional'    => true,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'label',
					'description' => 'What the token is for.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'label',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'expires-in',
					'description' => 'Seconds until it ends; absent or 0: it has no end.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'seconds',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'capabilities',
					'description' => 'What it is limited to, a JSON list; absent: no limit.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'json',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'for',
					'description' => 'The runtime to print configuration for; absent: variables for any.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'runtime',
					),
					'options'     => array(
						'env',
						'opencode',
						'kimaki',
						'claude-code',
						'curl',
						'ci',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
					),
				),
				array(
					'type'        => 'flag',
					'name'        => 'porcelain',
					'description' => 'Print the token alone, or with --for the configuration alone.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine batch cancel',
			'target'    => 'batch cancel',
			'shortdesc' => 'Cancel a batch and its unfinished children.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'batch_id',
					'description' => 'The id of the batch\'s parent job.',
					'optional'    => false,
					'repeating'   => false,
				),
			),
		),
		array(
			'path'      => 'datamachine batch list',
			'target'    => 'batch list',
			'shortdesc' => 'List batches, newest first.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'status',
					'description' => 'Only batches whose status begins so.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'status',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
						'ids',
						'count',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine batch status',
			'target'    => 'batch status',
			'shortdesc' => 'Show one batch.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'batch_id',
					'description' => 'The id of the batch\'s parent job.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine cycle',
			'target'    => 'cycle',
			'shortdesc' => 'Start every flow that is due, then do what is due in the queue.',
			'longdesc'  => 'Due are flows whose interval or cron expression says so. A manual flow is started in each cycle if
its schedule says so: flows update <id> --scheduling=\'{"cycle_policy":"every_cycle"}\'.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'cycle',
					'description' => 'A name for this cycle; its jobs carry it.',
					'optional'    => true,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
					),
				),
				array(
					'type'        => 'flag',
					'name'        => 'dry-run',
					'description' => 'Only name the flows.',
					'optional'    => true,
				),
				array(
					'type'        => 'flag',
					'name'        => 'drain',
					'description' => 'Do the work here (the default); --no-drain leaves it to the workers.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine drain',
			'target'    => 'drain',
			'shortdesc' => 'Do what is due in the queue until nothing is, or until the budget is used up.',
			'longdesc'  => 'It works beside whatever workers run: each doorbell is done by one of them only.
A step that is under way when the budget ends is finished.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'limit',
					'description' => 'How many doorbells at most; 0 for no limit.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'number',
					),
					'default'     => '0',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'batch-size',
					'description' => 'How many to claim at once.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'number',
					),
					'default'     => '25',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'time-limit',
					'description' => 'Begin nothing new after so many seconds; 0 for no limit.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'seconds',
					),
					'default'     => '0',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'stop-before-timeout',
					'description' => 'End this many seconds before the time limit.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'seconds',
					),
					'default'     => '0',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'job-id',
					'description' => 'Only these jobs and their children, separated by commas.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'ids',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine external add',
			'target'    => 'external add',
			'shortdesc' => 'Store a token that another site gave.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'site',
					'description' => 'The other site: example.com, https://example.com/blog.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'positional',
					'name'        => 'agent_slug',
					'description' => 'Slug of the agent there.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'token',
					'description' => 'The token. Without it, standard input: other users of the machine see command lines.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'token',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'agent-id',
					'description' => 'Id of the agent there.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'id',
					),
				),
				array(
					'type'        => 'flag',
					'name'        => 'verify',
					'description' => 'Ask the site first whose token it is; store nothing when it does not say.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine external call',
			'target'    => 'external call',
			'shortdesc' => 'Send a request to another site with a stored token.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'key',
					'description' => 'Site and agent as the list shows them: example.com/bot.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'positional',
					'name'        => 'method',
					'description' => 'GET, POST, PUT, PATCH or DELETE.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'positional',
					'name'        => 'path',
					'description' => 'A path there, or an address on the same host.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'body',
					'description' => 'JSON to send; - reads standard input.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'json',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'header',
					'description' => 'A header to send, name: value; the native command line takes several.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'header',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'timeout',
					'description' => 'Seconds for all of it, up to 300.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'seconds',
					),
					'default'     => '30',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'json',
					'options'     => array(
						'json',
						'raw',
						'table',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine external connect',
			'target'    => 'external connect',
			'shortdesc' => 'Begin to get a token from another site, in a browser.',
			'longdesc'  => 'Open the address in a browser where you are signed in to this site as an administrator. The other site asks the agent\'s owner there and sends the browser back here. The address can be used once, within ten minutes; with --user only by that user.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'site',
					'description' => 'The other site: example.com, https://example.com/blog.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'positional',
					'name'        => 'agent_slug',
					'description' => 'Slug of the agent there.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'label',
					'description' => 'What the token is called there.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'label',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'redirect-uri',
					'description' => 'Our callback as the other site knows it, used as it is; for sites that allow one exact address.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'uri',
					),
				),
				array(
					'type'        => 'flag',
					'name'        => 'open',
					'description' => 'Open the address in this machine\'s browser.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine external list',
			'target'    => 'external list',
			'shortdesc' => 'List stored tokens.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine external remove',
			'target'    => 'external remove',
			'shortdesc' => 'Forget a stored token.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'key',
					'description' => 'Site and agent as the list shows them: example.com/bot.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'flag',
					'name'        => 'yes',
					'description' => 'Do not ask.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine external show',
			'target'    => 'external show',
			'shortdesc' => 'Show a stored token.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'key',
					'description' => 'Site and agent as the list shows them: example.com/bot.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'flag',
					'name'        => 'show-token',
					'description' => 'Print the token itself instead of its end.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine external test',
			'target'    => 'external test',
			'shortdesc' => 'Ask another site whose token it is that we have.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'key',
					'description' => 'Site and agent as the list shows them: example.com/bot.',
					'optional'    => false,
					'repeating'   => false,
				),
			),
		),
		array(
			'path'      => 'datamachine flows',
			'target'    => 'flows',
			'shortdesc' => 'List, show, create, change, schedule and run flows.',
			'longdesc'  => 'flows list [<pipeline_id>]  list flows (also: flows, flows <pipeline_id>)
flows get <id>              show one flow (also: flows show <id>)
flows create                make a flow of --pipeline_id, called --name
flows run <id>              start a run, and wait for its end; --timestamp, --count
flows update <id>           change --name, --scheduling, --retry, or its steps: --handler-config,
                            --set-user-message, with --step where there are several
flows delete <id>           delete a flow; what it still does is cancelled
flows pause <id>            start it no more (also: --pipeline=<id>, --agent=<slug>)
flows resume <id>           start it again by its schedule (also: --pipeline=<id>, --agent=<slug>)
flows memory-files <id>     list the memory files of its prompts; --add, --remove
flows queue list <id>       what waits at the AI step, or the one of --step (also: flows queue <id>)
flows queue add <id> <text> put a prompt at the end; --patch=<json> for a fetch step
flows queue update <id> <index> <text>, remove <id> <index>, move <id> <from> <to>, clear <id>
flows queue mode <id> static|drain|loop
flows queue validate <id> <text>  whether there is a post or a prompt like it
flows list-handlers <id>    the handlers of its steps with their settings
flows add-handler <id> --handler=<slug>, remove-handler <id> --handler=<slug>; --step, --config
flows bulk-config --pipeline=<id>|--all --handler=<slug>  the same settings in many flows:
                            --config, --target-handler, --field-map, --set-user-message, --step-type;
                            --dry-run says what would change',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'args',
					'description' => 'list [<pipeline_id>], get <id>, create, run <id>, update <id>, delete <id>, pause, resume, queue.',
					'optional'    => true,
					'repeating'   => true,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'handler',
					'description' => 'Only flows that use this handler; the handler to add or remove.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'slug',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'per_page',
					'description' => 'How many.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'number',
					),
					'default'     => '20',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'offset',
					'description' => 'How many to leave out first.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'number',
					),
					'default'     => '0',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'id',
					'description' => 'Only this flow.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'flow_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
						'ids',
						'count',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'fields',
					'description' => 'Limit output to these fields, separated by commas.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'fields',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'count',
					'description' => 'How many runs to start, 1 to 10.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'number',
					),
					'default'     => '1',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'timestamp',
					'description' => 'When to run it once, as a Unix time.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'unix',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'pipeline_id',
					'description' => 'The pipeline of the new flow.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'name',
					'description' => 'The flow\'s name.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'name',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'step_configs',
					'description' => 'Settings of the new flow\'s steps, by step type or step id.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'json',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'scheduling',
					'description' => 'When the flow runs: manual, one_time, an interval (hourly, daily, ...) or a cron expression in UTC. New flows are manual.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'interval',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'scheduled-at',
					'description' => 'The moment of --scheduling=one_time; UTC, if it says nothing.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'datetime',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'retry',
					'description' => 'How often a step that fails is tried, as {max_attempts, backoff, factor}; none for once.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'json',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'pipeline',
					'description' => 'All flows of this pipeline.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'agent',
					'description' => 'Only flows of this agent; the new flow\'s agent.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'slug_or_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'add',
					'description' => 'A memory file to attach.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'filename',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'remove',
					'description' => 'An attached memory file to take away.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'filename',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'step',
					'description' => 'The step that is meant, where there are several.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'flow_step_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'patch',
					'description' => 'Settings for one run of a fetch step.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'json',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'handler-config',
					'description' => 'Settings of a handler; those not named stay.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'json',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'config',
					'description' => 'The same as --handler-config.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'json',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'set-user-message',
					'description' => 'The one prompt of the AI step; empty takes it away.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'text',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'step-type',
					'description' => 'bulk-config: only steps of this type.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'type',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'target-handler',
					'description' => 'bulk-config: the handler to change to.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'slug',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'field-map',
					'description' => 'bulk-config: settings to carry over, old name to new.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'json',
					),
				),
				array(
					'type'        => 'flag',
					'name'        => 'drain',
					'description' => 'Wait until the run has ended (the default); --no-drain returns at once.',
					'optional'    => true,
				),
				array(
					'type'        => 'flag',
					'name'        => 'dry-run',
					'description' => 'Say what would be done.',
					'optional'    => true,
				),
				array(
					'type'        => 'flag',
					'name'        => 'yes',
					'description' => 'Do not ask.',
					'optional'    => true,
				),
				array(
					'type'        => 'flag',
					'name'        => 'skip-validation',
					'description' => 'Add a prompt even if there is a post or a prompt like it.',
					'optional'    => true,
				),
				array(
					'type'        => 'flag',
					'name'        => 'all',
					'description' => 'bulk-config: every flow that uses --handler.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine flow',
			'target'    => 'flows',
			'shortdesc' => 'List, show, create, change, schedule and run flows.',
			'longdesc'  => 'flows list [<pipeline_id>]  list flows (also: flows, flows <pipeline_id>)
flows get <id>              show one flow (also: flows show <id>)
flows create                make a flow of --pipeline_id, called --name
flows run <id>              start a run, and wait for its end; --timestamp, --count
flows update <id>           change --name, --scheduling, --retry, or its steps: --handler-config,
                            --set-user-message, with --step where there are several
flows delete <id>           delete a flow; what it still does is cancelled
flows pause <id>            start it no more (also: --pipeline=<id>, --agent=<slug>)
flows resume <id>           start it again by its schedule (also: --pipeline=<id>, --agent=<slug>)
flows memory-files <id>     list the memory files of its prompts; --add, --remove
flows queue list <id>       what waits at the AI step, or the one of --step (also: flows queue <id>)
flows queue add <id> <text> put a prompt at the end; --patch=<json> for a fetch step
flows queue update <id> <index> <text>, remove <id> <index>, move <id> <from> <to>, clear <id>
flows queue mode <id> static|drain|loop
flows queue validate <id> <text>  whether there is a post or a prompt like it
flows list-handlers <id>    the handlers of its steps with their settings
flows add-handler <id> --handler=<slug>, remove-handler <id> --handler=<slug>; --step, --config
flows bulk-config --pipeline=<id>|--all --handler=<slug>  the same settings in many flows:
                            --config, --target-handler, --field-map, --set-user-message, --step-type;
                            --dry-run says what would change',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'args',
					'description' => 'list [<pipeline_id>], get <id>, create, run <id>, update <id>, delete <id>, pause, resume, queue.',
					'optional'    => true,
					'repeating'   => true,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'handler',
					'description' => 'Only flows that use this handler; the handler to add or remove.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'slug',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'per_page',
					'description' => 'How many.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'number',
					),
					'default'     => '20',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'offset',
					'description' => 'How many to leave out first.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'number',
					),
					'default'     => '0',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'id',
					'description' => 'Only this flow.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'flow_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
						'ids',
						'count',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'fields',
					'description' => 'Limit output to these fields, separated by commas.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'fields',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'count',
					'description' => 'How many runs to start, 1 to 10.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'number',
					),
					'default'     => '1',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'timestamp',
					'description' => 'When to run it once, as a Unix time.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'unix',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'pipeline_id',
					'description' => 'The pipeline of the new flow.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'name',
					'description' => 'The flow\'s name.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'name',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'step_configs',
					'description' => 'Settings of the new flow\'s steps, by step type or step id.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'json',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'scheduling',
					'description' => 'When the flow runs: manual, one_time, an interval (hourly, daily, ...) or a cron expression in UTC. New flows are manual.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'interval',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'scheduled-at',
					'description' => 'The moment of --scheduling=one_time; UTC, if it says nothing.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'datetime',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'retry',
					'description' => 'How often a step that fails is tried, as {max_attempts, backoff, factor}; none for once.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'json',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'pipeline',
					'description' => 'All flows of this pipeline.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'agent',
					'description' => 'Only flows of this agent; the new flow\'s agent.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'slug_or_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'add',
					'description' => 'A memory file to attach.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'filename',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'remove',
					'description' => 'An attached memory file to take away.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'filename',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'step',
					'description' => 'The step that is meant, where there are several.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'flow_step_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'patch',
					'description' => 'Settings for one run of a fetch step.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'json',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'handler-config',
					'description' => 'Settings of a handler; those not named stay.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'json',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'config',
					'description' => 'The same as --handler-config.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'json',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'set-user-message',
					'description' => 'The one prompt of the AI step; empty takes it away.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'text',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'step-type',
					'description' => 'bulk-config: only steps of this type.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'type',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'target-handler',
					'description' => 'bulk-config: the handler to change to.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'slug',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'field-map',
					'description' => 'bulk-config: settings to carry over, old name to new.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'json',
					),
				),
				array(
					'type'        => 'flag',
					'name'        => 'drain',
					'description' => 'Wait until the run has ended (the default); --no-drain returns at once.',
					'optional'    => true,
				),
				array(
					'type'        => 'flag',
					'name'        => 'dry-run',
					'description' => 'Say what would be done.',
					'optional'    => true,
				),
				array(
					'type'        => 'flag',
					'name'        => 'yes',
					'description' => 'Do not ask.',
					'optional'    => true,
				),
				array(
					'type'        => 'flag',
					'name'        => 'skip-validation',
					'description' => 'Add a prompt even if there is a post or a prompt like it.',
					'optional'    => true,
				),
				array(
					'type'        => 'flag',
					'name'        => 'all',
					'description' => 'bulk-config: every flow that uses --handler.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine handlers defaults',
			'target'    => 'handlers defaults',
			'shortdesc' => 'Show what this site uses for settings that a step does not have.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'slug',
					'description' => 'The handler; all of them without.',
					'optional'    => true,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine handler defaults',
			'target'    => 'handlers defaults',
			'shortdesc' => 'Show what this site uses for settings that a step does not have.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'slug',
					'description' => 'The handler; all of them without.',
					'optional'    => true,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine handlers fields',
			'target'    => 'handlers fields',
			'shortdesc' => 'Show the settings of a handler.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'slug',
					'description' => 'The handler.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine handler fields',
			'target'    => 'handlers fields',
			'shortdesc' => 'Show the settings of a handler.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'slug',
					'description' => 'The handler.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine handlers list',
			'target'    => 'handlers list',
			'shortdesc' => 'List handlers.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'step-type',
					'description' => 'Only handlers of this type of step.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'step_type',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'handler',
					'description' => 'Only this handler.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'slug',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
						'ids',
						'count',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine handler list',
			'target'    => 'handlers list',
			'shortdesc' => 'List handlers.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'step-type',
					'description' => 'Only handlers of this type of step.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'step_type',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'handler',
					'description' => 'Only this handler.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'slug',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
						'ids',
						'count',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine handlers validate',
			'target'    => 'handlers validate',
			'shortdesc' => 'Check that a handler exists.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'slug',
					'description' => 'The handler.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'step-type',
					'description' => 'It must be of this type of step.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'step_type',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine handler validate',
			'target'    => 'handlers validate',
			'shortdesc' => 'Check that a handler exists.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'slug',
					'description' => 'The handler.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'step-type',
					'description' => 'It must be of this type of step.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'step_type',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine jobs cancel',
			'target'    => 'jobs cancel',
			'shortdesc' => 'End an unfinished job and its children; nothing more of it runs.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'job_id',
					'description' => 'The job\'s id.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'reason',
					'description' => 'Why.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'reason',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine job cancel',
			'target'    => 'jobs cancel',
			'shortdesc' => 'End an unfinished job and its children; nothing more of it runs.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'job_id',
					'description' => 'The job\'s id.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'reason',
					'description' => 'Why.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'reason',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine jobs cleanup',
			'target'    => 'jobs cleanup',
			'shortdesc' => 'Delete old jobs that have ended.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'older-than',
					'description' => 'How old: 30d, 12h, 2w.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'duration',
					),
					'default'     => '30d',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'status',
					'description' => 'Only jobs whose status begins so.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'status',
					),
					'default'     => 'failed',
				),
				array(
					'type'        => 'flag',
					'name'        => 'dry-run',
					'description' => 'Only say how many there are.',
					'optional'    => true,
				),
				array(
					'type'        => 'flag',
					'name'        => 'yes',
					'description' => 'Do not ask.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine job cleanup',
			'target'    => 'jobs cleanup',
			'shortdesc' => 'Delete old jobs that have ended.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'older-than',
					'description' => 'How old: 30d, 12h, 2w.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'duration',
					),
					'default'     => '30d',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'status',
					'description' => 'Only jobs whose status begins so.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'status',
					),
					'default'     => 'failed',
				),
				array(
					'type'        => 'flag',
					'name'        => 'dry-run',
					'description' => 'Only say how many there are.',
					'optional'    => true,
				),
				array(
					'type'        => 'flag',
					'name'        => 'yes',
					'description' => 'Do not ask.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine jobs delete',
			'target'    => 'jobs delete',
			'shortdesc' => 'Delete all jobs, or the failed ones.',
			'longdesc'  => 'Jobs that have not ended are cancelled first.
With --cleanup-processed their flows take the same items in again.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'type',
					'description' => 'Which jobs: all, or those that failed.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'type',
					),
					'options'     => array(
						'all',
						'failed',
					),
				),
				array(
					'type'        => 'flag',
					'name'        => 'cleanup-processed',
					'description' => 'Also forget what they processed.',
					'optional'    => true,
				),
				array(
					'type'        => 'flag',
					'name'        => 'yes',
					'description' => 'Do not ask.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine job delete',
			'target'    => 'jobs delete',
			'shortdesc' => 'Delete all jobs, or the failed ones.',
			'longdesc'  => 'Jobs that have not ended are cancelled first.
With --cleanup-processed their flows take the same items in again.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'type',
					'description' => 'Which jobs: all, or those that failed.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'type',
					),
					'options'     => array(
						'all',
						'failed',
					),
				),
				array(
					'type'        => 'flag',
					'name'        => 'cleanup-processed',
					'description' => 'Also forget what they processed.',
					'optional'    => true,
				),
				array(
					'type'        => 'flag',
					'name'        => 'yes',
					'description' => 'Do not ask.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine jobs fail',
			'target'    => 'jobs fail',
			'shortdesc' => 'End a job that is processing as failed.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'job_id',
					'description' => 'The job\'s id.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'reason',
					'description' => 'Why.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'reason',
					),
					'default'     => 'manual',
				),
			),
		),
		array(
			'path'      => 'datamachine job fail',
			'target'    => 'jobs fail',
			'shortdesc' => 'End a job that is processing as failed.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'job_id',
					'description' => 'The job\'s id.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'reason',
					'description' => 'Why.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'reason',
					),
					'default'     => 'manual',
				),
			),
		),
		array(
			'path'      => 'datamachine jobs list',
			'target'    => 'jobs list',
			'shortdesc' => 'List jobs, newest first.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'status',
					'description' => 'Only jobs whose status begins so.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'status',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'flow',
					'description' => 'Only jobs of this flow.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'flow_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'source',
					'description' => 'Only jobs from this source (pipeline, chat, direct, ...).',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'source',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'since',
					'description' => 'Only jobs created at or after this date and time (UTC).',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'datetime',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'agent',
					'description' => 'Only jobs of this agent.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'slug_or_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'parent',
					'description' => 'Only children of this job.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'job_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'limit',
					'description' => 'How many.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'limit',
					),
					'default'     => '20',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
						'ids',
						'count',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'fields',
					'description' => 'Limit output to these fields, separated by commas.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'fields',
					),
				),
				array(
					'type'        => 'flag',
					'name'        => 'hide-children',
					'description' => 'Leave out jobs that came out of others.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine job list',
			'target'    => 'jobs list',
			'shortdesc' => 'List jobs, newest first.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'status',
					'description' => 'Only jobs whose status begins so.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'status',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'flow',
					'description' => 'Only jobs of this flow.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'flow_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'source',
					'description' => 'Only jobs from this source (pipeline, chat, direct, ...).',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'source',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'since',
					'description' => 'Only jobs created at or after this date and time (UTC).',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'datetime',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'agent',
					'description' => 'Only jobs of this agent.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'slug_or_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'parent',
					'description' => 'Only children of this job.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'job_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'limit',
					'description' => 'How many.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'limit',
					),
					'default'     => '20',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
						'ids',
						'count',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'fields',
					'description' => 'Limit output to these fields, separated by commas.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'fields',
					),
				),
				array(
					'type'        => 'flag',
					'name'        => 'hide-children',
					'description' => 'Leave out jobs that came out of others.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine jobs recover-stuck',
			'target'    => 'jobs recover-stuck',
			'shortdesc' => 'End jobs that nothing will ever go on with.',
			'longdesc'  => 'Jobs that somebody works on, that are due, or that wait for something, are left alone.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'flow',
					'description' => 'Only jobs of this flow.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'flow_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'timeout',
					'description' => 'Hours after which a job counts as stuck.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'hours',
					),
					'default'     => '2',
				),
				array(
					'type'        => 'flag',
					'name'        => 'dry-run',
					'description' => 'Only say what would be done.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine job recover-stuck',
			'target'    => 'jobs recover-stuck',
			'shortdesc' => 'End jobs that nothing will ever go on with.',
			'longdesc'  => 'Jobs that somebody works on, that are due, or that wait for something, are left alone.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'flow',
					'description' => 'Only jobs of this flow.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'flow_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'timeout',
					'description' => 'Hours after which a job counts as stuck.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'hours',
					),
					'default'     => '2',
				),
				array(
					'type'        => 'flag',
					'name'        => 'dry-run',
					'description' => 'Only say what would be done.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine jobs retry',
			'target'    => 'jobs retry',
			'shortdesc' => 'Start a new job where this one stopped.',
			'longdesc'  => 'The new job has the packets and the data the old one had, and begins with the step that failed.
The old job stays as it is; one that is processing, and that nobody works on, fails first.
Of a job that fanned out, the children that did not end well are retried.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'job_id',
					'description' => 'The job\'s id.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'flag',
					'name'        => 'force',
					'description' => 'Also one that ended well, runs, or was retried already.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine job retry',
			'target'    => 'jobs retry',
			'shortdesc' => 'Start a new job where this one stopped.',
			'longdesc'  => 'The new job has the packets and the data the old one had, and begins with the step that failed.
The old job stays as it is; one that is processing, and that nobody works on, fails first.
Of a job that fanned out, the children that did not end well are retried.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'job_id',
					'description' => 'The job\'s id.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'flag',
					'name'        => 'force',
					'description' => 'Also one that ended well, runs, or was retried already.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine jobs show',
			'target'    => 'jobs show',
			'shortdesc' => 'Show one job.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'job_id',
					'description' => 'The job\'s id.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine job show',
			'target'    => 'jobs show',
			'shortdesc' => 'Show one job.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'job_id',
					'description' => 'The job\'s id.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine jobs stuck',
			'target'    => 'jobs stuck',
			'shortdesc' => 'Unfinished jobs that have not moved for a while, and why.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'minutes',
					'description' => 'How long they have not moved.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'minutes',
					),
					'default'     => '5',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'flow',
					'description' => 'Only jobs of this flow.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'flow_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'agent',
					'description' => 'Only jobs of this agent.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'slug_or_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'limit',
					'description' => 'How many.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'limit',
					),
					'default'     => '50',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
						'ids',
						'count',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'fields',
					'description' => 'Limit output to these fields, separated by commas.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'fields',
					),
				),
				array(
					'type'        => 'flag',
					'name'        => 'all',
					'description' => 'Also those that run, or wait for a moment that will come.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine job stuck',
			'target'    => 'jobs stuck',
			'shortdesc' => 'Unfinished jobs that have not moved for a while, and why.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'minutes',
					'description' => 'How long they have not moved.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'minutes',
					),
					'default'     => '5',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'flow',
					'description' => 'Only jobs of this flow.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'flow_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'agent',
					'description' => 'Only jobs of this agent.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'slug_or_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'limit',
					'description' => 'How many.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'limit',
					),
					'default'     => '50',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
						'ids',
						'count',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'fields',
					'description' => 'Limit output to these fields, separated by commas.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'fields',
					),
				),
				array(
					'type'        => 'flag',
					'name'        => 'all',
					'description' => 'Also those that run, or wait for a moment that will come.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine jobs summary',
			'target'    => 'jobs summary',
			'shortdesc' => 'Count jobs by status.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
						'ids',
						'count',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'fields',
					'description' => 'Limit output to these fields, separated by commas.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'fields',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine job summary',
			'target'    => 'jobs summary',
			'shortdesc' => 'Count jobs by status.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
						'ids',
						'count',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'fields',
					'description' => 'Limit output to these fields, separated by commas.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'fields',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine jobs transcript',
			'target'    => 'jobs transcript',
			'shortdesc' => 'Show the conversation of a job\'s AI step.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'job_id',
					'description' => 'The job\'s id.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
					),
				),
				array(
					'type'        => 'flag',
					'name'        => 'raw',
					'description' => 'The messages as they are stored.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine job transcript',
			'target'    => 'jobs transcript',
			'shortdesc' => 'Show the conversation of a job\'s AI step.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'job_id',
					'description' => 'The job\'s id.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
					),
				),
				array(
					'type'        => 'flag',
					'name'        => 'raw',
					'description' => 'The messages as they are stored.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine jobs undo',
			'target'    => 'jobs undo',
			'shortdesc' => 'Take back what a job changed in WordPress.',
			'longdesc'  => 'Only effects that the job wrote down of itself, the last one first.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'job_id',
					'description' => 'The job\'s id.',
					'optional'    => true,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'task-type',
					'description' => 'Undo every job of this task instead.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'type',
					),
				),
				array(
					'type'        => 'flag',
					'name'        => 'dry-run',
					'description' => 'Only say what would be undone.',
					'optional'    => true,
				),
				array(
					'type'        => 'flag',
					'name'        => 'force',
					'description' => 'Also what was undone already.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine job undo',
			'target'    => 'jobs undo',
			'shortdesc' => 'Take back what a job changed in WordPress.',
			'longdesc'  => 'Only effects that the job wrote down of itself, the last one first.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'job_id',
					'description' => 'The job\'s id.',
					'optional'    => true,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'task-type',
					'description' => 'Undo every job of this task instead.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'type',
					),
				),
				array(
					'type'        => 'flag',
					'name'        => 'dry-run',
					'description' => 'Only say what would be undone.',
					'optional'    => true,
				),
				array(
					'type'        => 'flag',
					'name'        => 'force',
					'description' => 'Also what was undone already.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine jobs watch',
			'target'    => 'jobs watch',
			'shortdesc' => 'Show a run as it happens, until it ends.',
			'longdesc'  => 'On a terminal of the sidecar\'s own program it is a table that changes, elsewhere a line a change.
Exits 0 when the job ended well, 1 when it failed or was cancelled, 2 when time was up.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'job_id',
					'description' => 'The job\'s id.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'timeout',
					'description' => 'Stop watching after so many seconds; 0: never.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'seconds',
					),
					'default'     => '0',
				),
			),
		),
		array(
			'path'      => 'datamachine job watch',
			'target'    => 'jobs watch',
			'shortdesc' => 'Show a run as it happens, until it ends.',
			'longdesc'  => 'On a terminal of the sidecar\'s own program it is a table that changes, elsewhere a line a change.
Exits 0 when the job ended well, 1 when it failed or was cancelled, 2 when time was up.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'job_id',
					'description' => 'The job\'s id.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'timeout',
					'description' => 'Stop watching after so many seconds; 0: never.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'seconds',
					),
					'default'     => '0',
				),
			),
		),
		array(
			'path'      => 'datamachine memory compose',
			'target'    => 'memory compose',
			'shortdesc' => 'Write files that are composed from sections, such as AGENTS.md.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'filename',
					'description' => 'Only this file.',
					'optional'    => true,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'agent',
					'description' => 'Slug or id of the agent; absent: the acting agent, else the default agent.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'slug',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
					),
				),
				array(
					'type'        => 'flag',
					'name'        => 'list',
					'description' => 'List the sections instead.',
					'optional'    => true,
				),
				array(
					'type'        => 'flag',
					'name'        => 'quiet',
					'description' => 'Say nothing but errors.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine memory daily',
			'target'    => 'memory daily',
			'shortdesc' => 'Read and write an agent\'s notes of a day.',
			'longdesc'  => 'daily list                       days that have notes
daily read [<date>]              print a day\'s notes
daily write [<date>] <content>   replace them
daily append [<date>] <content>  add below them
daily delete <date>              remove them
daily search <query>             find text; --from and --to limit the days

Days are those of UTC. The setting daily_memory_enabled does not matter here.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'action',
					'description' => 'What to do.',
					'optional'    => false,
					'repeating'   => false,
					'options'     => array(
						'list',
						'read',
						'write',
						'append',
						'delete',
						'search',
					),
				),
				array(
					'type'        => 'positional',
					'name'        => 'date',
					'description' => 'The day, YYYY-MM-DD; today when a single word is the content.',
					'optional'    => true,
					'repeating'   => false,
				),
				array(
					'type'        => 'positional',
					'name'        => 'content',
					'description' => 'The content; - reads standard input.',
					'optional'    => true,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'agent',
					'description' => 'Slug or id of the agent; absent: the acting agent, else the default agent.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'slug',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'from',
					'description' => 'The first day to search.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'date',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'to',
					'description' => 'The last day to search.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'date',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine memory delete',
			'target'    => 'memory delete',
			'shortdesc' => 'Remove a section of a memory file.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'file_or_section',
					'description' => 'The file, when a section follows; else the section of MEMORY.md.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'positional',
					'name'        => 'section',
					'description' => 'The section.',
					'optional'    => true,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'agent',
					'description' => 'Slug or id of the agent; absent: the acting agent, else the default agent.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'slug',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine memory files',
			'target'    => 'memory files',
			'shortdesc' => 'List an agent\'s memory files, or tell which are old.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'action',
					'description' => 'list, or check.',
					'optional'    => false,
					'repeating'   => false,
					'options'     => array(
						'list',
						'check',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'agent',
					'description' => 'Slug or id of the agent; absent: the acting agent, else the default agent.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'slug',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'days',
					'description' => 'check: files not changed for this many days are stale.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'days',
					),
					'default'     => '7',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine memory inject',
			'target'    => 'memory inject',
			'shortdesc' => 'Print an agent\'s memory as a prompt of a mode begins with it.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'agent',
					'description' => 'Slug or id of the agent; absent: the acting agent, else the default agent.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'slug',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'mode',
					'description' => 'chat, pipeline, system, or a mode of a plugin.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'mode',
					),
					'default'     => 'chat',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'pipeline',
					'description' => 'With the files attached to this pipeline.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'flow',
					'description' => 'With the files attached to this flow.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'text',
					'options'     => array(
						'text',
						'json',
						'table',
						'csv',
						'yaml',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine memory paths',
			'target'    => 'memory paths',
			'shortdesc' => 'Print where an agent\'s memory files are.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'agent',
					'description' => 'Slug or id of the agent; one that does not exist yet has paths too.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'slug',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'json',
					'options'     => array(
						'json',
						'table',
					),
				),
				array(
					'type'        => 'flag',
					'name'        => 'relative',
					'description' => 'Paths below WordPress\'s root in the table; JSON has both.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine memory read',
			'target'    => 'memory read',
			'shortdesc' => 'Print a memory file or one of its sections.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'file_or_section',
					'description' => 'A file (ends in .md), else a section of MEMORY.md.',
					'optional'    => true,
					'repeating'   => false,
				),
				array(
					'type'        => 'positional',
					'name'        => 'section',
					'description' => 'A section of that file.',
					'optional'    => true,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'agent',
					'description' => 'Slug or id of the agent; absent: the acting agent, else the default agent.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'slug',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine memory search',
			'target'    => 'memory search',
			'shortdesc' => 'Find text in a memory file.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'query',
					'description' => 'What to look for, in any case.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'file',
					'description' => 'The file that is meant.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'file',
					),
					'default'     => 'MEMORY.md',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'agent',
					'description' => 'Slug or id of the agent; absent: the acting agent, else the default agent.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'slug',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'section',
					'description' => 'Only in this section.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'section',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine memory sections',
			'target'    => 'memory sections',
			'shortdesc' => 'List the sections of a memory file.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'file',
					'description' => 'The file that is meant.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'file',
					),
					'default'     => 'MEMORY.md',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'agent',
					'description' => 'Slug or id of the agent; absent: the acting agent, else the default agent.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'slug',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine memory write',
			'target'    => 'memory write',
			'shortdesc' => 'Write a section of a memory file, or add to it.',
			'longdesc'  => 'The last word may be - to take the content from standard input. With --from-file the words are [<file>] <section>.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'file_or_section',
					'description' => 'The file, when a section and content follow; else the section.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'positional',
					'name'        => 'section_or_content',
					'description' => 'The section, or its content.',
					'optional'    => true,
					'repeating'   => false,
				),
				array(
					'type'        => 'positional',
					'name'        => 'content',
					'description' => 'The content; - reads standard input.',
					'optional'    => true,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'from-file',
					'description' => 'Read the content from this file.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'path',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'agent',
					'description' => 'Slug or id of the agent; absent: the acting agent, else the default agent.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'slug',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'mode',
					'description' => 'Write mode.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'mode',
					),
					'default'     => 'set',
					'options'     => array(
						'set',
						'append',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine pipelines',
			'target'    => 'pipelines',
			'shortdesc' => 'List, show, create, change and delete pipelines.',
			'longdesc'  => 'pipelines list               list pipelines (also: pipelines)
pipelines get <id>           show one (also: pipelines <id>)
pipelines create             make a pipeline called --name, with --steps
pipelines update <id>        change --name, --config, --set-system-prompt
pipelines delete <id>        remove it with its flows; --force does not ask
pipelines duplicate <id>     copy it with its flows, as --name
pipelines export [<id>...]   print a CSV file of some or all, without secrets
pipelines import <file>      make or change what a CSV file describes (- reads standard input)
pipelines memory-files <id>  list the memory files of its prompts; --add, --remove',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'args',
					'description' => 'list, get <id>, create, update <id>, delete <id>, duplicate <id>, export [<id>...], import <file>, memory-files <id>.',
					'optional'    => true,
					'repeating'   => true,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'per_page',
					'description' => 'How many.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'number',
					),
					'default'     => '20',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'offset',
					'description' => 'How many to leave out first.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'number',
					),
					'default'     => '0',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
						'ids',
						'count',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'fields',
					'description' => 'Limit output to these fields, separated by commas.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'fields',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'search',
					'description' => 'Only pipelines whose name holds this.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'search',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'name',
					'description' => 'Name of the new pipeline, or the new name.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'name',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'steps',
					'description' => 'Steps of the new pipeline: [{"step_type": "fetch"}, ...].',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'json',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'config',
					'description' => 'New settings of steps, by step id: {"3_...": {"system_prompt": "...", "disabled_tools": []}}.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'json',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'set-system-prompt',
					'description' => 'New system prompt of the only AI step, or of --step.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'text',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'step',
					'description' => 'The step that --set-system-prompt is for.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'pipeline_step_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'agent',
					'description' => 'Only pipelines of this agent; the agent of the new pipeline.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'slug_or_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'add',
					'description' => 'A memory file to attach.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'filename',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'remove',
					'description' => 'An attached memory file to take away.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'filename',
					),
				),
				array(
					'type'        => 'flag',
					'name'        => 'force',
					'description' => 'Do not ask before deleting.',
					'optional'    => true,
				),
				array(
					'type'        => 'flag',
					'name'        => 'dry-run',
					'description' => 'Say what would be created.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine pipeline',
			'target'    => 'pipelines',
			'shortdesc' => 'List, show, create, change and delete pipelines.',
			'longdesc'  => 'pipelines list               list pipelines (also: pipelines)
pipelines get <id>           show one (also: pipelines <id>)
pipelines create             make a pipeline called --name, with --steps
pipelines update <id>        change --name, --config, --set-system-prompt
pipelines delete <id>        remove it with its flows; --force does not ask
pipelines duplicate <id>     copy it with its flows, as --name
pipelines export [<id>...]   print a CSV file of some or all, without secrets
pipelines import <file>      make or change what a CSV file describes (- reads standard input)
pipelines memory-files <id>  list the memory files of its prompts; --add, --remove',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'args',
					'description' => 'list, get <id>, create, update <id>, delete <id>, duplicate <id>, export [<id>...], import <file>, memory-files <id>.',
					'optional'    => true,
					'repeating'   => true,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'per_page',
					'description' => 'How many.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'number',
					),
					'default'     => '20',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'offset',
					'description' => 'How many to leave out first.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'number',
					),
					'default'     => '0',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
						'ids',
						'count',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'fields',
					'description' => 'Limit output to these fields, separated by commas.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'fields',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'search',
					'description' => 'Only pipelines whose name holds this.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'search',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'name',
					'description' => 'Name of the new pipeline, or the new name.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'name',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'steps',
					'description' => 'Steps of the new pipeline: [{"step_type": "fetch"}, ...].',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'json',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'config',
					'description' => 'New settings of steps, by step id: {"3_...": {"system_prompt": "...", "disabled_tools": []}}.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'json',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'set-system-prompt',
					'description' => 'New system prompt of the only AI step, or of --step.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'text',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'step',
					'description' => 'The step that --set-system-prompt is for.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'pipeline_step_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'agent',
					'description' => 'Only pipelines of this agent; the agent of the new pipeline.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'slug_or_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'add',
					'description' => 'A memory file to attach.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'filename',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'remove',
					'description' => 'An attached memory file to take away.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'filename',
					),
				),
				array(
					'type'        => 'flag',
					'name'        => 'force',
					'description' => 'Do not ask before deleting.',
					'optional'    => true,
				),
				array(
					'type'        => 'flag',
					'name'        => 'dry-run',
					'description' => 'Say what would be created.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine plugins list',
			'target'    => 'plugins list',
			'shortdesc' => 'List Python plugins in the order they loaded, with what went wrong.',
			'longdesc'  => 'Fields: name, source, location, version, status, hooks, registrations, error.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
						'ids',
						'count',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'fields',
					'description' => 'Limit output to these fields, separated by commas.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'fields',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine processed-items audit',
			'target'    => 'processed-items audit',
			'shortdesc' => 'Show how much each step of each flow has taken in.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'handler',
					'description' => 'Only of this source.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'handler_type',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'pipeline',
					'description' => 'Only of the flows of this pipeline.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'pipeline_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'min-waste',
					'description' => 'Only steps that took in so many or more.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'count',
					),
					'default'     => '10',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'csv',
						'json',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine processed-item audit',
			'target'    => 'processed-items audit',
			'shortdesc' => 'Show how much each step of each flow has taken in.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'handler',
					'description' => 'Only of this source.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'handler_type',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'pipeline',
					'description' => 'Only of the flows of this pipeline.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'pipeline_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'min-waste',
					'description' => 'Only steps that took in so many or more.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'count',
					),
					'default'     => '10',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'csv',
						'json',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine processed-items check',
			'target'    => 'processed-items check',
			'shortdesc' => 'Say whether a step has taken in an item.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'flow-step',
					'description' => 'A step of a flow, as {pipeline step}_{flow}.',
					'optional'    => false,
					'value'       => array(
						'optional' => false,
						'name'     => 'flow_step_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'source',
					'description' => 'For example rss or wordpress_local.',
					'optional'    => false,
					'value'       => array(
						'optional' => false,
						'name'     => 'source_type',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'item',
					'description' => 'The item: a guid, an address, a post\'s id.',
					'optional'    => false,
					'value'       => array(
						'optional' => false,
						'name'     => 'item_identifier',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine processed-item check',
			'target'    => 'processed-items check',
			'shortdesc' => 'Say whether a step has taken in an item.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'flow-step',
					'description' => 'A step of a flow, as {pipeline step}_{flow}.',
					'optional'    => false,
					'value'       => array(
						'optional' => false,
						'name'     => 'flow_step_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'source',
					'description' => 'For example rss or wordpress_local.',
					'optional'    => false,
					'value'       => array(
						'optional' => false,
						'name'     => 'source_type',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'item',
					'description' => 'The item: a guid, an address, a post\'s id.',
					'optional'    => false,
					'value'       => array(
						'optional' => false,
						'name'     => 'item_identifier',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine processed-items cleanup-orphans',
			'target'    => 'processed-items cleanup-orphans',
			'shortdesc' => 'Forget items whose jobs are gone.',
			'longdesc'  => 'Jobs are removed by age; what they took in counts as taken in still. Without --flow only administrators may.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'flow',
					'description' => 'Only of this flow.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'flow_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
					),
				),
				array(
					'type'        => 'flag',
					'name'        => 'dry-run',
					'description' => 'Only say how many there are.',
					'optional'    => true,
				),
				array(
					'type'        => 'flag',
					'name'        => 'yes',
					'description' => 'Do not ask.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine processed-item cleanup-orphans',
			'target'    => 'processed-items cleanup-orphans',
			'shortdesc' => 'Forget items whose jobs are gone.',
			'longdesc'  => 'Jobs are removed by age; what they took in counts as taken in still. Without --flow only administrators may.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'flow',
					'description' => 'Only of this flow.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'flow_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
					),
				),
				array(
					'type'        => 'flag',
					'name'        => 'dry-run',
					'description' => 'Only say how many there are.',
					'optional'    => true,
				),
				array(
					'type'        => 'flag',
					'name'        => 'yes',
					'description' => 'Do not ask.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine processed-items clear',
			'target'    => 'processed-items clear',
			'shortdesc' => 'Forget what was taken in, so that it is taken in again.',
			'longdesc'  => 'Several conditions have to be met all. Without --pipeline or --flow only administrators may.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'pipeline',
					'description' => 'Of the flows of this pipeline.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'pipeline_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'flow',
					'description' => 'Of this flow.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'flow_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'handler',
					'description' => 'Of this source (rss, wordpress_local, ...).',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'handler_type',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'after',
					'description' => 'Taken in at this time (UTC) or later.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'date',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'before',
					'description' => 'Taken in at this time (UTC) or earlier.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'date',
					),
				),
				array(
					'type'        => 'flag',
					'name'        => 'all',
					'description' => 'Everything.',
					'optional'    => true,
				),
				array(
					'type'        => 'flag',
					'name'        => 'dry-run',
					'description' => 'Only say how many there are.',
					'optional'    => true,
				),
				array(
					'type'        => 'flag',
					'name'        => 'yes',
					'description' => 'Do not ask.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine processed-item clear',
			'target'    => 'processed-items clear',
			'shortdesc' => 'Forget what was taken in, so that it is taken in again.',
			'longdesc'  => 'Several conditions have to be met all. Without --pipeline or --flow only administrators may.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'pipeline',
					'description' => 'Of the flows of this pipeline.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'pipeline_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'flow',
					'description' => 'Of this flow.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'flow_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'handler',
					'description' => 'Of this source (rss, wordpress_local, ...).',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'handler_type',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'after',
					'description' => 'Taken in at this time (UTC) or later.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'date',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'before',
					'description' => 'Taken in at this time (UTC) or earlier.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'date',
					),
				),
				array(
					'type'        => 'flag',
					'name'        => 'all',
					'description' => 'Everything.',
					'optional'    => true,
				),
				array(
					'type'        => 'flag',
					'name'        => 'dry-run',
					'description' => 'Only say how many there are.',
					'optional'    => true,
				),
				array(
					'type'        => 'flag',
					'name'        => 'yes',
					'description' => 'Do not ask.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine processed-items find-never-processed',
			'target'    => 'processed-items find-never-processed',
			'shortdesc' => 'Find items that were never taken in.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'flow-step-id',
					'description' => 'A step of a flow, as {pipeline step}_{flow}.',
					'optional'    => false,
					'value'       => array(
						'optional' => false,
						'name'     => 'flow_step_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'source-type',
					'description' => 'For example rss or wordpress_local.',
					'optional'    => false,
					'value'       => array(
						'optional' => false,
						'name'     => 'source_type',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'candidate-ids',
					'description' => 'Identifiers of items, separated by commas.',
					'optional'    => false,
					'value'       => array(
						'optional' => false,
						'name'     => 'csv',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'limit',
					'description' => 'How many to show at most.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'limit',
					),
					'default'     => '100',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine processed-item find-never-processed',
			'target'    => 'processed-items find-never-processed',
			'shortdesc' => 'Find items that were never taken in.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'flow-step-id',
					'description' => 'A step of a flow, as {pipeline step}_{flow}.',
					'optional'    => false,
					'value'       => array(
						'optional' => false,
						'name'     => 'flow_step_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'source-type',
					'description' => 'For example rss or wordpress_local.',
					'optional'    => false,
					'value'       => array(
						'optional' => false,
						'name'     => 'source_type',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'candidate-ids',
					'description' => 'Identifiers of items, separated by commas.',
					'optional'    => false,
					'value'       => array(
						'optional' => false,
						'name'     => 'csv',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'limit',
					'description' => 'How many to show at most.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'limit',
					),
					'default'     => '100',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine processed-items find-stale',
			'target'    => 'processed-items find-stale',
			'shortdesc' => 'Find items that were taken in long ago.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'flow-step-id',
					'description' => 'A step of a flow, as {pipeline step}_{flow}.',
					'optional'    => false,
					'value'       => array(
						'optional' => false,
						'name'     => 'flow_step_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'source-type',
					'description' => 'For example rss or wordpress_local.',
					'optional'    => false,
					'value'       => array(
						'optional' => false,
						'name'     => 'source_type',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'candidate-ids',
					'description' => 'Identifiers of items, separated by commas.',
					'optional'    => false,
					'value'       => array(
						'optional' => false,
						'name'     => 'csv',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'max-age-days',
					'description' => 'How many days ago at least.',
					'optional'    => false,
					'value'       => array(
						'optional' => false,
						'name'     => 'days',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'limit',
					'description' => 'How many to show at most.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'limit',
					),
					'default'     => '100',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine processed-item find-stale',
			'target'    => 'processed-items find-stale',
			'shortdesc' => 'Find items that were taken in long ago.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'flow-step-id',
					'description' => 'A step of a flow, as {pipeline step}_{flow}.',
					'optional'    => false,
					'value'       => array(
						'optional' => false,
						'name'     => 'flow_step_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'source-type',
					'description' => 'For example rss or wordpress_local.',
					'optional'    => false,
					'value'       => array(
						'optional' => false,
						'name'     => 'source_type',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'candidate-ids',
					'description' => 'Identifiers of items, separated by commas.',
					'optional'    => false,
					'value'       => array(
						'optional' => false,
						'name'     => 'csv',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'max-age-days',
					'description' => 'How many days ago at least.',
					'optional'    => false,
					'value'       => array(
						'optional' => false,
						'name'     => 'days',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'limit',
					'description' => 'How many to show at most.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'limit',
					),
					'default'     => '100',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine processed-items get-processed-at',
			'target'    => 'processed-items get-processed-at',
			'shortdesc' => 'Say when a step took in an item.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'flow-step-id',
					'description' => 'A step of a flow, as {pipeline step}_{flow}.',
					'optional'    => false,
					'value'       => array(
						'optional' => false,
						'name'     => 'flow_step_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'source-type',
					'description' => 'For example rss or wordpress_local.',
					'optional'    => false,
					'value'       => array(
						'optional' => false,
						'name'     => 'source_type',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'item-identifier',
					'description' => 'The item: a guid, an address, a post\'s id.',
					'optional'    => false,
					'value'       => array(
						'optional' => false,
						'name'     => 'item-identifier',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'yaml',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine processed-item get-processed-at',
			'target'    => 'processed-items get-processed-at',
			'shortdesc' => 'Say when a step took in an item.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'flow-step-id',
					'description' => 'A step of a flow, as {pipeline step}_{flow}.',
					'optional'    => false,
					'value'       => array(
						'optional' => false,
						'name'     => 'flow_step_id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'source-type',
					'description' => 'For example rss or wordpress_local.',
					'optional'    => false,
					'value'       => array(
						'optional' => false,
						'name'     => 'source_type',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'item-identifier',
					'description' => 'The item: a guid, an address, a post\'s id.',
					'optional'    => false,
					'value'       => array(
						'optional' => false,
						'name'     => 'item-identifier',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'yaml',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine processed-items history',
			'target'    => 'processed-items history',
			'shortdesc' => 'Say whether a step has ever taken in anything.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'flow-step',
					'description' => 'A step of a flow, as {pipeline step}_{flow}.',
					'optional'    => false,
					'value'       => array(
						'optional' => false,
						'name'     => 'flow_step_id',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine processed-item history',
			'target'    => 'processed-items history',
			'shortdesc' => 'Say whether a step has ever taken in anything.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'flow-step',
					'description' => 'A step of a flow, as {pipeline step}_{flow}.',
					'optional'    => false,
					'value'       => array(
						'optional' => false,
						'name'     => 'flow_step_id',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine step-types get',
			'target'    => 'step-types get',
			'shortdesc' => 'Show a step type.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'slug',
					'description' => 'The type.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'yaml',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine step-type get',
			'target'    => 'step-types get',
			'shortdesc' => 'Show a step type.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'slug',
					'description' => 'The type.',
					'optional'    => false,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'yaml',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine step-types list',
			'target'    => 'step-types list',
			'shortdesc' => 'List step types.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
						'ids',
						'count',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine step-type list',
			'target'    => 'step-types list',
			'shortdesc' => 'List step types.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
						'ids',
						'count',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine step-types validate',
			'target'    => 'step-types validate',
			'shortdesc' => 'Check that a step type exists.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'slug',
					'description' => 'The type.',
					'optional'    => false,
					'repeating'   => false,
				),
			),
		),
		array(
			'path'      => 'datamachine step-type validate',
			'target'    => 'step-types validate',
			'shortdesc' => 'Check that a step type exists.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'slug',
					'description' => 'The type.',
					'optional'    => false,
					'repeating'   => false,
				),
			),
		),
		array(
			'path'      => 'datamachine system health',
			'target'    => 'system health',
			'shortdesc' => 'Run health checks inside WordPress.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'types',
					'description' => 'Check types, separated by commas; all default ones when absent.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'types',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
					),
				),
			),
		),
		array(
			'path'      => 'datamachine test',
			'target'    => 'test',
			'shortdesc' => 'Run a fetch handler once and show what it brings.',
			'longdesc'  => 'Items count as new, and stay so: nothing is claimed or marked as processed.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'handler',
					'description' => 'The handler.',
					'optional'    => true,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'handler',
					'description' => 'The handler, as an option.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'slug',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'config',
					'description' => 'Its settings.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'json',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'flow',
					'description' => 'Take handler and settings from this flow\'s fetch step.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'limit',
					'description' => 'How many packets to show.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'number',
					),
					'default'     => '5',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
					),
				),
				array(
					'type'        => 'flag',
					'name'        => 'list',
					'description' => 'List the handlers that can be tried, as without any other word.',
					'optional'    => true,
				),
				array(
					'type'        => 'flag',
					'name'        => 'describe',
					'description' => 'Show the handler\'s settings instead.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine fetch test',
			'target'    => 'test',
			'shortdesc' => 'Run a fetch handler once and show what it brings.',
			'longdesc'  => 'Items count as new, and stay so: nothing is claimed or marked as processed.',
			'synopsis'  => array(
				array(
					'type'        => 'positional',
					'name'        => 'handler',
					'description' => 'The handler.',
					'optional'    => true,
					'repeating'   => false,
				),
				array(
					'type'        => 'assoc',
					'name'        => 'handler',
					'description' => 'The handler, as an option.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'slug',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'config',
					'description' => 'Its settings.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'json',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'flow',
					'description' => 'Take handler and settings from this flow\'s fetch step.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'id',
					),
				),
				array(
					'type'        => 'assoc',
					'name'        => 'limit',
					'description' => 'How many packets to show.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'number',
					),
					'default'     => '5',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
						'csv',
						'yaml',
					),
				),
				array(
					'type'        => 'flag',
					'name'        => 'list',
					'description' => 'List the handlers that can be tried, as without any other word.',
					'optional'    => true,
				),
				array(
					'type'        => 'flag',
					'name'        => 'describe',
					'description' => 'Show the handler\'s settings instead.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine worker run',
			'target'    => 'worker run',
			'shortdesc' => 'Work the queue for a while.',
			'longdesc'  => 'Recovering what dead workers held is part of it. `datamachine up` keeps workers running;
this command is for sites without it (a line of cron) and for looking on.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'time-limit',
					'description' => 'Begin nothing new after so many seconds.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'seconds',
					),
					'default'     => '300',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'batch-size',
					'description' => 'How many doorbells to claim at once.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'number',
					),
					'default'     => '10',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'drain-limit',
					'description' => 'How many doorbells at most; 0 for no limit.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'number',
					),
					'default'     => '0',
				),
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
					),
				),
				array(
					'type'        => 'flag',
					'name'        => 'once',
					'description' => 'End as soon as nothing is due.',
					'optional'    => true,
				),
			),
		),
		array(
			'path'      => 'datamachine worker status',
			'target'    => 'worker status',
			'shortdesc' => 'Say how the queue and its workers are.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'format',
					'description' => 'Output format.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'format',
					),
					'default'     => 'table',
					'options'     => array(
						'table',
						'json',
					),
				),
			),
		),
	),
);
