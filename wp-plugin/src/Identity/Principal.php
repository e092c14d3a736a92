<?php
/**
 * Who acts in this request, as Python is told with every call that asks for something.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Identity;

use DataMachine\Abilities\PermissionHelper;
use DataMachine\Bridge\Host\Acting;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Principal {

	/**
	 * Made anew at every call: plugins change users, roles and contexts in the middle of a request.
	 *
	 * An acting agent is a `user` (its owner) with `agent`; its ceiling goes along; whose the agent is, and what its token says, Python
	 * reads itself. `authenticated` says that PHP code vouches for a caller who is no user of the site.
	 *
	 * @return array{kind: string, user_id: int, actions: list<string>, administrator: bool, network: bool, authenticated: bool, agent: array{agent_id: int, capabilities: list<string>|null, token_id: int|null}|null, caller: array{site: string, agent: string, chain_id: string, depth: int}|null}
	 */
	public static function describe(): array {
		$agent  = PermissionHelper::get_acting_agent_id();
		$caller = PermissionHelper::get_caller_context();
		return array(
			'kind'          => self::kind(),
			'user_id'       => PermissionHelper::acting_user_id(),
			'actions'       => PermissionHelper::get_allowed_actions(),
			'administrator' => PermissionHelper::is_administrator(),
			'network'       => PermissionHelper::is_network_administrator(),
			'authenticated' => null === $agent && PermissionHelper::is_authenticated_context(),
			'agent'         => null === $agent ? null : array(
				'agent_id'     => $agent,
				'capabilities' => PermissionHelper::get_acting_capabilities(),
				'token_id'     => PermissionHelper::get_acting_token_id(),
			),
			'caller'        => null === $caller ? null : array(
				'site'     => $caller->callerSite(),
				'agent'    => $caller->callerAgent(),
				'chain_id' => $caller->chainId(),
				'depth'    => $caller->chainDepth(),
			),
		);
	}

	/** The order of {@see PermissionHelper::can()}. */
	private static function kind(): string {
		if ( PermissionHelper::in_agent_context() ) {
			return 'user';
		}
		if ( Acting::is_operator() ) {
			return 'cli';
		}
		$vouched = PermissionHelper::is_authenticated_context() && 0 === PermissionHelper::acting_user_id();
		return $vouched || Acting::is_site() ? 'system' : 'user';
	}
}
