<?php
/**
 * The status of a job: a word, and perhaps a reason.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class JobStatus implements \Stringable {
	public const PENDING            = 'pending';
	public const PROCESSING         = 'processing';
	public const WAITING            = 'waiting';
	public const COMPLETED          = 'completed';
	public const FAILED             = 'failed';
	public const COMPLETED_NO_ITEMS = 'completed_no_items';
	public const AGENT_SKIPPED      = 'agent_skipped';
	public const FINAL_STATUSES     = array( self::COMPLETED, self::FAILED, self::COMPLETED_NO_ITEMS, self::AGENT_SKIPPED );
	public const SUCCESS_STATUSES   = array( self::COMPLETED, self::COMPLETED_NO_ITEMS, self::AGENT_SKIPPED );

	private const SEPARATOR = ' - ';

	private function __construct( private string $status, private ?string $reason = null ) {
	}

	/** System tasks write `failed: reason`. */
	public static function fromString( string $status ): self {
		$parts = str_starts_with( $status, self::FAILED . ': ' ) ? explode( ': ', $status, 2 ) : explode( self::SEPARATOR, $status, 2 );
		return new self( $parts[0], $parts[1] ?? null );
	}

	public static function agentSkipped( string $reason ): self {
		return new self( self::AGENT_SKIPPED, $reason );
	}

	public static function completed(): self {
		return new self( self::COMPLETED );
	}

	public static function failed( ?string $reason = null ): self {
		return new self( self::FAILED, $reason );
	}

	public static function completedNoItems(): self {
		return new self( self::COMPLETED_NO_ITEMS );
	}

	public static function pending(): self {
		return new self( self::PENDING );
	}

	public static function processing(): self {
		return new self( self::PROCESSING );
	}

	public static function waiting(): self {
		return new self( self::WAITING );
	}

	/** A job that was cancelled has ended, too: a word of later versions. */
	public function isFinal(): bool {
		return in_array( $this->status, self::FINAL_STATUSES, true ) || 'cancelled' === $this->status;
	}

	public static function isStatusFinal( string $status ): bool {
		return self::fromString( $status )->isFinal();
	}

	public function isSuccess(): bool {
		return in_array( $this->status, self::SUCCESS_STATUSES, true );
	}

	public static function isStatusSuccess( string $status ): bool {
		return self::fromString( $status )->isSuccess();
	}

	public function isFailure(): bool {
		return self::FAILED === $this->status;
	}

	public static function isStatusFailure( string $status ): bool {
		return self::fromString( $status )->isFailure();
	}

	public function shouldResetFailureCount(): bool {
		return $this->isSuccess();
	}

	public function shouldIncrementNoItemsCount(): bool {
		return $this->isCompletedNoItems();
	}

	public function shouldCleanupProcessedItems(): bool {
		return $this->isFailure();
	}

	public function isWaiting(): bool {
		return self::WAITING === $this->status;
	}

	public static function isStatusWaiting( string $status ): bool {
		return self::fromString( $status )->isWaiting();
	}

	public function isAgentSkipped(): bool {
		return self::AGENT_SKIPPED === $this->status;
	}

	public function isCompleted(): bool {
		return self::COMPLETED === $this->status;
	}

	public function isCompletedNoItems(): bool {
		return self::COMPLETED_NO_ITEMS === $this->status;
	}

	public function getBaseStatus(): string {
		return $this->status;
	}

	public function getReason(): ?string {
		return $this->reason;
	}

	public function hasReason(): bool {
		return null !== $this->reason && '' !== $this->reason;
	}

	public function toString(): string {
		return $this->hasReason() ? $this->status . self::SEPARATOR . $this->reason : $this->status;
	}

	public function __toString(): string {
		return $this->toString();
	}
}
