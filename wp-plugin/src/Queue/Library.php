<?php
/**
 * The Action Scheduler library, when another plugin or the theme brings it.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Queue;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Library {

	/** Loaded, whether or not its store answers yet. */
	public static function present(): bool {
		return class_exists( 'ActionScheduler', false ) || class_exists( 'ActionScheduler_Versions', false );
	}

	/** Its functions may be called now: before its `init` they only complain. */
	public static function ready(): bool {
		return class_exists( 'ActionScheduler', false ) && did_action( 'action_scheduler_init' ) > 0
			&& function_exists( 'as_schedule_single_action' );
	}
}
