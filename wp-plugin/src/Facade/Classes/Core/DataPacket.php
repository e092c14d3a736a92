<?php
/**
 * One packet of data between two steps.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class DataPacket {

	/**
	 * @param array<string, mixed> $data     `title`, `body` and perhaps `file_info`.
	 * @param array<string, mixed> $metadata Where it comes from.
	 */
	public function __construct( private array $data, private array $metadata, private string $type ) {
	}

	/**
	 * Put this packet in front of others.
	 *
	 * @param list<array<string, mixed>> $dataPackets
	 * @return list<array<string, mixed>>
	 */
	public function addTo( array $dataPackets ): array {
		array_unshift(
			$dataPackets,
			array(
				'type'      => $this->type,
				'timestamp' => time(),
				'data'      => $this->data,
				'metadata'  => $this->metadata,
			)
		);
		return $dataPackets;
	}
}
