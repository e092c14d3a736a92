<?php
/**
 * The engine data of a job, as other plugins read and extend it.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core;

use DataMachine\Bridge\Bridge\BridgeException;
use DataMachine\Bridge\Bridge\Client;
use DataMachine\Bridge\Facade\OwnFiles;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class EngineData {

	private int $job_id;

	/**
	 * @param array<string, mixed> $data   The document.
	 * @param int|string|null      $job_id The job; without one nothing is written through.
	 */
	public function __construct( private array $data, $job_id = null ) {
		$this->job_id = (int) $job_id;
	}

	public static function forJob( int $job_id ): self {
		return new self( self::retrieve( $job_id ), $job_id );
	}

	/** @return array<string, mixed> The stored document, read straight from its row. */
	public static function retrieve( int $job_id ): array {
		global $wpdb;
		$text = $wpdb->get_var( $wpdb->prepare( 'SELECT engine_data FROM %i WHERE job_id = %d', $wpdb->prefix . 'datamachine_jobs', $job_id ) );
		$data = is_string( $text ) ? json_decode( $text, true ) : null;
		return is_array( $data ) ? $data : array();
	}

	/** @param array<string, mixed> $snapshot Replaces the document. */
	public static function persist( int $job_id, array $snapshot ): bool {
		return self::write( $job_id, $snapshot, true );
	}

	/** @param array<string, mixed> $data Merged recursively: lists merge by index, nothing is ever removed. */
	public static function merge( int $job_id, array $data ): bool {
		return self::write( $job_id, $data, false );
	}

	/** @param mixed $value Written through to the job. */
	public function set( string $key, $value ): void {
		$this->data = array_replace_recursive( $this->data, array( $key => $value ) );
		if ( $this->job_id > 0 ) {
			self::merge( $this->job_id, array( $key => $value ) );
		}
	}

	/**
	 * A value at the top, else under `metadata`, else the default.
	 *
	 * @param mixed $default_value
	 * @return mixed
	 */
	public function get( string $key, $default_value = null ) {
		if ( array_key_exists( $key, $this->data ) ) {
			return $this->data[ $key ];
		}
		$metadata = $this->data['metadata'] ?? null;
		return is_array( $metadata ) && array_key_exists( $key, $metadata ) ? $metadata[ $key ] : $default_value;
	}

	public function getSourceUrl(): ?string {
		$url = $this->get( 'source_url' );
		return is_string( $url ) && false !== filter_var( $url, FILTER_VALIDATE_URL ) ? $url : null;
	}

	public function getImagePath(): ?string {
		return $this->path( 'image_file_path' );
	}

	public function getVideoPath(): ?string {
		return $this->path( 'video_file_path' );
	}

	/** @return array<string, mixed> */
	public function all(): array {
		return $this->data;
	}

	/** @return array<string, mixed> `{job_id, flow_id, pipeline_id, user_id, created_at[, agent_id]}`. */
	public function getJobContext(): array {
		return $this->map( 'job' );
	}

	public function getAgentId(): ?int {
		$agent = (int) ( $this->getJobContext()['agent_id'] ?? 0 );
		return $agent > 0 ? $agent : null;
	}

	/** @return array<string, mixed> */
	public function getFlowConfig(): array {
		return $this->map( 'flow_config' );
	}

	/** @return array<string, mixed> */
	public function getFlowStepConfig( string $flow_step_id ): array {
		$step = $this->getFlowConfig()[ $flow_step_id ] ?? array();
		return is_array( $step ) ? $step : array();
	}

	/** @return array<string, mixed> */
	public function getPipelineConfig(): array {
		return $this->map( 'pipeline_config' );
	}

	/** @return array<string, mixed> */
	public function getPipelineStepConfig( string $pipeline_step_id ): array {
		$step = $this->getPipelineConfig()[ $pipeline_step_id ] ?? array();
		return is_array( $step ) ? $step : array();
	}

	/** @return array<string, mixed> */
	private function map( string $key ): array {
		$value = $this->data[ $key ] ?? array();
		return is_array( $value ) ? $value : array();
	}

	/** Null for files that are none of the site's own media. */
	private function path( string $key ): ?string {
		$path = $this->get( $key );
		return is_string( $path ) ? OwnFiles::medium( $path ) : null;
	}

	/** @param array<string, mixed> $data */
	private static function write( int $job_id, array $data, bool $replace ): bool {
		try {
			return true === Client::instance()->call(
				'engine.data',
				array(
					'job_id'  => $job_id,
					'data'    => $data,
					'replace' => $replace,
				)
			);
		} catch ( BridgeException $error ) {
			wp_trigger_error( __METHOD__, 'Engine data was not written: ' . $error->getMessage(), E_USER_WARNING );
			return false;
		}
	}
}
