<?php
/**
 * The settings of the product, from the option `datamachine_settings`.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core;

use DataMachine\Core\Database\Agents\Agents;
use DataMachine\Engine\AI\AgentModeRegistry;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class PluginSettings {
	public const DEFAULT_MAX_TURNS = 25;

	/** @return array<string, int> */
	public static function getDefaultQueueTuning(): array {
		return array(
			'concurrent_batches' => 3,
			'batch_size'         => 25,
			'time_limit'         => 60,
			'chunk_size'         => 10,
			'chunk_delay'        => 30,
		);
	}

	/** @return array<string, mixed> */
	public static function getDefaults(): array {
		return array(
			'cleanup_job_data_on_failure'     => true,
			'file_retention_days'             => 7,
			'chat_retention_days'             => 90,
			'chat_ai_titles_enabled'          => true,
			'alt_text_auto_generate_enabled'  => true,
			'problem_flow_threshold'          => 3,
			'flows_per_page'                  => 20,
			'jobs_per_page'                   => 50,
			'site_context_enabled'            => false,
			'daily_memory_enabled'            => false,
			'default_provider'                => '',
			'default_model'                   => '',
			'mode_models'                     => array(),
			'max_turns'                       => self::DEFAULT_MAX_TURNS,
			'disabled_tools'                  => array(),
			'queue_tuning'                    => self::getDefaultQueueTuning(),
		);
	}

	/** @return array<string, mixed> Stored values over the defaults. */
	public static function all(): array {
		$stored = get_option( 'datamachine_settings', array() );
		return ( is_array( $stored ) ? $stored : array() ) + self::getDefaults();
	}

	public static function get( string $key, mixed $default_value = null ): mixed {
		return self::all()[ $key ] ?? $default_value;
	}

	/** A setting of the site, else of the network. */
	public static function resolve( string $key, mixed $default_value = null ): mixed {
		$value = self::get( $key );
		if ( null !== $value && '' !== $value && array() !== $value ) {
			return $value;
		}
		$network = is_multisite() ? get_site_option( 'datamachine_network_settings', array() ) : array();
		return is_array( $network ) ? ( $network[ $key ] ?? $default_value ) : $default_value;
	}

	/** @return array{provider: string, model: string} */
	public static function getModelForMode( string $mode ): array {
		$modes = self::get( 'mode_models', array() );
		$own   = is_array( $modes ) && is_array( $modes[ $mode ] ?? null ) ? $modes[ $mode ] : array();
		return array(
			'provider' => (string) ( ( $own['provider'] ?? '' ) ?: self::resolve( 'default_provider', '' ) ),
			'model'    => (string) ( ( $own['model'] ?? '' ) ?: self::resolve( 'default_model', '' ) ),
		);
	}

	/**
	 * The model of an agent in a mode: the agent's own, else the site's.
	 *
	 * @return array{provider: string, model: string}
	 */
	public static function resolveModelForAgentMode( ?int $agent_id, string $mode ): array {
		$site   = self::getModelForMode( $mode );
		$config = null === $agent_id || $agent_id <= 0 ? array() : ( ( new Agents() )->get_agent( $agent_id )['agent_config'] ?? array() );
		$config = is_array( $config ) ? $config : array();
		$own    = is_array( $config['mode_models'][ $mode ] ?? null ) ? $config['mode_models'][ $mode ] : array();
		return array(
			'provider' => (string) ( ( $own['provider'] ?? '' ) ?: ( $config['default_provider'] ?? '' ) ?: $site['provider'] ),
			'model'    => (string) ( ( $own['model'] ?? '' ) ?: ( $config['default_model'] ?? '' ) ?: $site['model'] ),
		);
	}

	/** @return list<array{id: string, label: string, description: string}> */
	public static function getAgentModes(): array {
		return AgentModeRegistry::get_for_settings();
	}

	/** Options are cached by WordPress itself: nothing to clear. */
	public static function clearCache(): void {
	}
}
