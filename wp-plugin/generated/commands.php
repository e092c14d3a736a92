<?php
/**
 * WP-CLI commands, generated from the Python declarations by tools/generate.py. Do not edit.
 */

declare(strict_types=1);

return array(
	'namespaces' => array(
		'datamachine'        => 'Agents, memory, pipelines, flows and jobs of Data Machine.',
		'datamachine agents' => 'Manage agents: list them, show one.',
		'datamachine agent'  => 'Manage agents: list them, show one.',
		'datamachine system' => 'Diagnose the product and its WordPress.',
	),
	'commands'   => array(
		array(
			'path'      => 'datamachine agents list',
			'target'    => 'agents list',
			'shortdesc' => 'List agents.',
			'synopsis'  => array(
				array(
					'type'        => 'assoc',
					'name'        => 'scope',
					'description' => 'Which agents: those of a user, or all of this site.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'scope',
					),
					'default'     => 'all',
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
					'description' => 'Which agents: those of a user, or all of this site.',
					'optional'    => true,
					'value'       => array(
						'optional' => false,
						'name'     => 'scope',
					),
					'default'     => 'all',
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
	),
);
