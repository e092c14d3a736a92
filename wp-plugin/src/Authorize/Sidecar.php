<?php
/**
 * What the sidecar knows and does: whose an agent is, who may let others act as it, and the code or token.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Authorize;

use DataMachine\Bridge\Bridge\BridgeException;
use DataMachine\Bridge\Bridge\Client;
use DataMachine\Bridge\Bridge\RemoteError;
use DataMachine\Bridge\Identity\Principal;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Sidecar {

	/** Seconds: somebody waits for a page of its own, not for a hook on a page. */
	private const BUDGET = 10.0;

	/**
	 * The agent of a slug, its owner's name, and whether the current user may let others act as it.
	 *
	 * @return array{agent: array<string, mixed>, owner: string, may: bool}|\WP_Error|null Null for a slug nobody has.
	 */
	public static function agent( string $slug ): array|\WP_Error|null {
		return self::ask( 'identity.authorization.request', array( 'agent_slug' => $slug ) );
	}

	/**
	 * What the client is given: `code`, or `token`, `agent_slug` and `agent_id` in the older flow.
	 *
	 * @param array<string, mixed>|null $capabilities The token's limit as it is stored.
	 * @return array<string, string|int>|\WP_Error
	 */
	public static function approve( int $agent_id, Asked $asked, ?array $capabilities ): array|\WP_Error {
		$answer = self::ask(
			'identity.authorization.approve',
			array(
				'agent_id'       => $agent_id,
				'redirect_uri'   => $asked->uri->text,
				'label'          => $asked->label,
				'code_challenge' => $asked->challenge,
				'capabilities'   => $capabilities,
				'legacy'         => '' === $asked->challenge,
			)
		);
		if ( is_wp_error( $answer ) ) {
			return $answer;
		}
		$names = '' === $asked->challenge ? array( 'token', 'agent_slug', 'agent_id' ) : array( 'code' );
		$given = array_intersect_key( is_array( $answer ) ? $answer : array(), array_flip( $names ) );
		return count( $given ) === count( $names ) ? $given : new \WP_Error( 'token_creation_failed' );
	}

	/** @param array<string, mixed> $params */
	private static function ask( string $method, array $params ): mixed {
		try {
			return Client::instance()->call(
				$method,
				$params + array( 'principal' => Principal::describe() ),
				self::BUDGET,
				Client::CONNECT_FOR_ANSWER
			);
		} catch ( RemoteError $error ) {
			return new \WP_Error( $error->error_code(), $error->public_message(), array( 'status' => $error->status() ) );
		} catch ( BridgeException $error ) {
			return new \WP_Error(
				'datamachine_sidecar_unavailable',
				__( 'The Data Machine sidecar does not answer. Nothing was authorized; try again later.', 'datamachine-bridge' ),
				array( 'status' => 503 )
			);
		}
	}
}
