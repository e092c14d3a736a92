<?php
/**
 * What a memory store answers to a write or a delete.
 *
 * @package AgentsAPI
 */

declare(strict_types=1);

namespace AgentsAPI\Core\FilesRepository;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class AgentMemoryWriteResult {

	/**
	 * @param string|null $error `conflict`, `capability`, `io` or `not_found`; null on success.
	 */
	public function __construct(
		public readonly bool $success,
		public readonly string $hash,
		public readonly int $bytes,
		public readonly ?string $error
	) {
	}

	public static function ok( string $hash, int $bytes ): self {
		return new self( true, $hash, $bytes, null );
	}

	public static function failure( string $error ): self {
		return new self( false, '', 0, $error );
	}
}
