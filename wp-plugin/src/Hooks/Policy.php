<?php
/**
 * What a failure means, hook by hook: the policy decided in hooks/*.json, turned into a value for WordPress.
 * 
 * Nothing here throws: a page must not notice that the sidecar is down.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Hooks;

use DataMachine\Bridge\Bridge\Unavailable;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Policy {

	/** Failures already reported in this request, by hook: a hook that fires a thousand times writes one line. */
	private static array $reported = array();

	/**
	 * @param string $on_failure pass|deny|skip|error|enqueue
	 * @param mixed  $denied     The restrictive answer of `deny`; `array( '$error' => array( code, message ) )` for a WP_Error.
	 */
	public function __construct(
		private readonly string $hook,
		private readonly int $priority,
		private readonly string $on_failure,
		private readonly mixed $denied = null
	) {
	}

	/**
	 * @param list<mixed> $args What the hook was fired with.
	 * @return mixed What the forwarder returns instead of Python's answer.
	 */
	public function answer( array $args, \Throwable $error ): mixed {
		self::report( $this->hook, $this->on_failure, $error );
		switch ( $this->on_failure ) {
			case 'deny':
				return $this->denied();
			case 'error':
				return new \WP_Error(
					'datamachine_unavailable',
					sprintf( 'The Data Machine sidecar gave no answer to %s.', $this->hook ),
					array( 'status' => 503 )
				);
			case 'enqueue':
				Outbox::record( $this->hook, $this->priority, 'live', $args );
				return null;
			default:
				return $args[0] ?? null;
		}
	}

	private function denied(): mixed {
		if ( is_array( $this->denied ) && isset( $this->denied['$error'] ) ) {
			return new \WP_Error( $this->denied['$error'][0], $this->denied['$error'][1], array( 'status' => 503 ) );
		}
		return $this->denied;
	}

	/** One line in PHP's log; never arguments, they may hold secrets. */
	public static function report( string $hook, string $what, \Throwable $error ): void {
		// An idle or stopped sidecar is one fact, not one for each hook.
		$key = $error instanceof Unavailable ? Unavailable::class : $hook;
		if ( isset( self::$reported[ $key ] ) ) {
			return;
		}
		self::$reported[ $key ] = true;
		$line = sprintf( 'Data Machine: %s (%s): %s: %s', $hook, $what, $error::class, $error->getMessage() );
		// One line is one message, whatever is in it.
		error_log( (string) preg_replace( '/[\x00-\x1f\x7f]+/', ' ', $line ) ); // phpcs:ignore WordPress.PHP.DevelopmentFunctions -- the site's own log is where operators look.
	}
}
