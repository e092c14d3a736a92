<?php
/**
 * The shape a conversation runner must answer with.
 *
 * @package AgentsAPI
 */

declare(strict_types=1);

namespace AgentsAPI\AI;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class AgentConversationResult {

	/**
	 * Checks a runner's answer and brings its messages into the canonical form; other keys pass untouched.
	 *
	 * @throws \InvalidArgumentException `invalid_agent_conversation_result: <path> <reason>`.
	 */
	public static function normalize( array $result ): array {
		if ( ! is_array( $result['messages'] ?? null ) ) {
			throw self::invalid( 'messages', 'must be an array' );
		}
		$messages = array();
		foreach ( $result['messages'] as $index => $message ) {
			$path = "messages[$index]";
			if ( ! is_array( $message ) ) {
				throw self::invalid( $path, 'must be an array' );
			}
			try {
				$messages[ $index ] = AgentMessageEnvelope::normalize( $message );
			} catch ( \InvalidArgumentException $e ) {
				throw self::invalid( $path, $e->getMessage() );
			}
		}
		$result['messages'] = $messages;

		$results = $result['tool_execution_results'] ?? array();
		if ( ! is_array( $results ) ) {
			throw self::invalid( 'tool_execution_results', 'must be an array' );
		}
		foreach ( $results as $index => $entry ) {
			self::check_tool_result( $entry, "tool_execution_results[$index]" );
		}
		$result['tool_execution_results'] = $results;

		return $result;
	}

	/** @param mixed $entry One element of `tool_execution_results`. */
	private static function check_tool_result( $entry, string $path ): void {
		if ( ! is_array( $entry ) ) {
			throw self::invalid( $path, 'must be an array' );
		}
		$name = $entry['tool_name'] ?? null;
		if ( ! is_string( $name ) || '' === $name ) {
			throw self::invalid( "$path.tool_name", 'must be a non-empty string' );
		}
		foreach ( array( 'result', 'parameters' ) as $field ) {
			if ( ! is_array( $entry[ $field ] ?? null ) ) {
				throw self::invalid( "$path.$field", 'must be an array' );
			}
		}
		if ( ! is_int( $entry['turn_count'] ?? null ) ) {
			throw self::invalid( "$path.turn_count", 'must be an integer' );
		}
		if ( array_key_exists( 'is_handler_tool', $entry ) && ! is_bool( $entry['is_handler_tool'] ) ) {
			throw self::invalid( "$path.is_handler_tool", 'must be a boolean' );
		}
	}

	private static function invalid( string $path, string $reason ): \InvalidArgumentException {
		return new \InvalidArgumentException( "invalid_agent_conversation_result: $path $reason" );
	}
}
