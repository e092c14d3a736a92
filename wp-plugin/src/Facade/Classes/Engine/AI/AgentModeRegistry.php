<?php
/**
 * The modes an agent can be asked in: what a mode is called, not what it does.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Engine\AI;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/** Others register theirs inside the action `datamachine_agent_modes`, which the first read fires. */
class AgentModeRegistry {

	/** @var array<string, array{id: string, priority: int, label: string, description: string}> */
	private static array $modes = array();

	/** @var list<string> Taken out, and not put back by the core's own. */
	private static array $removed = array();

	private static bool $told = false;

	/** @param array{label?: string, description?: string} $args */
	public static function register( string $id, int $priority = 50, array $args = array() ): void {
		$id = sanitize_key( $id );
		if ( '' === $id ) {
			return;
		}
		self::$removed      = array_values( array_diff( self::$removed, array( $id ) ) );
		self::$modes[ $id ] = array(
			'id'          => $id,
			'priority'    => $priority,
			'label'       => (string) ( $args['label'] ?? ucwords( strtr( $id, '_-', '  ' ) ) ),
			'description' => (string) ( $args['description'] ?? '' ),
		);
	}

	public static function deregister( string $id ): void {
		$id              = sanitize_key( $id );
		self::$removed[] = $id;
		unset( self::$modes[ $id ] );
	}

	public static function is_registered( string $id ): bool {
		return isset( self::get_all()[ sanitize_key( $id ) ] );
	}

	/** @return array{id: string, priority: int, label: string, description: string}|null */
	public static function get( string $id ): ?array {
		return self::get_all()[ sanitize_key( $id ) ] ?? null;
	}

	/** @return array<string, array{id: string, priority: int, label: string, description: string}> By id, in order. */
	public static function get_all(): array {
		if ( ! self::$told ) {
			self::$told = true;
			foreach ( self::core() as $id => $args ) {
				if ( ! isset( self::$modes[ $id ] ) && ! in_array( $id, self::$removed, true ) ) {
					self::register( $id, $args['priority'], $args );
				}
			}
			/** This action is documented in hooks/agents-api-runtime.json */
			do_action( 'datamachine_agent_modes', self::sorted() );
		}
		return self::sorted();
	}

	/** @return list<string> */
	public static function get_ids(): array {
		return array_map( 'strval', array_keys( self::get_all() ) );
	}

	/** @return list<array{id: string, label: string, description: string}> */
	public static function get_for_settings(): array {
		return array_values(
			array_map(
				static fn ( array $mode ): array => array_diff_key( $mode, array( 'priority' => true ) ),
				self::get_all()
			)
		);
	}

	/** Forgets everything; the next read asks again. */
	public static function reset(): void {
		self::$modes   = array();
		self::$removed = array();
		self::$told    = false;
	}

	/** @return array<string, array{id: string, priority: int, label: string, description: string}> */
	private static function sorted(): array {
		$modes = self::$modes;
		uasort( $modes, static fn ( array $one, array $other ): int => $one['priority'] <=> $other['priority'] );
		return $modes;
	}

	/** @return array<string, array{priority: int, label: string, description: string}> */
	private static function core(): array {
		return array(
			'chat'     => array(
				'priority'    => 10,
				'label'       => __( 'Chat', 'data-machine' ),
				'description' => __( 'Conversations with people.', 'data-machine' ),
			),
			'pipeline' => array(
				'priority'    => 20,
				'label'       => __( 'Pipeline', 'data-machine' ),
				'description' => __( 'AI steps of pipelines.', 'data-machine' ),
			),
			'system'   => array(
				'priority'    => 30,
				'label'       => __( 'System', 'data-machine' ),
				'description' => __( 'Tasks of the site itself.', 'data-machine' ),
			),
		);
	}
}
