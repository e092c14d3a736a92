<?php
/**
 * What a memory store answers to a read.
 *
 * @package AgentsAPI
 */

declare(strict_types=1);

namespace AgentsAPI\Core\FilesRepository;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class AgentMemoryReadResult {

	/**
	 * @param string   $hash       sha1 of the content, hexadecimal; empty when the file does not exist.
	 * @param int|null $updated_at Unix time of the last change, when the store knows it.
	 */
	public function __construct(
		public readonly bool $exists,
		public readonly string $content,
		public readonly string $hash,
		public readonly int $bytes,
		public readonly ?int $updated_at
	) {
	}

	public static function not_found(): self {
		return new self( false, '', '', 0, null );
	}
}
