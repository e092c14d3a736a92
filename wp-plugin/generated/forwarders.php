<?php
/**
 * Forwarders of the product itself: they stand before the sidecar ever ran.
 *
 * Generated from hooks/*.json by tools/generate.py. Do not edit.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

return array(
	array(
		'hook'       => 'datamachine_agent_deleted',
		'priority'   => 10,
		'mode'       => 'durable',
		'kind'       => 'action',
		'args'       => 2,
		'on_failure' => 'skip',
		'product'    => true,
	),
	array(
		'hook'       => 'datamachine_bridge_abandoned',
		'priority'   => 10,
		'mode'       => 'queued',
		'kind'       => 'action',
		'args'       => 1,
		'on_failure' => 'enqueue',
		'product'    => false,
	),
	array(
		'hook'       => 'datamachine_bridge_deliver',
		'priority'   => 10,
		'mode'       => 'queued',
		'kind'       => 'action',
		'args'       => 1,
		'on_failure' => 'enqueue',
		'product'    => false,
	),
	array(
		'hook'       => 'datamachine_bridge_interrupted',
		'priority'   => 10,
		'mode'       => 'queued',
		'kind'       => 'action',
		'args'       => 1,
		'on_failure' => 'enqueue',
		'product'    => false,
	),
	array(
		'hook'       => 'datamachine_bridge_memory_due',
		'priority'   => 10,
		'mode'       => 'durable',
		'kind'       => 'action',
		'args'       => 1,
		'on_failure' => 'enqueue',
		'product'    => false,
	),
	array(
		'hook'       => 'datamachine_execute_step',
		'priority'   => 10,
		'mode'       => 'queued',
		'kind'       => 'action',
		'args'       => 3,
		'on_failure' => 'enqueue',
		'product'    => true,
	),
	array(
		'hook'       => 'datamachine_fail_job',
		'priority'   => 10,
		'mode'       => 'durable',
		'kind'       => 'action',
		'args'       => 3,
		'on_failure' => 'enqueue',
		'product'    => true,
	),
	array(
		'hook'       => 'datamachine_job_complete',
		'priority'   => 10,
		'mode'       => 'durable',
		'kind'       => 'action',
		'args'       => 2,
		'on_failure' => 'skip',
		'product'    => true,
	),
	array(
		'hook'       => 'datamachine_log',
		'priority'   => 10,
		'mode'       => 'live',
		'kind'       => 'action',
		'args'       => 3,
		'on_failure' => 'enqueue',
		'product'    => true,
	),
	array(
		'hook'       => 'datamachine_mark_item_processed',
		'priority'   => 10,
		'mode'       => 'durable',
		'kind'       => 'action',
		'args'       => 4,
		'on_failure' => 'enqueue',
		'product'    => true,
	),
	array(
		'hook'       => 'datamachine_pipeline_batch_chunk',
		'priority'   => 10,
		'mode'       => 'queued',
		'kind'       => 'action',
		'args'       => 1,
		'on_failure' => 'enqueue',
		'product'    => true,
	),
	array(
		'hook'       => 'datamachine_run_flow_now',
		'priority'   => 10,
		'mode'       => 'queued',
		'kind'       => 'action',
		'args'       => 4,
		'on_failure' => 'enqueue',
		'product'    => true,
	),
	array(
		'hook'       => 'datamachine_scaffold_content',
		'priority'   => 10,
		'mode'       => 'live',
		'kind'       => 'filter',
		'args'       => 3,
		'on_failure' => 'pass',
		'product'    => true,
	),
	array(
		'hook'       => 'datamachine_schedule_next_step',
		'priority'   => 10,
		'mode'       => 'durable',
		'kind'       => 'action',
		'args'       => 3,
		'on_failure' => 'enqueue',
		'product'    => true,
	),
);
