<?php
/**
 * What a worker tells WordPress through its unit: the hooks of Action Scheduler's runner, and the doorbell's own hook.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Queue;

use DataMachine\Bridge\Host\Failure;
use DataMachine\Bridge\Host\Params;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Events {

	/** @var list<string> Hooks that a worker fires right now, innermost last. */
	private static array $firing = array();

	private static bool $quiet = false;

	/** True while a worker fires this hook: it does the hook's work itself, nobody needs to ring for it. */
	public static function firing( string $hook ): bool {
		return in_array( $hook, self::$firing, true );
	}

	/**
	 * Host operation `queue.fire`: `{hook, args, required}`: fire a doorbell's hook for WordPress's listeners.
	 *
	 * `required`: nobody in Python serves this hook, so a listener must; without one the action fails, as in the
	 * library.
	 *
	 * @param array<string, mixed> $params
	 */
	public static function fire( array $params ): bool {
		$hook = Params::text( $params, 'hook' );
		$args = array_values( Params::items( $params, 'args' ) );
		if ( ! empty( $params['required'] ) && ! has_action( $hook ) ) {
			throw new Failure(
				'queue_no_callback',
				sprintf( 'Scheduled action for %s will not be executed as no callbacks are registered.', $hook ),
				404
			);
		}
		self::$firing[] = $hook;
		try {
			do_action_ref_array( $hook, $args );
		} finally {
			array_pop( self::$firing );
		}
		return true;
	}

	/**
	 * Host operation `queue.notify`: `{event, context, action_id?, message?}`: one of the runner's own hooks, with the
	 * arguments the library gives it.
	 *
	 * @param array<string, mixed> $params
	 */
	public static function notify( array $params ): bool {
		$event   = Params::text( $params, 'event' );
		$context = Params::text( $params, 'context' );
		$id      = Params::id( $params, 'action_id', 0 );
		self::silence_library();
		switch ( $event ) {
			case 'before_process_queue':
			case 'after_process_queue':
				do_action( "action_scheduler_$event" );
				break;
			case 'before_execute':
			case 'begin_execute':
				do_action( "action_scheduler_$event", $id, $context );
				break;
			case 'after_execute':
				do_action( 'action_scheduler_after_execute', $id, self::action( $id ), $context );
				break;
			case 'completed_action':
			case 'stored_action':
				do_action( "action_scheduler_$event", $id );
				break;
			case 'failed_execution':
				do_action( 'action_scheduler_failed_execution', $id, new \RuntimeException( (string) ( $params['message'] ?? '' ) ), $context );
				break;
			default:
				throw new Failure( 'invalid_parameter', 'Unknown event of the queue.', 400 );
		}
		return true;
	}

	/** The worker writes the log rows itself, in one transaction with the status: the library's logger, if there is one, would write them again. */
	private static function silence_library(): void {
		if ( self::$quiet || ! class_exists( 'ActionScheduler_Logger', false ) ) {
			return;
		}
		self::$quiet = true;
		foreach ( array( 'begin_execute', 'after_execute', 'failed_execution' ) as $event ) {
			foreach ( $GLOBALS['wp_filter'][ "action_scheduler_$event" ]->callbacks ?? array() as $priority => $callbacks ) {
				foreach ( $callbacks as $callback ) {
					if ( is_array( $callback['function'] ) && $callback['function'][0] instanceof \ActionScheduler_Logger ) {
						remove_action( "action_scheduler_$event", $callback['function'], $priority );
					}
				}
			}
		}
	}

	private static function action( int $id ): ?object {
		if ( Library::ready() ) {
			return \ActionScheduler::store()->fetch_action( (string) $id );
		}
		if ( ! class_exists( 'ActionScheduler_Action', false ) ) {
			class_alias( Action::class, 'ActionScheduler_Action' );
		}
		return Store::for_this_site()->action( $id );
	}
}
