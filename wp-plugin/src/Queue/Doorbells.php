<?php
/**
 * Rings for a worker: an Action Scheduler row, due now, and a nudge.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Queue;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Doorbells {

	/** Seconds until a row that a PHP runner met comes back: it must not meet it again in its next batch. */
	private const PUT_BACK_AFTER = 30;

	/**
	 * Ring: the hook's work will be done by a worker.
	 *
	 * Does nothing while a worker itself fires the hook (it does the work already). When a PHP runner executes the row
	 * of this hook, the row is about to be marked complete: a new one takes its place, a little later.
	 *
	 * @param array<array-key, mixed> $args What the hook was fired with; values only, at most 8,000 characters of JSON.
	 * @return int The action's id; 0 when nothing was rung.
	 */
	public static function ring( string $hook, array $args, ?int $timestamp = null ): int {
		if ( Events::firing( $hook ) ) {
			return 0;
		}
		$now  = time();
		$when = $timestamp ?? ( Runner::executing() ? $now + self::PUT_BACK_AFTER : $now );
		$id   = self::schedule( $when, $hook, $args, Groups::of( $hook ) );
		if ( $id > 0 ) {
			Workers::nudge();
		}
		return $id;
	}

	/** @param array<array-key, mixed> $args */
	private static function schedule( int $when, string $hook, array $args, string $group ): int {
		if ( Library::ready() ) {
			return (int) as_schedule_single_action( $when, $hook, $args, $group );
		}
		return Store::for_this_site()->schedule( Schedule::single( $when ), $hook, $args, $group );
	}
}
