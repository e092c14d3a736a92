<?php
/**
 * An operation that was refused or could not be done: a stable code, a sentence, an HTTP status.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Host;

use DataMachine\Bridge\Bridge\RemoteError;

final class Failure extends \RuntimeException {

	/** @param array<string, mixed> $data Travels beside the status. */
	public function __construct(
		public readonly string $error_code,
		string $message,
		public readonly int $status = 500,
		public readonly array $data = array(),
		?\Throwable $previous = null
	) {
		parent::__construct( $message, 0, $previous );
	}

	/** The same as the bridge's channel answers it. */
	public function remote(): RemoteError {
		return new RemoteError( $this->error_code, $this->getMessage(), array( 'status' => $this->status ) + $this->data );
	}
}
