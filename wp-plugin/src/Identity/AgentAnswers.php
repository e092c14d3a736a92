<?php
/**
 * What only the sidecar knows of agents: whose they are, and who was granted what. No answer means no.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Identity;

use DataMachine\Abilities\PermissionHelper;
use DataMachine\Bridge\Bridge\BridgeException;
use DataMachine\Bridge\Bridge\Client;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class AgentAnswers {

	/** Has the acting user at least this role on an agent? Asked every time: grants change while a request runs. */
	public static function can_access( int $agent_id, string $minimum_role ): bool {
		return true === self::ask(
			'identity.can_access_agent',
			array(
				'agent_id'     => $agent_id,
				'minimum_role' => $minimum_role,
				'principal'    => Principal::describe(),
			)
		);
	}

	/** @return list<int> Agents of the acting user: owned ones first, then granted ones. */
	public static function accessible(): array {
		if ( PermissionHelper::acting_user_id() <= 0 ) {
			return array();
		}
		$ids = self::ask( 'identity.accessible_agents', array( 'principal' => Principal::describe() ) );
		return is_array( $ids ) ? array_values( array_filter( $ids, 'is_int' ) ) : array();
	}

	/**
	 * Rows of agents, oldest first; none when nobody answers.
	 *
	 * @param array{ids?: list<int>, slug?: string, owner_id?: int, site_id?: int} $wanted
	 * @return list<array<string, mixed>>
	 */
	public static function rows( array $wanted ): array {
		return self::known_rows( $wanted ) ?? array();
	}

	/**
	 * The same; null when nobody answers, for whoever would make an agent where there is none.
	 *
	 * @param array{ids?: list<int>, slug?: string, owner_id?: int, site_id?: int} $wanted
	 * @return list<array<string, mixed>>|null
	 */
	public static function known_rows( array $wanted ): ?array {
		$rows = self::ask( 'identity.agents', $wanted );
		return is_array( $rows ) ? array_values( array_filter( $rows, 'is_array' ) ) : null;
	}

	/** @param array<string, mixed> $params */
	private static function ask( string $method, array $params ): mixed {
		try {
			return Client::instance()->call( $method, $params );
		} catch ( BridgeException ) {
			return null;
		}
	}
}
