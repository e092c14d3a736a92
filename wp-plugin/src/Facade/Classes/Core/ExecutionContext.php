<?php
/**
 * What a fetch handler knows of the run it works in.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core;

use DataMachine\Bridge\Facade\Items;
use DataMachine\Core\FilesRepository\DirectoryManager;
use DataMachine\Core\FilesRepository\RemoteFileDownloader;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/**
 * In a flow, items are remembered and claimed. Directly (a test, a workflow without a flow) and alone nothing counts as
 * taken in before, and nothing is written down.
 */
class ExecutionContext {

	public const MODE_DIRECT     = 'direct';
	public const MODE_FLOW       = 'flow';
	public const MODE_STANDALONE = 'standalone';

	private ?EngineData $engine = null;

	private function __construct(
		private readonly string|int|null $pipeline_id,
		private readonly string|int|null $flow_id,
		private readonly ?string $flow_step_id,
		private readonly ?string $job_id,
		private readonly string $handler_type,
		private readonly ?int $agent_id
	) {
	}

	public static function direct( string $handler_type = '' ): self {
		return new self( self::MODE_DIRECT, self::MODE_DIRECT, null, null, $handler_type, null );
	}

	public static function fromFlow( int $pipeline_id, int $flow_id, string $flow_step_id, ?string $job_id, string $handler_type = '', ?int $agent_id = null ): self {
		return new self( $pipeline_id, $flow_id, $flow_step_id, $job_id, $handler_type, $agent_id );
	}

	public static function standalone( ?string $job_id = null, string $handler_type = '' ): self {
		return new self( null, null, null, $job_id, $handler_type, null );
	}

	/** @param array<string, mixed> $config With `pipeline_id`, `flow_id`, `flow_step_id` and perhaps `agent_id`. */
	public static function fromConfig( array $config, ?string $job_id = null, string $handler_type = '' ): self {
		$step  = $config['flow_step_id'] ?? null;
		$agent = $config['agent_id'] ?? null;
		return new self(
			self::place( $config['pipeline_id'] ?? null ),
			self::place( $config['flow_id'] ?? null ),
			is_scalar( $step ) && '' !== (string) $step ? (string) $step : null,
			$job_id,
			$handler_type,
			is_numeric( $agent ) && (int) $agent > 0 ? (int) $agent : null
		);
	}

	public function isDirect(): bool {
		return self::MODE_DIRECT === $this->getMode();
	}

	public function isFlow(): bool {
		return self::MODE_FLOW === $this->getMode();
	}

	public function isStandalone(): bool {
		return self::MODE_STANDALONE === $this->getMode();
	}

	public function getMode(): string {
		if ( self::MODE_DIRECT === $this->flow_id || self::MODE_DIRECT === $this->pipeline_id ) {
			return self::MODE_DIRECT;
		}
		return null === $this->flow_id && null === $this->pipeline_id ? self::MODE_STANDALONE : self::MODE_FLOW;
	}

	/** Whether the flow has taken the item in before; a filter has the last word. */
	public function isItemProcessed( string $item_identifier ): bool {
		if ( ! $this->remembers() ) {
			return false;
		}
		$known = Items::is_processed( (string) $this->flow_step_id, $this->handler_type, $item_identifier );
		/** This filter is documented in hooks/product.json */
		return (bool) apply_filters(
			'datamachine_should_reprocess_item',
			$known,
			array(
				'flow_step_id'    => $this->flow_step_id,
				'source_type'     => $this->handler_type,
				'item_identifier' => $item_identifier,
				'job_id'          => $this->job_id,
			)
		);
	}

	/** Whether another job works on the item; what this job claimed before it began again is its own. */
	public function isItemClaimed( string $item_identifier ): bool {
		return $this->remembers() && Items::is_claimed( (string) $this->flow_step_id, $this->handler_type, $item_identifier, (int) $this->job_id );
	}

	/** Claims the item for the job, for an hour; false when somebody else has it. */
	public function claimItemForProcessing( string $item_identifier ): bool {
		if ( ! $this->remembers() ) {
			return true;
		}
		return (int) $this->job_id > 0 && Items::claim( (string) $this->flow_step_id, $this->handler_type, $item_identifier, (int) $this->job_id );
	}

	public function markItemProcessed( string $item_identifier ): void {
		if ( $this->remembers() ) {
			/** This action is documented in hooks/product.json */
			do_action( 'datamachine_mark_item_processed', $this->flow_step_id, $this->handler_type, $item_identifier, $this->job_id );
		}
	}

	public function getEngine(): EngineData {
		$job = (int) $this->job_id;
		return $this->engine ??= $job > 0 ? EngineData::forJob( $job ) : new EngineData( array(), null );
	}

	/** @param array<string, mixed> $data Merged into the job's engine data. */
	public function storeEngineData( array $data ): void {
		if ( (int) $this->job_id > 0 ) {
			EngineData::merge( (int) $this->job_id, $data );
			$this->engine = null;
		}
	}

	public function getSourceUrl(): ?string {
		return $this->getEngine()->getSourceUrl();
	}

	public function getImagePath(): ?string {
		return $this->getEngine()->getImagePath();
	}

	/** The folder of the flow's files. */
	public function getStoragePath(): string {
		$context = $this->getFileContext();
		return ( new DirectoryManager() )->get_flow_files_directory( $context['pipeline_id'], $context['flow_id'] );
	}

	/** @return array{pipeline_id: int|string, flow_id: int|string} For FileStorage and its like. */
	public function getFileContext(): array {
		return array(
			'pipeline_id' => $this->pipeline_id ?? self::MODE_DIRECT,
			'flow_id'     => $this->flow_id ?? self::MODE_DIRECT,
		);
	}

	/**
	 * @param array<string, mixed> $options `timeout` in seconds.
	 * @return array{path: string, filename: string, size: int, url: string, source_url: string}|null
	 */
	public function downloadFile( string $url, string $filename, array $options = array() ): ?array {
		return ( new RemoteFileDownloader() )->download_remote_file( $url, $filename, $this->getFileContext(), $options );
	}

	/** @param array<string, mixed> $extra */
	public function log( string $level, string $message, array $extra = array() ): void {
		$where = array(
			'execution_mode' => $this->getMode(),
			'pipeline_id'    => $this->pipeline_id,
			'flow_id'        => $this->flow_id,
		);
		if ( null !== $this->job_id ) {
			$where['job_id'] = (int) $this->job_id;
		}
		$who = array( 'handler' => $this->handler_type ) + ( null === $this->agent_id ? array() : array( 'agent_id' => $this->agent_id ) );
		/** This action is documented in hooks/product.json */
		do_action( 'datamachine_log', $level, $message, array_merge( $where, $extra, $who ) );
	}

	public function getPipelineId(): string|int|null {
		return $this->pipeline_id;
	}

	public function getFlowId(): string|int|null {
		return $this->flow_id;
	}

	public function getFlowStepId(): ?string {
		return $this->flow_step_id;
	}

	public function getJobId(): ?string {
		return $this->job_id;
	}

	public function getHandlerType(): string {
		return $this->handler_type;
	}

	public function getAgentId(): ?int {
		return $this->agent_id;
	}

	public function withHandlerType( string $handler_type ): self {
		return new self( $this->pipeline_id, $this->flow_id, $this->flow_step_id, $this->job_id, $handler_type, $this->agent_id );
	}

	public function withJobId( string $job_id ): self {
		return new self( $this->pipeline_id, $this->flow_id, $this->flow_step_id, $job_id, $this->handler_type, $this->agent_id );
	}

	/** Only a step of a flow has a memory of items. */
	private function remembers(): bool {
		return $this->isFlow() && null !== $this->flow_step_id && '' !== $this->flow_step_id;
	}

	private static function place( mixed $value ): string|int|null {
		if ( self::MODE_DIRECT === $value || null === $value ) {
			return $value;
		}
		return is_numeric( $value ) ? (int) $value : ( is_string( $value ) && '' !== $value ? $value : null );
	}
}
