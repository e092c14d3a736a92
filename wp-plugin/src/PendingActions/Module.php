<?php
/**
 * Actions that wait for approval, as PHP plugins extend them: kinds of their own by the filter
 * `datamachine_pending_action_handlers`, where ours stand too.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\PendingActions;

use DataMachine\Bridge\Bridge\BridgeException;
use DataMachine\Bridge\Bridge\Client;
use DataMachine\Bridge\Bridge\RemoteError;
use DataMachine\Bridge\Host\Operations;
use DataMachine\Bridge\Host\Params;
use DataMachine\Bridge\Identity\Principal;
use DataMachine\Bridge\Plugin;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Module {

	/** Kinds the sidecar answers for. */
	private const OURS = array( 'memory_section_update' );

	public static function register( Plugin $plugin ): void {
		if ( $plugin->is_companion() ) {
			return;
		}
		add_filter( 'datamachine_pending_action_handlers', array( self::class, 'offer' ) );
		Operations::register( 'pending.check', array( self::class, 'check' ) );
		Operations::register( 'pending.apply', array( self::class, 'apply' ) );
	}

	/**
	 * @param mixed $handlers Handlers by kind.
	 * @return mixed
	 */
	public static function offer( $handlers ) {
		if ( ! is_array( $handlers ) ) {
			return $handlers;
		}
		foreach ( self::OURS as $kind ) {
			$handlers[ $kind ] ??= array(
				'apply' => static fn( $input, $payload = array() ): mixed => self::ask( $kind, (array) $input, (array) $payload ),
			);
		}
		return $handlers;
	}

	/**
	 * `{payload, decision, user_id}`: whether PHP code has the payload's kind, and what its `can_resolve` says.
	 *
	 * @param array<string, mixed> $params
	 * @return array{known: bool, asked: bool, answer: mixed}
	 */
	public static function check( array $params ): array {
		$payload = Params::items( $params, 'payload' );
		$handler = self::handler( $payload );
		$asks    = is_callable( $handler['can_resolve'] ?? null );
		return array(
			'known'  => null !== $handler,
			'asked'  => $asks,
			'answer' => $asks ? ( $handler['can_resolve'] )( $payload, Params::text( $params, 'decision' ), Params::id( $params, 'user_id', 0 ) ) : null,
		);
	}

	/**
	 * `{payload}`: do it.
	 *
	 * @param array<string, mixed> $params
	 */
	public static function apply( array $params ): mixed {
		$payload = Params::items( $params, 'payload' );
		$handler = self::handler( $payload );
		if ( null === $handler ) {
			return new \WP_Error( 'unknown_kind', 'No handler is registered for that kind of pending action.' );
		}
		return ( $handler['apply'] )( (array) ( $payload['apply_input'] ?? array() ), $payload );
	}

	/**
	 * @param array<array-key, mixed> $payload
	 * @return array{apply: callable, can_resolve?: mixed}|null
	 */
	private static function handler( array $payload ): ?array {
		/** This filter is documented in hooks/product.json */
		$handlers = apply_filters( 'datamachine_pending_action_handlers', array() );
		$handler  = is_array( $handlers ) ? ( $handlers[ (string) ( $payload['kind'] ?? '' ) ] ?? null ) : null;
		return is_array( $handler ) && is_callable( $handler['apply'] ?? null ) ? $handler : null;
	}

	/**
	 * @param array<array-key, mixed> $input
	 * @param array<array-key, mixed> $payload
	 */
	private static function ask( string $kind, array $input, array $payload ): mixed {
		try {
			return Client::instance()->call(
				'pending.apply',
				array(
					'kind'      => $kind,
					'payload'   => array( 'apply_input' => $input ) + $payload,
					'principal' => Principal::describe(),
				),
				Client::MOST
			);
		} catch ( RemoteError $error ) {
			return new \WP_Error( $error->error_code(), $error->public_message() );
		} catch ( BridgeException $error ) {
			return new \WP_Error( 'datamachine_unavailable', $error->getMessage() );
		}
	}
}
