<?php
/**
 * Finds what handlers' tools answered among a step's packets.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Engine\AI\Tools;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class ToolResultFinder {

	/**
	 * The first packet in which a tool of the handler has succeeded.
	 *
	 * @param list<array<string, mixed>> $dataPackets
	 * @return array<string, mixed>|null
	 */
	public static function findHandlerResult( array $dataPackets, string $handler, string $flow_step_id, bool $log_error_on_missing = true ): ?array {
		foreach ( $dataPackets as $packet ) {
			if ( is_array( $packet ) && self::is_of( $packet, $handler ) ) {
				return $packet;
			}
		}
		if ( $log_error_on_missing ) {
			self::missing( array( $handler ), $flow_step_id );
		}
		return null;
	}

	/**
	 * Every such packet, handler by handler.
	 *
	 * @param list<array<string, mixed>> $dataPackets
	 * @param list<string>               $handler_slugs
	 * @return list<array<string, mixed>>
	 */
	public static function findAllHandlerResults( array $dataPackets, array $handler_slugs, string $flow_step_id ): array {
		$found = array();
		foreach ( $handler_slugs as $slug ) {
			foreach ( $dataPackets as $packet ) {
				if ( is_array( $packet ) && self::is_of( $packet, (string) $slug ) ) {
					$found[] = $packet;
				}
			}
		}
		if ( array() === $found ) {
			self::missing( $handler_slugs, $flow_step_id );
		}
		return $found;
	}

	/** @param array<string, mixed> $packet */
	private static function is_of( array $packet, string $handler ): bool {
		if ( ( $packet['metadata']['handler_tool'] ?? null ) !== $handler ) {
			return false;
		}
		return match ( $packet['type'] ?? '' ) {
			'ai_handler_complete' => true,
			'tool_result'         => ! empty( $packet['metadata']['tool_success'] ),
			default               => false,
		};
	}

	/** @param list<string> $handlers */
	private static function missing( array $handlers, string $flow_step_id ): void {
		/** This action is documented in hooks/product.json */
		do_action(
			'datamachine_log',
			'error',
			'AI did not execute handler tool',
			array(
				'handlers'     => $handlers,
				'flow_step_id' => $flow_step_id,
			)
		);
	}
}
