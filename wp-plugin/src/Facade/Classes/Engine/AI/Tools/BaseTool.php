<?php
/**
 * What a tool written in PHP extends.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Engine\AI\Tools;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/** A subclass registers itself from its constructor; see {@see self::registerTool()}. */
abstract class BaseTool {

	protected bool $async = false;

	protected string $config_tool_id = '';

	/**
	 * Offers a tool under `datamachine_tools`.
	 *
	 * @param callable|array<string, mixed> $toolDefinition The definition, or what gives it when it is wanted.
	 * @param list<string>                  $modes          Where it is offered: chat, pipeline, system ...
	 * @param array<string, mixed>          $meta           `ability`, `abilities`, `access_level`.
	 */
	protected function registerTool( string $toolName, callable|array $toolDefinition, array $modes = array(), array $meta = array() ): void { // phpcs:ignore WordPress.NamingConventions -- the names subclasses know.
		// A definition is an array of strings as keys; array( $this, 'method' ) is a list.
		$lazy  = is_callable( $toolDefinition ) && ( ! is_array( $toolDefinition ) || array_is_list( $toolDefinition ) );
		$entry = $lazy ? array( '_callable' => $toolDefinition ) : $toolDefinition;
		foreach ( array( 'ability', 'abilities', 'access_level' ) as $key ) {
			if ( ! empty( $meta[ $key ] ) ) {
				$entry[ $key ] = $meta[ $key ];
			}
		}
		$entry['modes'] = $modes;
		add_filter(
			'datamachine_tools',
			static function ( $tools ) use ( $toolName, $entry ) {
				if ( is_array( $tools ) ) {
					$tools[ $toolName ] = $entry;
				}
				return $tools;
			}
		);
	}

	/** Hooks the subclass's check_configuration(), get_configuration() and get_config_fields(), and save_configuration(). */
	protected function registerConfigurationHandlers( string $tool_id ): void {
		$this->config_tool_id = $tool_id;
		add_filter( 'datamachine_tool_configured', array( $this, 'check_configuration' ), 10, 2 );
		add_filter( 'datamachine_get_tool_config', array( $this, 'get_configuration' ), 10, 2 );
		add_filter( 'datamachine_get_tool_config_fields', array( $this, 'get_config_fields' ), 10, 2 );
		add_filter( 'datamachine_save_tool_config', array( $this, 'save_configuration' ), 10, 3 );
	}

	/**
	 * @param mixed $result      What others made of it.
	 * @param mixed $tool_id     Whose configuration it is.
	 * @param mixed $config_data Given.
	 * @return mixed `{success, message}` or `{success: false, error}` for this tool's own.
	 */
	public function save_configuration( $result, $tool_id, $config_data ) {
		if ( $tool_id !== $this->config_tool_id ) {
			return $result;
		}
		$built = $this->validate_and_build_config( is_array( $config_data ) ? $config_data : array() );
		if ( isset( $built['error'] ) ) {
			return array(
				'success' => false,
				'error'   => (string) $built['error'],
			);
		}
		$config = is_array( $built['config'] ?? null ) ? $built['config'] : array();
		$this->before_config_save( $config );
		if ( ! update_site_option( $this->get_config_option_name(), $config ) ) {
			return array(
				'success' => false,
				'error'   => __( 'The configuration was not saved, or has not changed.', 'data-machine' ),
			);
		}
		return array(
			'success' => true,
			'message' => (string) ( $built['message'] ?? __( 'Configuration saved.', 'data-machine' ) ),
		);
	}

	protected function get_config_option_name(): string {
		return '';
	}

	/**
	 * @param array<string, mixed> $config_data
	 * @return array{config?: array<string, mixed>, message?: string, error?: string}
	 */
	protected function validate_and_build_config( array $config_data ): array { // phpcs:ignore Generic.CodeAnalysis.UnusedFunctionParameter -- overridden.
		return array( 'error' => __( 'This tool has no configuration.', 'data-machine' ) );
	}

	/** @param array<string, mixed> $config_data */
	protected function before_config_save( array $config_data ): void { // phpcs:ignore Generic.CodeAnalysis.UnusedFunctionParameter -- overridden.
	}

	/** @param mixed $result Of an ability. */
	protected function isAbilitySuccess( $result ): bool {
		return ! is_wp_error( $result ) && is_array( $result ) && ! empty( $result['success'] );
	}

	/** @param mixed $result Of an ability. */
	protected function getAbilityError( $result, string $fallback ): string {
		if ( is_wp_error( $result ) ) {
			return $result->get_error_message();
		}
		return is_array( $result ) && is_string( $result['error'] ?? null ) && '' !== $result['error'] ? $result['error'] : $fallback;
	}

	/** not_found, validation, permission or system: what the words of an error say. */
	protected function classifyErrorType( string $error ): string {
		$kinds = array(
			'not_found'  => array( 'not found', 'does not exist' ),
			'validation' => array( 'required', 'invalid' ),
			'permission' => array( 'permission', 'denied', 'unauthorized' ),
		);
		$text  = strtolower( $error );
		foreach ( $kinds as $kind => $words ) {
			foreach ( $words as $word ) {
				if ( str_contains( $text, $word ) ) {
					return $kind;
				}
			}
		}
		return 'system';
	}

	/** @return array<string, mixed> */
	protected function buildErrorResponse( string $error, string $tool_name ): array {
		return $this->buildDiagnosticErrorResponse( $error, $this->classifyErrorType( $error ), $tool_name );
	}

	/**
	 * @param array<string, mixed> $diagnostic  What a model may find the cause in.
	 * @param array<string, mixed> $remediation What it may do.
	 * @return array<string, mixed>
	 */
	protected function buildDiagnosticErrorResponse( string $error, string $error_type, string $tool_name, array $diagnostic = array(), array $remediation = array() ): array {
		return array_merge(
			array(
				'success'    => false,
				'error'      => $error,
				'error_type' => $error_type,
				'tool_name'  => $tool_name,
			),
			array() === $diagnostic ? array() : array( 'diagnostic' => $diagnostic ),
			array() === $remediation ? array() : array( 'remediation' => $remediation )
		);
	}
}
