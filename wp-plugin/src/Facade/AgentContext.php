<?php
/**
 * As which agent the engine works in this process, below the limits of whoever acted here before.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Facade;

use DataMachine\Abilities\PermissionHelper;
use DataMachine\Bridge\Host\Params;
use DataMachine\Core\Auth\CallerContext;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class AgentContext {

	/** @var array{agent: array{int, int, list<string>|null, int|null}, caller: CallerContext|null}|null A request's own token. */
	private static ?array $before = null;

	private static bool $changed = false;

	/**
	 * `automation.agent_context`: `{agent_id, owner_id, capabilities?}`; an agent of 0 ends it, and whoever acted before
	 * acts again. The capabilities bound everything done in between, and never beyond a token that opened the request.
	 *
	 * @param array<string, mixed> $params
	 */
	public static function change( array $params ): bool {
		if ( ! self::$changed ) {
			self::$before  = self::now();
			self::$changed = true;
		}
		$agent = Params::id( $params, 'agent_id' );
		if ( $agent > 0 ) {
			$limits = array_filter( array( $params['capabilities'] ?? null, self::$before['agent'][2] ?? null ), 'is_array' );
			PermissionHelper::set_agent_context(
				$agent,
				Params::id( $params, 'owner_id' ),
				array() === $limits ? null : array_values( array_filter( array_intersect( ...array_values( $limits ) ), 'is_string' ) )
			);
			return true;
		}
		PermissionHelper::clear_agent_context();
		if ( null !== self::$before ) {
			PermissionHelper::set_agent_context( ...self::$before['agent'] );
			if ( null !== self::$before['caller'] ) {
				PermissionHelper::set_caller_context( self::$before['caller'] );
			}
		}
		self::$before  = null;
		self::$changed = false;
		return true;
	}

	/** @return array{agent: array{int, int, list<string>|null, int|null}, caller: CallerContext|null}|null */
	private static function now(): ?array {
		$agent = PermissionHelper::get_acting_agent_id();
		return null === $agent ? null : array(
			'agent'  => array( $agent, PermissionHelper::acting_user_id(), PermissionHelper::get_acting_capabilities(), PermissionHelper::get_acting_token_id() ),
			'caller' => PermissionHelper::get_caller_context(),
		);
	}
}
