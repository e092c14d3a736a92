<?php
/**
 * Host operations that make the objects a PHP listener expects, and say who acts.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Facade;

use DataMachine\Abilities\PermissionHelper;
use DataMachine\Bridge\Host\Failure;
use DataMachine\Bridge\Host\Params;
use DataMachine\Bridge\Identity\HostOperations;
use DataMachine\Bridge\Identity\Principal;
use DataMachine\Core\EngineData;
use DataMachine\Engine\AI\Tools\Sources\AdjacentHandlerToolSource;
use DataMachine\Engine\AI\Tools\Sources\DataMachineToolRegistrySource;
use DataMachine\Engine\AI\Tools\ToolManager;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Objects {

	/**
	 * `automation.engine_data`: `{job_id, data}` gives the object; it travels as a handle.
	 *
	 * @param array<string, mixed> $params
	 */
	public static function engine_data( array $params ): EngineData {
		return new EngineData( Params::items( $params, 'data' ), Params::id( $params, 'job_id' ) );
	}

	/**
	 * `automation.tool_source`: `{slug}` gives PHP's object for one of the engine's tool sources, or the tool manager.
	 *
	 * @param array<string, mixed> $params
	 */
	public static function tool_source( array $params ): object {
		return match ( Params::text( $params, 'slug' ) ) {
			'static_registry'   => new DataMachineToolRegistrySource(),
			'adjacent_handlers' => new AdjacentHandlerToolSource(),
			'tool_manager'      => new ToolManager(),
			default             => throw new Failure( 'unknown_tool_source', 'There is no such source of tools.', 404 ),
		};
	}

	/**
	 * `automation.owner`: `{user_id}` gives what that user may do now on this blog, null when there is no such user.
	 *
	 * @param array<string, mixed> $params
	 * @return array{actions: list<string>, administrator: bool, network: bool, known: bool}|null
	 */
	public static function owner( array $params ): ?array {
		$id      = Params::id( $params, 'user_id' );
		$answers = HostOperations::answers( array( 'user_id' => $id ) );
		// Asked after the answers, which read the user again.
		return get_userdata( $id ) instanceof \WP_User ? $answers : null;
	}

	/**
	 * `automation.author`: `{agent_id, user_id}` of whoever acts, 0 for nobody.
	 *
	 * @param array<string, mixed> $params
	 * @return array{agent_id: int, user_id: int}
	 */
	public static function author( array $params ): array {
		unset( $params );
		return array(
			'agent_id' => PermissionHelper::get_acting_agent_id() ?? 0,
			'user_id'  => PermissionHelper::acting_user_id(),
		);
	}

	/**
	 * `automation.principal`: who acts in this process.
	 *
	 * @param array<string, mixed> $params
	 * @return array<string, mixed>
	 */
	public static function principal( array $params ): array {
		unset( $params );
		return Principal::describe();
	}
}
