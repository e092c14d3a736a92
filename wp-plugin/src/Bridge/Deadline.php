<?php
/**
 * A moment on the monotonic clock. Deadlines are absolute: waiting in pieces never makes the whole longer.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

final class Deadline {

	private static ?self $never = null;

	/** @param int $at Nanoseconds of `hrtime( true )`; PHP_INT_MAX for never. */
	private function __construct( public readonly int $at ) {}

	public static function after( float $seconds ): self {
		return new self( hrtime( true ) + (int) ( max( 0.0, min( $seconds, 1e8 ) ) * 1e9 ) );
	}

	public static function never(): self {
		return self::$never ??= new self( PHP_INT_MAX );
	}

	/** Nanoseconds left; not positive when the moment has passed. */
	public function left(): int {
		return $this->at - hrtime( true );
	}

	/** Seconds left, not negative; null without limit. */
	public function seconds(): ?float {
		return PHP_INT_MAX === $this->at ? null : max( 0, $this->at - hrtime( true ) ) / 1e9;
	}

	public function within( self $outer ): self {
		return $outer->at < $this->at ? $outer : $this;
	}
}
