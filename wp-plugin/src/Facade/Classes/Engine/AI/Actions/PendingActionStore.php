<?php
/**
 * Where actions wait for approval: transients, an hour each.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Engine\AI\Actions;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class PendingActionStore {

	private const PREFIX = 'dm_pa_';

	/** @param array<string, mixed> $payload `{kind, summary, apply_input, preview_data, agent_id, created_by, context}`. */
	public static function store( string $action_id, array $payload ): bool {
		$payload += array(
			'created_at' => time(),
			'action_id'  => $action_id,
		);
		return self::is_id( $action_id ) && set_transient( self::PREFIX . $action_id, $payload, HOUR_IN_SECONDS );
	}

	/** @return array<string, mixed>|null Null when nothing waits, or not any more. */
	public static function get( string $action_id ): ?array {
		$payload = self::is_id( $action_id ) ? get_transient( self::PREFIX . $action_id ) : false;
		return is_array( $payload ) ? $payload : null;
	}

	public static function delete( string $action_id ): bool {
		return self::is_id( $action_id ) && delete_transient( self::PREFIX . $action_id );
	}

	public static function generate_id(): string {
		return 'act_' . wp_generate_uuid4();
	}

	private static function is_id( string $action_id ): bool {
		return str_starts_with( $action_id, 'act_' ) && wp_is_uuid( substr( $action_id, 4 ), 4 );
	}
}
