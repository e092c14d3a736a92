<?php
/**
 * Who may do what, and for whom the current request acts.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Abilities;

use DataMachine\Bridge\Host\Acting;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class PermissionHelper {

	private const CAPABILITIES = array(
		'manage_agents'    => 'datamachine_manage_agents',
		'manage_flows'     => 'datamachine_manage_flows',
		'manage_settings'  => 'datamachine_manage_settings',
		'chat'             => 'datamachine_chat',
		'use_tools'        => 'datamachine_use_tools',
		'view_logs'        => 'datamachine_view_logs',
		'create_own_agent' => 'datamachine_create_own_agent',
	);

	/** @var array{agent_id: int, owner_id: int, capabilities: list<string>|null, token_id: int|null}|null */
	private static ?array $agent = null;

	/** The user of run_as_authenticated(); 0 stands for nobody in particular, null for "not running". */
	private static ?int $authenticated = null;

	/** May the caller manage flows, settings or agents? */
	public static function can_manage(): bool {
		return self::can( 'manage_flows' ) || self::can( 'manage_settings' ) || self::can( 'manage_agents' );
	}

	public static function can( string $action ): bool {
		$command_line = defined( 'WP_CLI' ) && WP_CLI;
		/** This filter is documented in hooks/product.json */
		if ( $command_line && apply_filters( 'datamachine_cli_bypass_permissions', true ) ) {
			return true;
		}
		// Doorbells are answered for the site, in the library's own runner and in our units alike. A command line whose
		// bypass somebody has ended is not the site.
		$for_the_site = ! $command_line && null === self::$agent && Acting::is_system();
		if ( $for_the_site || doing_action( 'action_scheduler_run_queue' ) ) {
			return true;
		}
		if ( null !== self::$agent ) {
			return self::agent_can( $action );
		}
		if ( null !== self::$authenticated ) {
			return 0 === self::$authenticated || self::user_can( self::$authenticated, $action );
		}
		return is_user_logged_in() && self::user_can( get_current_user_id(), $action );
	}

	public static function acting_user_id(): int {
		if ( null !== self::$agent && self::$agent['owner_id'] > 0 ) {
			return self::$agent['owner_id'];
		}
		return self::$authenticated > 0 ? (int) self::$authenticated : get_current_user_id();
	}

	/**
	 * Run something that has authenticated its caller by other means. Calls may nest.
	 *
	 * @return mixed What the callback returns.
	 */
	public static function run_as_authenticated( callable $callback, int $acting_user_id = 0 ) {
		$before              = self::$authenticated;
		self::$authenticated = max( 0, $acting_user_id );
		try {
			return $callback();
		} finally {
			self::$authenticated = $before;
		}
	}

	public static function is_authenticated_context(): bool {
		return null !== self::$authenticated;
	}

	/** @param list<string>|null $capabilities What a token is limited to; null for no limit of its own. */
	public static function set_agent_context( int $agent_id, int $owner_id, ?array $capabilities = null, ?int $token_id = null ): void {
		self::$agent = array(
			'agent_id'     => $agent_id,
			'owner_id'     => $owner_id,
			'capabilities' => $capabilities,
			'token_id'     => $token_id,
		);
	}

	public static function clear_agent_context(): void {
		self::$agent = null;
	}

	public static function get_acting_agent_id(): ?int {
		return self::$agent['agent_id'] ?? null;
	}

	public static function get_acting_token_id(): ?int {
		return self::$agent['token_id'] ?? null;
	}

	public static function in_agent_context(): bool {
		return null !== self::$agent;
	}

	/** Nobody's resource is everybody's; another's is for those who manage the site. */
	public static function owns_resource( int $resource_user_id, string $action = 'manage_flows' ): bool {
		if ( 0 === $resource_user_id ) {
			return true;
		}
		if ( self::can( $action ) && ( self::is_authenticated_context() || current_user_can( 'manage_options' ) ) ) {
			return true;
		}
		return self::acting_user_id() === $resource_user_id;
	}

	/** Users a listing is limited to: null for all. */
	public static function resolve_scoped_user_id( \WP_REST_Request $request, string $action = 'manage_flows' ): ?int {
		if ( ! self::can( $action ) ) {
			return self::acting_user_id();
		}
		$user = $request->get_param( 'user_id' );
		return empty( $user ) ? null : (int) $user;
	}

	private static function agent_can( string $action ): bool {
		$capability = self::CAPABILITIES[ $action ] ?? null;
		$limit      = self::$agent['capabilities'] ?? null;
		if ( null === $capability || ( null !== $limit && ! in_array( $capability, $limit, true ) ) ) {
			return false;
		}
		$owner = self::$agent['owner_id'] ?? 0;
		return $owner > 0 && self::user_can( $owner, $action );
	}

	private static function user_can( int $user_id, string $action ): bool {
		$capability = self::CAPABILITIES[ $action ] ?? null;
		return null !== $capability && ( user_can( $user_id, $capability ) || user_can( $user_id, 'manage_options' ) );
	}
}
