<?php
/**
 * One file in a listing of a memory layer.
 *
 * @package AgentsAPI
 */

declare(strict_types=1);

namespace AgentsAPI\Core\FilesRepository;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class AgentMemoryListEntry {

	/**
	 * @param string $filename Relative to the layer's root, for example `daily/2026/04/17.md`.
	 */
	public function __construct(
		public readonly string $filename,
		public readonly string $layer,
		public readonly int $bytes,
		public readonly ?int $updated_at
	) {
	}
}
