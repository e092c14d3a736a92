<?php
/**
 * Agents' tokens, under the name other plugins know them by. Reading needs no sidecar; the sidecar makes and revokes.
 *
 * Hashes and raw tokens are never among what is read.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\Database\Agents;

use DataMachine\Bridge\Bridge\BridgeException;
use DataMachine\Bridge\Bridge\Client;
use DataMachine\Bridge\Identity\Ceiling;
use DataMachine\Bridge\Identity\Principal;
use DataMachine\Bridge\Identity\TokenRows;
use DataMachine\Bridge\Identity\Tokens;
use DataMachine\Bridge\Schema\Installer;
use DataMachine\Core\Database\BaseRepository;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class AgentTokens extends BaseRepository {

	public const TABLE_NAME   = TokenRows::TABLE;
	public const TOKEN_PREFIX = Tokens::PREFIX;

	/** Columns that are shown. */
	private const COLUMNS = array( 'token_id', 'agent_id', 'token_prefix', 'label', 'capabilities', 'last_used_at', 'expires_at', 'created_at' );

	/** A network's sites share their agents' tokens. */
	protected static function get_table_prefix(): string {
		global $wpdb;
		return $wpdb->base_prefix;
	}

	/** Makes the product's tables that are absent. */
	public static function create_table(): void {
		Installer::for_this_site()->install( false );
	}

	/**
	 * A new token of an agent. While an agent acts, it may make tokens for itself only, and none with wider limits.
	 *
	 * @param string            $agent_slug   Not asked: the agent's id says it.
	 * @param list<string>|null $capabilities What it is limited to; null for no limit.
	 * @param string|null       $expires_at   UTC, `Y-m-d H:i:s`; null for no end.
	 * @return array{token_id: int, raw_token: string, token_prefix: string}|null The only time the token itself is told; null when it
	 *                                                                            was refused, or the sidecar does not answer.
	 */
	public function create_token( int $agent_id, string $agent_slug, string $label = '', ?array $capabilities = null, ?string $expires_at = null ): ?array {
		unset( $agent_slug );
		$made = self::ask(
			'create',
			array(
				'agent_id'     => $agent_id,
				'label'        => $label,
				'capabilities' => $capabilities,
				'expires_at'   => $expires_at,
			)
		);
		return is_array( $made ) ? $made : null;
	}

	/**
	 * The row of a token that has not ended; who acts does not change.
	 *
	 * @return array<string, mixed>|null As {@see get_token()}.
	 */
	public function resolve_token( string $raw_token ): ?array {
		$row = TokenRows::by_hash( Tokens::hash( $raw_token ) );
		return null === Tokens::refusal( $raw_token, $row, true, true, TokenRows::now() ) ? self::shown( $row ) : null;
	}

	/** Notes that a token was used, at most once a minute. */
	public function touch_last_used( int $token_id ): void {
		$row = TokenRows::by_id( $token_id );
		if ( null !== $row ) {
			TokenRows::touch( $row );
		}
	}

	/** Whether there was such a token of that agent; it opens nothing from now on. */
	public function revoke_token( int $token_id, int $agent_id ): bool {
		return true === self::ask(
			'revoke',
			array(
				'token_id' => $token_id,
				'agent_id' => $agent_id,
			)
		);
	}

	/** @return int How many. */
	public function revoke_all_for_agent( int $agent_id ): int {
		return (int) self::ask( 'revoke_all', array( 'agent_id' => $agent_id ) );
	}

	/** @return list<array<string, mixed>> Newest first. */
	public function list_tokens( int $agent_id ): array {
		return array_map( self::shown( ... ), TokenRows::of_agent( $agent_id ) );
	}

	/** @return array<string, mixed>|null Ids are text, as in a row; `capabilities` is decoded, null for no limit. */
	public function get_token( int $token_id ): ?array {
		$row = TokenRows::by_id( $token_id );
		return null === $row ? null : self::shown( $row );
	}

	public function count_tokens( int $agent_id ): int {
		return count( TokenRows::of_agent( $agent_id ) );
	}

	/**
	 * @param array<string, string|null> $row
	 * @return array<string, mixed>
	 */
	private static function shown( array $row ): array {
		$shown                 = array_intersect_key( $row, array_flip( self::COLUMNS ) );
		$shown['capabilities'] = Ceiling::decoded( $row['capabilities'] );
		return $shown;
	}

	/** @param array<string, mixed> $params */
	private static function ask( string $method, array $params ): mixed {
		try {
			return Client::instance()->call( "identity.tokens.$method", $params + array( 'principal' => Principal::describe() ), Client::MOST, Client::CONNECT_FOR_ANSWER );
		} catch ( BridgeException ) {
			return null;
		}
	}
}
