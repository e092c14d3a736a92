<?php
/**
 * A callable that lives in Python, usable as a PHP callable on the connection it came over.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

final class RemoteCallable {

	/** @param \Closure(int, list<mixed>): mixed $invoke Calls the other side. */
	public function __construct( public readonly int $number, public readonly string $name, private readonly \Closure $invoke ) {}

	public function __invoke( mixed ...$args ): mixed {
		return ( $this->invoke )( $this->number, array_values( $args ) );
	}
}
