<?php
/**
 * REST routes, generated from the Python declarations by tools/generate.py. Do not edit.
 */

declare(strict_types=1);

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
);
