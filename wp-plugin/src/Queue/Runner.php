<?php
/**
 * The PHP runner of the Action Scheduler library: it leaves our groups alone while a worker lives.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Queue;

use DataMachine\Bridge\Host\Unit;
use DataMachine\Bridge\Plugin;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Runner {

	/** How many actions the PHP runner is executing right now (0 or 1). */
	private static int $executing = 0;

	public static function register(): void {
		if ( Unit::expected() ) {
			// In a worker's unit the runner's hooks are the worker's own.
			return;
		}
		// The web and cron runner claims after this hook; WP-CLI's claims before it.
		add_action( 'action_scheduler_before_process_queue', array( self::class, 'leave_ours' ), PHP_INT_MIN );
		if ( defined( 'WP_CLI' ) && WP_CLI ) {
			add_action( 'action_scheduler_init', array( self::class, 'leave_ours' ), PHP_INT_MAX );
		}
		add_filter( 'action_scheduler_queue_runner_concurrent_batches', array( self::class, 'beside_ours' ), PHP_INT_MAX );
		add_action( 'action_scheduler_begin_execute', array( self::class, 'begin' ), PHP_INT_MAX );
		foreach ( array( 'after_execute', 'failed_execution', 'execution_ignored' ) as $end ) {
			add_action( "action_scheduler_$end", array( self::class, 'end' ), PHP_INT_MIN );
		}
	}

	/** True while the PHP runner executes a row. */
	public static function executing(): bool {
		return self::$executing > 0;
	}

	public static function begin(): void {
		self::$executing = 1;
	}

	public static function end(): void {
		self::$executing = 0;
	}

	/**
	 * The library counts every claim there is against its limit; those of our workers must not keep it from serving others.
	 *
	 * @param mixed $limit How many batches may run at once.
	 * @return mixed
	 */
	public static function beside_ours( $limit ) {
		return is_numeric( $limit ) ? (int) $limit + Workers::claims() : $limit;
	}

	public static function leave_ours(): void {
		if ( ! Library::ready() || ! Workers::alive() ) {
			return;
		}
		$store = \ActionScheduler::store();
		// The store refuses to filter by a group that does not exist.
		$slugs = array_values( array_filter( Groups::ours( Plugin::instance()->is_companion() ), static fn ( string $slug ): bool => array() !== Groups::ids( array( $slug ) ) ) );
		if ( $slugs && method_exists( $store, 'set_claim_filter' ) ) {
			$store->set_claim_filter( 'exclude-groups', $slugs );
		}
	}
}
