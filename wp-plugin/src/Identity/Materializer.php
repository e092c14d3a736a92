<?php
/**
 * Hands declared agents to the sidecar, which makes rows of those that have none.
 *
 * A page whose definitions are the ones last reconciled costs neither a call nor a query: their hash stands in an
 * autoloaded option.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Identity;

use DataMachine\Bridge\Bridge\BridgeException;
use DataMachine\Bridge\Bridge\Client;
use DataMachine\Bridge\Bridge\RemoteError;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Materializer {

	public const OPTION = 'datamachine_bridge_agents';

	/** Seconds until agents without owner or files are tried again. */
	private const RETRY_INCOMPLETE = 60;

	/** Seconds until definitions the sidecar could not take are tried again. */
	private const RETRY_FAILED = 30;

	/** Seconds a web request may spend: it happens once after a change. */
	private const BUDGET = 2.0;

	private static bool $legacy_fired = false;

	/** At `init` 15. */
	public static function run(): void {
		if ( ! function_exists( 'wp_get_agents' ) ) {
			return;
		}
		if ( ! self::$legacy_fired ) {
			self::$legacy_fired = true;
			do_action( 'datamachine_register_agents' );
		}
		// A process of the sidecar's own loads WordPress too; it is no place to create agents from.
		if ( defined( 'DATAMACHINE_BRIDGE_UNIT' ) || ! Client::instance()->configured() ) {
			return;
		}
		$agents = wp_get_agents();
		$hash   = self::hash( $agents );
		$state  = get_option( self::OPTION );
		$state  = is_array( $state ) ? $state : array();
		$retry  = (int) ( $state['retry_at'] ?? 0 );
		if ( ( $state['hash'] ?? '' ) === $hash && ( 0 === $retry || time() < $retry ) ) {
			return;
		}
		self::reconcile( $agents, $hash );
	}

	/** The next request reconciles again, as after an agent was deleted. */
	public static function forget(): void {
		$state = get_option( self::OPTION );
		if ( is_array( $state ) && isset( $state['hash'] ) ) {
			// Which agents a page declares is what the sidecar goes by outside of one.
			update_option( self::OPTION, array( 'slugs' => $state['slugs'] ?? array() ), true );
		}
	}

	/** @param array<string, \WP_Agent> $agents */
	private static function reconcile( array $agents, string $hash ): void {
		$definitions = array();
		foreach ( $agents as $agent ) {
			$resolver      = $agent->get_owner_resolver();
			$definitions[] = array(
				'definition' => $agent->to_array(),
				// A closure crosses as a live handle: it runs only when its agent has no row.
				'resolver'   => is_callable( $resolver ) ? \Closure::fromCallable( $resolver ) : null,
			);
		}
		$retry = 0;
		try {
			$outcome = Client::instance()->call(
				'agents.reconcile',
				array(
					'definitions'   => $definitions,
					'default_owner' => DefaultAgent::current()['user_id'],
				),
				self::BUDGET
			);
			if ( ! empty( $outcome['skipped'] ) || ! empty( $outcome['incomplete'] ) ) {
				$retry = time() + self::RETRY_INCOMPLETE;
			}
		} catch ( RemoteError $error ) {
			$retry = time() + self::RETRY_FAILED;
		} catch ( BridgeException $error ) {
			// Nobody there, or no answer in time: the next request tries again, and the breaker keeps that cheap.
			return;
		}
		update_option(
			self::OPTION,
			array(
				'hash'     => $hash,
				'retry_at' => $retry,
				'slugs'    => array_keys( $agents ),
			),
			true
		);
	}

	/** @param array<string, \WP_Agent> $agents */
	private static function hash( array $agents ): string {
		$described = array();
		foreach ( $agents as $agent ) {
			$definition                   = $agent->to_array();
			$definition['owner_resolver'] = is_callable( $definition['owner_resolver'] ?? null );
			$described[]                  = $definition;
		}
		// What JSON cannot say (closures in a plugin's meta) does not make an agent another one.
		return md5( DATAMACHINE_BRIDGE_VERSION . (string) wp_json_encode( $described, JSON_PARTIAL_OUTPUT_ON_ERROR ) );
	}
}
