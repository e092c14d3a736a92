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
		'path'       => '/jobs',
		'method'     => 'GET',
		'permission' => array(
			'code'    => 'rest_forbidden',
			'message' => 'You do not have permission to manage jobs.',
			'status'  => 403,
			'action'  => 'manage_flows',
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
			'action'  => 'manage_flows',
		),
		'args'       => array(
			'id' => array(
				'type'     => 'integer',
				'required' => true,
			),
		),
	),
);
