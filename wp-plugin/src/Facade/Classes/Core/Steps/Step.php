<?php
/**
 * What a type of step written in PHP extends.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\Steps;

use DataMachine\Core\DataPacket;
use DataMachine\Core\EngineData;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/**
 * A subclass tells its constructor its type and supplies executeStep(), which returns the packets that go on: those it was
 * given, with its own in front.
 */
abstract class Step {

	protected string $step_type;

	protected int $job_id;

	protected string $flow_step_id;

	/** @var list<array<string, mixed>> */
	protected array $dataPackets; // phpcs:ignore WordPress.NamingConventions -- the name subclasses know.

	/** @var array<string, mixed> */
	protected array $flow_step_config;

	/** @var array<string, mixed> */
	protected array $engine_data;

	protected EngineData $engine;

	public function __construct( string $step_type ) {
		$this->step_type = $step_type;
	}

	/**
	 * @param array{job_id?: int, flow_step_id?: string, data?: list<array<string, mixed>>, engine?: EngineData} $payload
	 * @return list<array<string, mixed>> Packets; the first says `success: false` when the step failed.
	 */
	public function execute( array $payload ): array {
		try {
			$this->destructurePayload( $payload );
			if ( ! $this->validateCommonConfiguration() || ! $this->validateStepConfiguration() ) {
				return $this->dataPackets;
			}
			return $this->executeStep();
		} catch ( \Exception $error ) {
			return $this->handleException( $error );
		}
	}

	/** @return list<array<string, mixed>> */
	abstract protected function executeStep(): array;

	/** Whether the step is configured; one without handlers overrides this. */
	protected function validateStepConfiguration(): bool {
		if ( null !== $this->getHandlerSlug() ) {
			return true;
		}
		$this->logConfigurationError( $this->step_type . ': Step requires handler configuration' );
		return false;
	}

	/** @param array<string, mixed> $payload */
	protected function destructurePayload( array $payload ): void {
		// Set first: a failure in here has packets to stand in front of.
		$this->dataPackets      = is_array( $payload['data'] ?? null ) ? $payload['data'] : array();
		$this->flow_step_id     = (string) ( $payload['flow_step_id'] ?? '' );
		$this->job_id           = (int) ( $payload['job_id'] ?? 0 );
		$this->flow_step_config = array();
		$this->engine_data      = array();
		if ( $this->job_id < 1 || '' === $this->flow_step_id ) {
			throw new \InvalidArgumentException( 'A step needs a job_id and a flow_step_id.' );
		}
		$engine                 = $payload['engine'] ?? null;
		$this->engine           = $engine instanceof EngineData ? $engine : EngineData::forJob( $this->job_id );
		$this->engine_data      = $this->engine->all();
		$this->flow_step_config = $this->engine->getFlowStepConfig( $this->flow_step_id );
	}

	protected function validateCommonConfiguration(): bool {
		if ( array() === $this->flow_step_config ) {
			throw new \RuntimeException( sprintf( 'The job has no configuration for step %s.', esc_html( $this->flow_step_id ) ) );
		}
		return true;
	}

	/** @param array<string, mixed> $context */
	protected function log( string $level, string $message, array $context = array() ): void {
		/** This action is documented in hooks/product.json */
		do_action( 'datamachine_log', $level, $message, $context + $this->where() );
	}

	/** @param array<string, mixed> $additional_context */
	protected function logConfigurationError( string $message, array $additional_context = array() ): void {
		$this->log( 'error', $message, $additional_context );
	}

	protected function getHandlerSlug(): ?string {
		return FlowStepConfig::getPrimaryHandlerSlug( $this->flow_step_config );
	}

	/** @return array<string, mixed> */
	protected function getHandlerConfig(): array {
		return FlowStepConfig::getPrimaryHandlerConfig( $this->flow_step_config );
	}

	/** @return list<string> */
	protected function getHandlerSlugs(): array {
		return FlowStepConfig::getConfiguredHandlerSlugs( $this->flow_step_config );
	}

	/** @return array<string, array<string, mixed>> */
	protected function getHandlerConfigs(): array {
		return FlowStepConfig::getHandlerConfigs( $this->flow_step_config );
	}

	/** @return list<array<string, mixed>> */
	protected function handleException( \Exception $e, string $context = 'execution' ): array {
		$this->log(
			'error',
			'Step exception: ' . $e->getMessage(),
			array(
				'exception' => $e::class,
				'context'   => $context,
			)
		);
		return $this->buildExceptionFailurePackets( $e, $context, 'step_exception' );
	}

	/** @return list<array<string, mixed>> */
	protected function buildExceptionFailurePackets( \Exception $e, string $context, string $failure_reason ): array {
		$packet = new DataPacket(
			array(
				'body'              => $e->getMessage(),
				'exception_context' => $context,
				'exception_class'   => $e::class,
			),
			array(
				'step_type'      => $this->step_type,
				'flow_step_id'   => $this->flow_step_id,
				'success'        => false,
				'failure_reason' => $failure_reason,
			),
			'step_error'
		);
		return $packet->addTo( $this->dataPackets );
	}

	/** @return array<string, mixed> */
	private function where(): array {
		return array(
			'flow_step_id' => $this->flow_step_id,
			'step_type'    => $this->step_type,
			'job_id'       => $this->job_id,
			'pipeline_id'  => $this->flow_step_config['pipeline_id'] ?? null,
			'flow_id'      => $this->flow_step_config['flow_id'] ?? null,
		);
	}
}
