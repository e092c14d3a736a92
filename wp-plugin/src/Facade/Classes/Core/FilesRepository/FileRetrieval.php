<?php
/**
 * The packets of a job, for code that has only its id.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\FilesRepository;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class FileRetrieval {

	private FileStorage $storage;

	public function __construct() {
		$this->storage = new FileStorage();
	}

	/**
	 * @param array{pipeline_id?: int|string|null, flow_id?: int|string|null} $context
	 * @return array<int, array<string, mixed>> Newest first; empty when there are none or they cannot be read.
	 */
	public function retrieve_data_by_job_id( int $job_id, array $context ): array {
		return $this->storage->retrieve_data_packet(
			array(
				'is_data_reference' => true,
				'file_path'         => $this->storage->job_file( $job_id, $context ),
			)
		) ?? array();
	}
}
