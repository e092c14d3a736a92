<?php
/**
 * Fetches a file from elsewhere into a flow's folder.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\FilesRepository;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class RemoteFileDownloader {

	private const TIMEOUT = 30;

	private FileStorage $storage;

	public function __construct() {
		$this->storage = new FileStorage();
	}

	/**
	 * WordPress refuses addresses of this server and of private networks.
	 *
	 * @param array{pipeline_id?: int|string|null, flow_id?: int|string|null} $context
	 * @param array{timeout?: int}                                            $options Seconds.
	 * @return array{path: string, filename: string, size: int, url: string, source_url: string}|null Null when it failed; the log says why.
	 */
	public function download_remote_file( string $url, string $filename, array $context, array $options = array() ): ?array {
		require_once ABSPATH . 'wp-admin/includes/file.php';
		$temporary = download_url( $url, (int) ( $options['timeout'] ?? self::TIMEOUT ) );
		if ( is_wp_error( $temporary ) ) {
			/** This action is documented in hooks/product.json */
			do_action( 'datamachine_log', 'error', 'A file could not be downloaded: ' . $temporary->get_error_message(), FileStorage::ids( $context ) + array( 'url' => $url ) );
			return null;
		}
		try {
			$path = $this->storage->store_file( $temporary, $filename, $context );
		} finally {
			wp_delete_file( $temporary );
		}
		if ( false === $path ) {
			return null;
		}
		return array(
			'path'       => $path,
			'filename'   => basename( $path ),
			'size'       => (int) filesize( $path ),
			'url'        => $this->storage->get_public_url( $path ),
			'source_url' => $url,
		);
	}
}
