<?php
/**
 * The schedules of flows, for code that changes them with an action.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Facade;

use DataMachine\Bridge\Queue\Events;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Scheduling {

	private const ABILITY = 'datamachine/schedule-flow';

	/**
	 * `do_action( 'datamachine_run_flow_later', $flow_id, $interval_or_timestamp )`: there and then, with the rights of
	 * whoever does it.
	 *
	 * @param mixed $flow_id The flow.
	 * @param mixed $when    An interval, a cron expression, `manual` or a Unix time.
	 */
	public static function run_flow_later( $flow_id = 0, $when = '' ): void {
		// A worker that fires its own doorbell's hook does the work itself.
		if ( Events::firing( 'datamachine_run_flow_later' ) ) {
			return;
		}
		$ability = function_exists( 'wp_get_ability' ) ? wp_get_ability( self::ABILITY ) : null;
		$result  = null === $ability ? null : $ability->execute(
			array(
				'flow_id'               => is_numeric( $flow_id ) ? (int) $flow_id : 0,
				'interval_or_timestamp' => is_int( $when ) ? $when : ( is_scalar( $when ) ? (string) $when : '' ),
			)
		);
		if ( is_array( $result ) && ! empty( $result['success'] ) ) {
			return;
		}
		$reason = is_wp_error( $result ) ? $result->get_error_message() : (string) ( $result['error'] ?? 'There is no such ability.' );
		/** This action is documented in hooks/product.json */
		do_action(
			'datamachine_log',
			'warning',
			'Flow could not be scheduled',
			array(
				'flow_id'  => $flow_id,
				'schedule' => $when,
				'error'    => $reason,
			)
		);
	}
}
