<?php
/**
 * The functions of Action Scheduler that extensions call, where no plugin brings the library.
 *
 * Only what can be kept: rows go into the library's tables, byte for byte, and workers serve the groups that are theirs.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

use DataMachine\Bridge\Queue\Schedule;
use DataMachine\Bridge\Queue\Store;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

if ( ! function_exists( 'as_enqueue_async_action' ) ) {
	/**
	 * Run an action as soon as possible.
	 *
	 * @return int The action's id; 0 when it was not stored.
	 */
	function as_enqueue_async_action( $hook, $args = array(), $group = '', $unique = false, $priority = 10 ) {
		$pre = apply_filters( 'pre_as_enqueue_async_action', null, $hook, $args, $group, $priority, $unique );
		return null !== $pre ? ( is_int( $pre ) ? $pre : 0 )
			: Store::for_this_site()->try_schedule( Schedule::async(), (string) $hook, (array) $args, (string) $group, (int) $priority, (bool) $unique );
	}
}

if ( ! function_exists( 'as_schedule_single_action' ) ) {
	/**
	 * Run an action once, at a time.
	 *
	 * @return int The action's id; 0 when it was not stored.
	 */
	function as_schedule_single_action( $timestamp, $hook, $args = array(), $group = '', $unique = false, $priority = 10 ) {
		$pre = apply_filters( 'pre_as_schedule_single_action', null, $timestamp, $hook, $args, $group, $priority, $unique );
		return null !== $pre ? ( is_int( $pre ) ? $pre : 0 )
			: Store::for_this_site()->try_schedule( Schedule::single( (int) $timestamp ), (string) $hook, (array) $args, (string) $group, (int) $priority, (bool) $unique );
	}
}

if ( ! function_exists( 'as_schedule_recurring_action' ) ) {
	/**
	 * Run an action every so many seconds; without an interval, 0, once.
	 *
	 * @return int The action's id; 0 when it was not stored.
	 */
	function as_schedule_recurring_action( $timestamp, $interval_in_seconds, $hook, $args = array(), $group = '', $unique = false, $priority = 10 ) {
		$interval = (int) $interval_in_seconds;
		if ( ! is_numeric( $interval_in_seconds ) || $interval < 0 ) {
			_doing_it_wrong( __FUNCTION__, esc_html__( 'An invalid interval was provided: a number of seconds is needed.', 'datamachine-bridge' ), '0.1.0' );
			return 0;
		}
		$schedule = 0 === $interval ? Schedule::single( (int) $timestamp ) : Schedule::interval( (int) $timestamp, $interval );
		$pre      = apply_filters( 'pre_as_schedule_recurring_action', null, $timestamp, $interval_in_seconds, $hook, $args, $group, $priority, $unique );
		return null !== $pre ? ( is_int( $pre ) ? $pre : 0 )
			: Store::for_this_site()->try_schedule( $schedule, (string) $hook, (array) $args, (string) $group, (int) $priority, (bool) $unique );
	}
}

if ( ! function_exists( 'as_schedule_cron_action' ) ) {
	/**
	 * Run an action at the times of a cron expression (five fields or an `@` word, UTC).
	 *
	 * @return int The action's id; 0 when it was not stored.
	 */
	function as_schedule_cron_action( $timestamp, $schedule, $hook, $args = array(), $group = '', $unique = false, $priority = 10 ) {
		$pre = apply_filters( 'pre_as_schedule_cron_action', null, $timestamp, $schedule, $hook, $args, $group, $priority, $unique );
		return null !== $pre ? ( is_int( $pre ) ? $pre : 0 )
			: Store::for_this_site()->try_schedule( Schedule::cron( (int) $timestamp, (string) $schedule ), (string) $hook, (array) $args, (string) $group, (int) $priority, (bool) $unique );
	}
}

if ( ! function_exists( 'as_unschedule_action' ) ) {
	/**
	 * Cancel the next pending action of a hook.
	 *
	 * @return int|null Its id, null when there was none.
	 */
	function as_unschedule_action( $hook, $args = array(), $group = '' ) {
		$store = Store::for_this_site();
		$found = $store->find(
			array(
				'hook'     => $hook,
				'args'     => is_array( $args ) ? $args : null,
				'group'    => $group,
				'status'   => 'pending',
				'per_page' => 1,
			)
		);
		return $found && $store->cancel( $found[0] ) ? $found[0] : null;
	}
}

if ( ! function_exists( 'as_unschedule_all_actions' ) ) {
	/** Cancel every pending action of a hook, or of a group, or of both. */
	function as_unschedule_all_actions( $hook, $args = array(), $group = '' ) {
		if ( '' === (string) $hook && '' === (string) $group ) {
			return;
		}
		$store = Store::for_this_site();
		$query = array(
			'hook'     => $hook,
			'args'     => is_array( $args ) && array() !== $args ? $args : null,
			'group'    => $group,
			'status'   => 'pending',
			'per_page' => -1,
		);
		foreach ( $store->find( $query ) as $id ) {
			$store->cancel( $id );
		}
	}
}

if ( ! function_exists( 'as_next_scheduled_action' ) ) {
	/**
	 * When a hook runs next.
	 *
	 * @return int|bool A timestamp; true while it runs or for an asynchronous action; false when nothing is planned.
	 */
	function as_next_scheduled_action( $hook, $args = null, $group = '' ) {
		$store = Store::for_this_site();
		$query = array(
			'hook'     => $hook,
			'args'     => is_array( $args ) ? $args : null,
			'group'    => $group,
			'per_page' => 1,
		);
		if ( $store->find( array( 'status' => 'in-progress' ) + $query ) ) {
			return true;
		}
		$pending = $store->find( array( 'status' => 'pending' ) + $query );
		$action  = $pending ? $store->action( $pending[0] ) : null;
		if ( null === $action ) {
			return false;
		}
		return $action->is_async() ? true : $action->get_date()->getTimestamp();
	}
}

if ( ! function_exists( 'as_has_scheduled_action' ) ) {
	/**
	 * Whether an action waits or runs.
	 *
	 * @return bool
	 */
	function as_has_scheduled_action( $hook, $args = null, $group = '' ) {
		return array() !== Store::for_this_site()->find(
			array(
				'hook'     => $hook,
				'args'     => is_array( $args ) ? $args : null,
				'group'    => $group,
				'status'   => array( 'pending', 'in-progress' ),
				'per_page' => 1,
				'orderby'  => 'none',
			)
		);
	}
}

if ( ! function_exists( 'as_get_scheduled_actions' ) ) {
	/**
	 * Find actions by hook, args, group and status.
	 *
	 * @param array<string, mixed> $args          See Store::find(); by default five.
	 * @param string               $return_format OBJECT, ARRAY_A or 'ids'.
	 * @return array<int, mixed>
	 */
	function as_get_scheduled_actions( $args = array(), $return_format = OBJECT ) {
		$store   = Store::for_this_site();
		$ids     = $store->find( (array) $args );
		$actions = array();
		if ( 'ids' === $return_format || 'int' === $return_format ) {
			return $ids;
		}
		foreach ( $ids as $id ) {
			$action = $store->action( $id );
			if ( null !== $action ) {
				$actions[ $id ] = ARRAY_A === $return_format ? $action->to_array() : $action;
			}
		}
		return $actions;
	}
}
