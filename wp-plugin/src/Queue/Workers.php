<?php
/**
 * The workers, seen from PHP: whether one lives, waking them, starting one where none runs.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Queue;

use DataMachine\Bridge\Bridge\Config;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Workers {

	/** Seconds without a heartbeat after which a worker counts as gone. */
	public const FRESH = 30;

	/**
	 * The command that starts a worker, from wp-config.php: for sites without long-running processes. A list of
	 * arguments, for example array( '/opt/datamachine/bin/datamachine', 'work' ). Never an option: whoever can write
	 * one could then run any program.
	 */
	public const CONSTANT = 'DATAMACHINE_BRIDGE_WORK_COMMAND';

	/** The option that says when it was last started. */
	private const STARTED = 'datamachine_bridge_work_command_started';

	/** Seconds a worker started from here runs; the next ring starts the next one. */
	private const RUN = 55;

	/** The workers' wake-up sockets of one blog, beside the bridge's. */
	private const SOCKETS = 'work-%d-*.sock';

	private static bool $start = false;

	/** True while some worker of this site has said so within the last half minute. */
	public static function alive(): bool {
		global $wpdb;
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- a heartbeat is never cached.
		return (bool) $wpdb->get_var( $wpdb->prepare( 'SELECT worker_seen_at > UTC_TIMESTAMP(6) - INTERVAL %d SECOND FROM %i WHERE id = 1', self::FRESH, $wpdb->prefix . 'datamachine_bridge_sites' ) );
	}

	/** How many claims workers hold right now. */
	public static function claims(): int {
		global $wpdb;
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- as above.
		return (int) $wpdb->get_var( $wpdb->prepare( "SELECT COUNT(*) FROM %i WHERE state = 'running' AND claim_id > 0 AND lease_until > UTC_TIMESTAMP(6)", $wpdb->prefix . 'datamachine_bridge_leases' ) );
	}

	/** True while some worker has not ended: one that left a moment ago is still fresh, and takes nothing on any more. */
	private static function at_work(): bool {
		global $wpdb;
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- as above.
		return null !== $wpdb->get_var( $wpdb->prepare( "SELECT 1 FROM %i WHERE state = 'running' AND lease_key LIKE 'worker:%%' AND lease_until > UTC_TIMESTAMP(6) LIMIT 1", $wpdb->prefix . 'datamachine_bridge_leases' ) );
	}

	/** Something is due: wake whoever sleeps; with nobody there, start one at the end of this request, if we may. */
	public static function nudge(): void {
		self::wake();
		if ( ! self::$start && array() !== self::command() ) {
			self::$start = true;
			add_action( 'shutdown', array( self::class, 'start' ), PHP_INT_MAX );
		}
	}

	/** An empty datagram to each worker; one that is lost costs a poll interval. */
	private static function wake(): void {
		$config = Config::load();
		if ( null === $config ) {
			return;
		}
		foreach ( (array) glob( dirname( $config->socket ) . '/' . sprintf( self::SOCKETS, get_current_blog_id() ) ) as $path ) {
			$socket = @stream_socket_client( "udg://$path", $code, $message, 0.01 ); // phpcs:ignore WordPress.PHP.NoSilencedErrors -- a worker that is gone is no event.
			if ( false !== $socket ) {
				stream_set_blocking( $socket, false );
				@stream_socket_sendto( $socket, "\n" ); // phpcs:ignore WordPress.PHP.NoSilencedErrors
				fclose( $socket ); // phpcs:ignore WordPress.WP.AlternativeFunctions
			}
		}
	}

	/** Start one bounded worker, unless one lives or was started a moment ago. */
	public static function start(): bool {
		$command = self::command();
		if ( array() === $command || ! function_exists( 'exec' ) || self::at_work() || ! self::first() ) {
			return false;
		}
		$command[] = '--max-time=' . self::RUN;
		exec( implode( ' ', array_map( 'escapeshellarg', $command ) ) . ' > /dev/null 2>&1 &' ); // phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions -- the operator named the command.
		return true;
	}

	/** @return list<string> */
	private static function command(): array {
		$command = defined( self::CONSTANT ) ? constant( self::CONSTANT ) : array();
		return is_array( $command ) ? array_values( array_filter( $command, 'is_string' ) ) : array();
	}

	/** One start in a run's time, over all requests: whoever updates the row first wins. */
	private static function first(): bool {
		global $wpdb;
		add_option( self::STARTED, '0', '', false );
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- compare and swap, which options have no function for.
		return 1 === $wpdb->query( $wpdb->prepare( 'UPDATE %i SET option_value = %d WHERE option_name = %s AND CAST(option_value AS SIGNED) < %d', $wpdb->options, time(), self::STARTED, time() - self::RUN ) );
	}
}
