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

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class AgentContext {

	/** @var array<string, mixed>|null What {@see PermissionHelper::who_acts()} said before the first change. */
	private static ?array $before = null;

	/**
	 * `automation.agent_context`: `{agent_id, owner_id, capabilities?}`; an agent of 0 ends it, and whoever acted before
	 * acts again. The capabilities bound everything done in between, and never beyond a token that opened the request.
	 *
	 * @param array<string, mixed> $params
	 */
	public static function change( array $params ): bool {
		self::$before ??= PermissionHelper::who_acts();
		$agent          = Params::id( $params, 'agent_id' );
		if ( $agent > 0 ) {
			$limit = isset( $params['capabilities'] ) ? Params::items( $params, 'capabilities' ) : null;
			PermissionHelper::act( $agent, Params::id( $params, 'owner_id' ), self::$before['ceiling']->within( $limit ), null );
			return true;
		}
		PermissionHelper::act_again( self::$before );
		self::$before = null;
		return true;
	}
}
