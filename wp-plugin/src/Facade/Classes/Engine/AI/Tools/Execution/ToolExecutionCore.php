<?php
/**
 * Runs a tool that was offered, and asks nothing else: no policy, no pending action, no tracking of posts.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Engine\AI\Tools\Execution;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class ToolExecutionCore {

	/**
	 * Looks the tool up and puts its parameters together.
	 *
	 * @param array<string, mixed> $tool_parameters What the model gave; it goes before the payload.
	 * @param array<string, mixed> $available_tools Definitions by name.
	 * @param array<string, mixed> $payload         What the conversation is about.
	 * @return array<string, mixed> `{success: true, tool_name, parameters, tool_def}`, or `{success: false, error, tool_name}`.
	 */
	public function prepareToolCall( string $tool_name, array $tool_parameters, array $available_tools, array $payload ): array {
		$tool_def = $available_tools[ $tool_name ] ?? null;
		if ( ! is_array( $tool_def ) || array() === $tool_def ) {
			return self::failed( $tool_name, sprintf( "Tool '%s' not found", $tool_name ) );
		}
		$checked = self::validateRequiredParameters( $tool_parameters, $tool_def );
		if ( ! $checked['valid'] ) {
			return self::failed( $tool_name, sprintf( '%s requires the following parameters: %s. Please provide these parameters and try again.', ucwords( strtr( $tool_name, '_', ' ' ) ), implode( ', ', $checked['missing'] ) ) );
		}
		return array(
			'success'    => true,
			'tool_name'  => $tool_name,
			'parameters' => array_merge( $payload, $tool_parameters ),
			'tool_def'   => $tool_def,
		);
	}

	/**
	 * @param array<string, mixed> $parameters As prepared.
	 * @param array<string, mixed> $tool_def   `{class, method}`, or `{ability}`.
	 * @return array<string, mixed> What the tool answered, or `{success: false, error, tool_name}`.
	 */
	public function executePreparedTool( string $tool_name, array $parameters, array $tool_def ): array {
		if ( isset( $tool_def['ability'] ) && ! isset( $tool_def['class'] ) && ! isset( $tool_def['method'] ) ) {
			return self::ability( $tool_name, $parameters, (string) $tool_def['ability'] );
		}
		$class  = $tool_def['class'] ?? null;
		$method = $tool_def['method'] ?? null;
		if ( ! is_string( $class ) || '' === $class ) {
			return self::failed( $tool_name, sprintf( "Tool '%s' names no class.", $tool_name ) );
		}
		if ( ! class_exists( $class ) ) {
			return self::failed( $tool_name, sprintf( "The class '%s' of the tool '%s' does not exist.", $class, $tool_name ) );
		}
		if ( ! is_string( $method ) || ! is_callable( array( $class, $method ) ) && ! method_exists( $class, $method ) ) {
			return self::failed( $tool_name, sprintf( "The tool '%s' has no method that can be called.", $tool_name ) );
		}
		$answer = ( new $class() )->{$method}( $parameters, $tool_def );
		return is_array( $answer ) ? $answer : array(
			'success'   => true,
			'tool_name' => $tool_name,
			'result'    => $answer,
		);
	}

	/**
	 * @param array<string, mixed> $tool_parameters
	 * @param array<string, mixed> $available_tools
	 * @param array<string, mixed> $payload
	 * @return array<string, mixed>
	 */
	public function executeTool( string $tool_name, array $tool_parameters, array $available_tools, array $payload ): array {
		$prepared = $this->prepareToolCall( $tool_name, $tool_parameters, $available_tools, $payload );
		return $prepared['success'] ? $this->executePreparedTool( $tool_name, $prepared['parameters'], $prepared['tool_def'] ) : $prepared;
	}

	/**
	 * @param array<string, mixed> $tool_parameters
	 * @param array<string, mixed> $tool_def        `parameters` by name, with `required`.
	 * @return array{valid: bool, required: list<string>, missing: list<string>}
	 */
	public static function validateRequiredParameters( array $tool_parameters, array $tool_def ): array {
		$specs    = is_array( $tool_def['parameters'] ?? null ) ? $tool_def['parameters'] : array();
		$required = array_map( 'strval', array_keys( array_filter( $specs, static fn ( $spec ): bool => is_array( $spec ) && ! empty( $spec['required'] ) ) ) );
		$missing  = array_values( array_filter( $required, static fn ( string $name ): bool => '' === ( $tool_parameters[ $name ] ?? '' ) ) );
		return array(
			'valid'    => array() === $missing,
			'required' => $required,
			'missing'  => $missing,
		);
	}

	/**
	 * @param array<string, mixed> $parameters
	 * @return array<string, mixed>
	 */
	private static function ability( string $tool_name, array $parameters, string $slug ): array {
		$with    = array( 'ability' => $slug );
		$ability = function_exists( 'wp_get_ability' ) && wp_has_ability( $slug ) ? wp_get_ability( $slug ) : null;
		if ( null === $ability ) {
			return self::failed( $tool_name, sprintf( "Tool '%s' references missing ability '%s'.", $tool_name, $slug ) ) + $with;
		}
		$may = $ability->check_permissions( $parameters );
		if ( true !== $may ) {
			return self::failed( $tool_name, is_wp_error( $may ) ? $may->get_error_message() : sprintf( "The ability '%s' is not permitted here.", $slug ) ) + $with;
		}
		$answer = $ability->execute( $parameters );
		if ( is_wp_error( $answer ) ) {
			return self::failed( $tool_name, $answer->get_error_message() ) + $with;
		}
		return is_array( $answer ) ? $answer : array(
			'success'   => true,
			'tool_name' => $tool_name,
			'result'    => $answer,
		) + $with;
	}

	/** @return array{success: false, error: string, tool_name: string} */
	private static function failed( string $tool_name, string $error ): array {
		return array(
			'success'   => false,
			'error'     => $error,
			'tool_name' => $tool_name,
		);
	}
}
