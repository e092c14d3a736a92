<?php
/**
 * The other side answered a call with an error.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

// Asked for by its address, without the plugin.
if ( ! class_exists( BridgeException::class ) ) {
	exit;
}

final class RemoteError extends BridgeException {

	/**
	 * @param string               $error_code Stable and machine readable, for example `not_found`.
	 * @param array<string, mixed> $data       What came with it; `status` is the HTTP status when there is one.
	 */
	public function __construct( private readonly string $error_code, string $message, private readonly array $data = array() ) {
		parent::__construct( $message );
	}

	public function error_code(): string {
		return $this->error_code;
	}

	/** @return array<string, mixed> */
	public function data(): array {
		return $this->data;
	}

	/** The message for whoever asked from outside: what a Python plugin did not expect may hold anything. */
	public function public_message(): string {
		return 'internal_error' === $this->error_code ? 'The sidecar could not do this; its log has the details.' : $this->getMessage();
	}

	/** The HTTP status that belongs to the error; 500 when it names none. */
	public function status(): int {
		$status = $this->data['status'] ?? 500;
		return is_int( $status ) && $status >= 400 && $status < 600 ? $status : 500;
	}
}
