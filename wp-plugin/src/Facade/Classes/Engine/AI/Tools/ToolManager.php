<?php
/**
 * Reads the registry of tools, and which of them are on.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Engine\AI\Tools;

use DataMachine\Bridge\Facade\HandlerTools;
use DataMachine\Bridge\Facade\Plugins;
use DataMachine\Bridge\Facade\Rows;
use DataMachine\Core\Database\Pipelines\Pipelines;
use DataMachine\Core\PluginSettings;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/** A tool's definition is an array, or what gives it (`_callable`); wrappers of handlers give several (`_handler_callable`). */
class ToolManager {

	/** @var array<string, array<string, mixed>> Definitions that were asked for, by scope and name. */
	private static array $resolved = array();

	/** Tools register themselves; there is nothing to prepare. */
	public static function init(): void {
	}

	public static function clearCache(): void {
		self::$resolved = array();
	}

	/**
	 * Definitions in place of what gives them. What gives none is an empty one.
	 *
	 * @param array<string, mixed> $tools
	 * @return array<string, array<string, mixed>>
	 */
	public function resolveAllTools( array $tools, string $cache_scope = '' ): array {
		$found = array();
		foreach ( $tools as $name => $definition ) {
			$lazy = is_array( $definition ) && isset( $definition['_callable'] ) ? $definition['_callable'] : ( is_array( $definition ) ? null : $definition );
			if ( null === $lazy ) {
				$found[ $name ] = $definition;
				continue;
			}
			$key                       = $cache_scope . '|' . $name;
			self::$resolved[ $key ]  ??= self::given( $lazy );
			$found[ (string) $name ] = self::$resolved[ $key ];
		}
		return $found;
	}

	/** @return array<string, mixed> Registered tools by name, as their plugins wrote them. */
	public function get_all_tools(): array {
		return $this->get_raw_tools();
	}

	/** @return array<string, mixed> */
	public function get_raw_tools(): array {
		/** This filter is documented in hooks/product.json */
		$tools = apply_filters( 'datamachine_tools', array() );
		return is_array( $tools ) ? $tools : array();
	}

	/**
	 * @param array<string, mixed> $handler_config
	 * @param array<string, mixed> $engine_data
	 * @return array<string, array<string, mixed>> Definitions by name.
	 */
	public function resolveHandlerTools( string $handler_slug, array $handler_config, array $engine_data, string $cache_scope = '' ): array { // phpcs:ignore Generic.CodeAnalysis.UnusedFunctionParameter -- each call asks.
		$type  = (string) ( Plugins::handler( $handler_slug )['type'] ?? '' );
		$found = array();
		foreach ( $this->get_handler_tool_entries() as $wrapper ) {
			if ( HandlerTools::is_for( $wrapper, $handler_slug, $type ) ) {
				$found = array_merge( $found, HandlerTools::of( $wrapper, $handler_slug, $handler_config, $engine_data ) );
			}
		}
		return $found;
	}

	/** @return array<string, array<string, mixed>> */
	public function get_handler_tool_entries(): array {
		return array_filter( $this->get_raw_tools(), static fn ( $one ): bool => is_array( $one ) && is_callable( $one['_handler_callable'] ?? null ) );
	}

	/** @return list<string> */
	public static function get_tool_modes( mixed $definition ): array {
		$modes = is_array( $definition ) ? ( $definition['modes'] ?? array() ) : array();
		return is_array( $modes ) ? array_values( array_filter( $modes, 'is_string' ) ) : array();
	}

	/** @return list<string> The setting's keys: what they stand for says nothing. */
	public function get_globally_disabled_tools(): array {
		$tools = PluginSettings::get( 'disabled_tools', array() );
		return is_array( $tools ) ? array_map( 'strval', array_keys( $tools ) ) : array();
	}

	public function is_tool_configured( string $tool_id ): bool {
		if ( ! $this->requires_configuration( $tool_id ) ) {
			return true;
		}
		/** This filter is documented in hooks/product.json */
		return (bool) apply_filters( 'datamachine_tool_configured', false, $tool_id );
	}

	public function requires_configuration( string $tool_id ): bool {
		return ! empty( $this->definition( $tool_id )['requires_config'] );
	}

	public function is_globally_enabled( string $tool_id ): bool {
		return ! in_array( $tool_id, $this->get_globally_disabled_tools(), true ) && $this->is_tool_configured( $tool_id );
	}

	/**
	 * @param ?string $context_id A step of a pipeline.
	 * @return list<string>
	 */
	public function get_step_disabled_tools( ?string $context_id = null ): array {
		$at    = null === $context_id ? false : strpos( $context_id, '_' );
		$steps = false === $at ? array() : ( new Pipelines() )->get_pipeline_config( (int) substr( $context_id, 0, $at ) );
		$tools = $steps[ $context_id ]['disabled_tools'] ?? array();
		return is_array( $tools ) ? array_values( array_filter( $tools, 'is_string' ) ) : array();
	}

	public function is_tool_available( string $tool_id, ?string $context_id = null ): bool {
		return null !== $this->definition( $tool_id ) && ! in_array( $tool_id, $this->get_step_disabled_tools( $context_id ), true ) && $this->is_globally_enabled( $tool_id );
	}

	public function validate_tool_selection( string $tool_id ): bool {
		return $this->is_tool_available( $tool_id );
	}

	/**
	 * @param list<string> $tool_ids
	 * @return list<string> Those that are there and on.
	 */
	public function filter_valid_tools( array $tool_ids ): array {
		return array_values( array_filter( $tool_ids, fn ( $id ): bool => is_string( $id ) && $this->validate_tool_selection( $id ) ) );
	}

	/**
	 * Says which tools a step of a pipeline uses; the others are disabled there. As whoever acts may.
	 *
	 * @param list<string> $tool_ids
	 * @return list<string> Those that are used; none when it was not stored.
	 */
	public function save_step_tool_selections( string $context_id, array $tool_ids ): array {
		$used     = $this->filter_valid_tools( $tool_ids );
		$disabled = array_values( array_diff( array_keys( $this->get_tools_for_step_modal( $context_id ) ), $used ) );
		$input    = array(
			'pipeline_step_id' => $context_id,
			'disabled_tools'   => $disabled,
		);
		return array() === Rows::ability( 'update-pipeline-step', $input ) ? array() : $used;
	}

	/** @return array<string, array<string, mixed>> What a person may choose from for a step. */
	public function get_tools_for_step_modal( string $context_id ): array {
		$off = $this->get_step_disabled_tools( $context_id );
		return array_map(
			static fn ( array $tool ): array => $tool + array( 'enabled' => $tool['globally_enabled'] && ! in_array( $tool['id'], $off, true ) ),
			$this->described( 'pipeline' )
		);
	}

	/** @return array<string, array<string, mixed>> */
	public function get_tools_for_settings_page(): array {
		return $this->described( null );
	}

	/** @return array<string, array<string, mixed>> Of one mode, or all. */
	public function get_tools_for_api( ?string $mode = null ): array {
		return array_map( static fn ( array $tool ): array => array_diff_key( $tool, array( 'id' => true ) ), $this->described( $mode ) );
	}

	/** @return array<string, array<string, mixed>> */
	private function described( ?string $mode ): array {
		$found = array();
		foreach ( $this->get_raw_tools() as $name => $raw ) {
			if ( null !== $mode && ! in_array( $mode, self::get_tool_modes( $raw ), true ) || is_array( $raw ) && isset( $raw['_handler_callable'] ) ) {
				continue;
			}
			$name           = (string) $name;
			$tool           = $this->resolveAllTools( array( $name => $raw ) )[ $name ];
			$found[ $name ] = array(
				'id'               => $name,
				'label'            => (string) ( $tool['label'] ?? ucfirst( strtr( $name, '_', ' ' ) ) ),
				'description'      => (string) ( $tool['description'] ?? '' ),
				'requires_config'  => ! empty( $tool['requires_config'] ),
				'configured'       => $this->is_tool_configured( $name ),
				'globally_enabled' => $this->is_globally_enabled( $name ),
				'modes'            => self::get_tool_modes( $raw ),
			);
		}
		return $found;
	}

	/** @return array<string, mixed>|null */
	private function definition( string $tool_id ): ?array {
		$raw = $this->get_raw_tools()[ $tool_id ] ?? null;
		return null === $raw ? null : $this->resolveAllTools( array( $tool_id => $raw ) )[ $tool_id ];
	}

	/** @return array<string, mixed> */
	private static function given( mixed $lazy ): array {
		$definition = is_callable( $lazy ) ? $lazy() : null;
		return is_array( $definition ) ? $definition : array();
	}
}
