<?php
/**
 * Who may do what, and for whom the current request acts.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Abilities;

use DataMachine\Bridge\Host\Acting;
use DataMachine\Bridge\Identity\AgentAnswers;
use DataMachine\Bridge\Identity\Ceiling;
use DataMachine\Bridge\Identity\CeilingGuard;
use DataMachine\Bridge\Identity\Rights;
use DataMachine\Core\Auth\CallerContext;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class PermissionHelper {

	/** @var array{agent_id: int, owner_id: int, ceiling: Ceiling, token_id: int|null}|null */
	private static ?array $agent = null;

	private static ?CallerContext $caller = null;

	/** The user of run_as_authenticated(); 0 stands for nobody in particular, null for "not running". */
	private static ?int $authenticated = null;

	/** May the caller manage flows, settings or agents? */
	public static function can_manage(): bool {
		return self::can( 'manage_flows' ) || self::can( 'manage_settings' ) || self::can( 'manage_agents' );
	}

	/**
	 * May the caller do this kind of work on this site?
	 *
	 * An acting agent is asked first: its limits hold on the command line and in the queue too.
	 *
	 * @param string $action An action key, for example `manage_flows`. An unknown one is passed only where nothing is asked.
	 */
	public static function can( string $action ): bool {
		$rights = self::rights();
		return null === $rights || ( self::within_limits( $action ) && $rights->can( $action ) );
	}

	/** @return list<string> The action keys that {@see can()} affirms. */
	public static function get_allowed_actions(): array {
		$rights = self::rights();
		return null === $rights ? Rights::ACTIONS : array_values( array_filter( $rights->actions(), array( self::class, 'within_limits' ) ) );
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

	/**
	 * From here on an agent acts. One that acts already, below a limit, hands its limit on: it ends with clear_agent_context().
	 *
	 * @param list<string>|null $capabilities What a token is limited to; null for no limit of its own.
	 */
	public static function set_agent_context( int $agent_id, int $owner_id, ?array $capabilities = null, ?int $token_id = null ): void {
		self::act( $agent_id, $owner_id, self::who_acts()['ceiling']->within( $capabilities ), $token_id );
	}

	/** As {@see set_agent_context()}, with all that a token may be limited to and nothing that was before. */
	public static function act( int $agent_id, int $owner_id, Ceiling $ceiling, ?int $token_id ): void {
		self::become(
			array(
				'agent_id' => $agent_id,
				'owner_id' => $owner_id,
				'ceiling'  => $ceiling,
				'token_id' => $token_id,
			)
		);
	}

	/** The caller of another site goes with the agent it called. */
	public static function clear_agent_context(): void {
		self::become( null );
		self::$caller = null;
	}

	/**
	 * Run something as an agent, with its owner as the current user; afterwards everything is as before. Calls may nest.
	 *
	 * @param string $request_context Says what for; nothing depends on it.
	 * @return mixed What the callback returns.
	 */
	public static function run_as_agent_context( int $agent_id, int $owner_id, callable $callback, string $request_context = 'cli' ) {
		unset( $request_context );
		$before = self::who_acts();
		$user   = get_current_user_id();
		self::set_agent_context( $agent_id, $owner_id );
		wp_set_current_user( $owner_id );
		try {
			return $callback();
		} finally {
			self::act_again( $before );
			wp_set_current_user( $user );
		}
	}

	/**
	 * For {@see act_again()}; opaque but for the limit.
	 *
	 * @return array{agent: array{agent_id: int, owner_id: int, ceiling: Ceiling, token_id: int|null}|null, caller: CallerContext|null, ceiling: Ceiling}
	 */
	public static function who_acts(): array {
		return array(
			'agent'   => self::$agent,
			'caller'  => self::$caller,
			'ceiling' => self::$agent['ceiling'] ?? Ceiling::of_list( null ),
		);
	}

	/** @param array{agent: array{agent_id: int, owner_id: int, ceiling: Ceiling, token_id: int|null}|null, caller: CallerContext|null} $before What who_acts() gave. */
	public static function act_again( array $before ): void {
		self::$caller = $before['caller'];
		self::become( $before['agent'] );
	}

	public static function get_acting_agent_id(): ?int {
		return self::$agent['agent_id'] ?? null;
	}

	public static function get_acting_token_id(): ?int {
		return self::$agent['token_id'] ?? null;
	}

	/** @return list<string>|null The capabilities the acting agent's token is limited to; null for no limit of its own. */
	public static function get_acting_capabilities(): ?array {
		return null === self::$agent ? null : self::$agent['ceiling']->capabilities;
	}

	public static function in_agent_context(): bool {
		return null !== self::$agent;
	}

	public static function set_caller_context( CallerContext $context ): void {
		self::$caller = $context;
	}

	public static function get_caller_context(): ?CallerContext {
		return self::$caller;
	}

	/** Whether an agent of another site is calling. */
	public static function in_cross_site_context(): bool {
		return null !== self::$caller && self::$caller->isCrossSite();
	}

	/** Whether nothing is asked: the site's own work, or its operator at a command line. An acting agent is neither. */
	public static function is_unlimited(): bool {
		return null === self::$agent && ( Acting::is_operator() || Acting::is_site() );
	}

	/** Whether every agent and everybody's resources are open to those who pass the action in question. */
	public static function is_administrator(): bool {
		if ( null === self::$agent && ( null !== self::$authenticated || self::is_unlimited() ) ) {
			return true;
		}
		return self::leaves( 'manage_options' ) && Rights::of( self::acting_user_id() )->administrator;
	}

	/** Whether the whole network is open to the caller; on a single site as {@see is_administrator()}. */
	public static function is_network_administrator(): bool {
		return is_multisite() ? self::leaves( 'manage_network' ) && Rights::of( self::acting_user_id() )->network : self::is_administrator();
	}

	/**
	 * Has the caller at least this role (viewer, operator, admin) on an agent?
	 *
	 * What WordPress knows is answered here. Owners, grants and the filter `datamachine_can_access_agent` are the sidecar's
	 * matter, and when it does not answer, nobody has access.
	 */
	public static function can_access_agent( int $agent_id, string $minimum_role = 'viewer' ): bool {
		if ( self::is_unlimited() || self::may_everywhere() ) {
			return true;
		}
		return self::acting_user_id() > 0 && AgentAnswers::can_access( $agent_id, $minimum_role );
	}

	/** Nobody's resource is everybody's; another's is for those who manage the site. */
	public static function owns_resource( int $resource_user_id, string $action = 'manage_flows' ): bool {
		if ( 0 === $resource_user_id || ( self::can( $action ) && self::is_administrator() ) ) {
			return true;
		}
		return self::acting_user_id() === $resource_user_id;
	}

	/** As {@see owns_resource()} for what belongs to no agent (null or 0); else whoever may see the agent. */
	public static function owns_agent_resource( ?int $resource_agent_id, int $resource_user_id, string $action = 'manage_flows' ): bool {
		return null === $resource_agent_id || 0 === $resource_agent_id
			? self::owns_resource( $resource_user_id, $action )
			: self::can_access_agent( $resource_agent_id );
	}

	/** Users a listing is limited to: null for all. */
	public static function resolve_scoped_user_id( \WP_REST_Request $request, string $action = 'manage_flows' ): ?int {
		if ( ! self::can( $action ) ) {
			return self::acting_user_id();
		}
		$user = $request->get_param( 'user_id' );
		return empty( $user ) ? null : (int) $user;
	}

	/**
	 * The agent a listing is limited to.
	 *
	 * Named by the parameter `agent_id`, for those who pass the action or may see that agent (else null). Not named: the
	 * acting agent; else null, which is all agents, for those who pass the action; else the caller's first agent, or 0.
	 */
	public static function resolve_scoped_agent_id( \WP_REST_Request $request, string $action = 'manage_flows' ): ?int {
		$named = $request->get_param( 'agent_id' );
		if ( null !== $named && '' !== $named ) {
			$agent_id = is_scalar( $named ) ? (int) $named : 0;
			return self::can( $action ) || self::can_access_agent( $agent_id ) ? $agent_id : null;
		}
		if ( null !== self::$agent ) {
			return self::$agent['agent_id'];
		}
		return self::can( $action ) ? null : ( AgentAnswers::accessible()[0] ?? 0 );
	}

	/** @return list<int> Agents the caller owns, then those granted; empty also for those who pass the action: all. */
	public static function resolve_all_accessible_agent_ids( string $action = 'manage_flows' ): array {
		return self::can( $action ) || self::acting_user_id() <= 0 ? array() : AgentAnswers::accessible();
	}

	/** On a network an administrator of one blog has not every agent of it: some belong to other blogs. */
	private static function may_everywhere(): bool {
		if ( ! self::can( 'manage_agents' ) || ! self::is_administrator() ) {
			return false;
		}
		$vouched = null === self::$agent && 0 === self::$authenticated && 0 === self::acting_user_id();
		return $vouched || self::is_network_administrator();
	}

	/** Whose rights count; null where nothing is asked. */
	private static function rights(): ?Rights {
		if ( null !== self::$agent ) {
			return Rights::of( self::$agent['owner_id'] );
		}
		if ( self::is_unlimited() || 0 === self::$authenticated ) {
			return null;
		}
		return Rights::of( self::$authenticated ?? get_current_user_id() );
	}

	/** Whether the acting agent's token, if there is one, leaves that action. */
	private static function within_limits( string $action ): bool {
		return self::leaves( (string) Rights::capability( $action ) );
	}

	/** Whether the acting agent's token, if there is one, leaves that capability. */
	private static function leaves( string $capability ): bool {
		return null === self::$agent || self::$agent['ceiling']->lists( $capability );
	}

	/**
	 * The limits of a token, or of a job that one started, hold for WordPress's own questions too.
	 *
	 * @param array{agent_id: int, owner_id: int, ceiling: Ceiling, token_id: int|null}|null $agent
	 */
	private static function become( ?array $agent ): void {
		self::$agent = $agent;
		if ( null !== $agent && ( null !== $agent['token_id'] || null !== $agent['ceiling']->capabilities ) ) {
			CeilingGuard::hold( $agent['ceiling'], $agent['owner_id'] );
		} else {
			CeilingGuard::release();
		}
	}
}
