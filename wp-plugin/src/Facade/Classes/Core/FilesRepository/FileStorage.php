<?php
/**
 * Files of flows and packets of jobs.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\FilesRepository;

use DataMachine\Bridge\Bridge\BridgeException;
use DataMachine\Bridge\Bridge\Client;
use DataMachine\Bridge\Memory\Site;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/**
 * A context is `{pipeline_id, flow_id}`; either may be `direct`. Paths are absolute: they are for code, not for answers.
 */
class FileStorage {

	/** What a web server might run, wherever it stands among the extensions of a name. */
	private const RUNNABLE = '/\.(?:php\d?|phtml|phps|pht|phar|cgi|pl|py|rb|sh|shtml|asp|aspx|jsp|htaccess)(?:\.|$)/i';

	/** Seconds for the sidecar to write packets to disk. */
	private const BUDGET = 6.0;

	private DirectoryManager $directories;

	public function __construct() {
		$this->directories = new DirectoryManager();
	}

	/**
	 * Copies a file into the flow's folder; one of the same name is replaced at once.
	 *
	 * @param array{pipeline_id?: int|string|null, flow_id?: int|string|null} $context
	 * @return string|false Where it is now.
	 */
	public function store_file( string $source_path, string $filename, array $context ): string|false {
		$name = sanitize_file_name( $filename );
		if ( '' === $name || '.' === $name[0] || 1 === preg_match( self::RUNNABLE, $name ) || ! is_file( $source_path ) || ! is_readable( $source_path ) ) {
			self::log( sprintf( 'File %s cannot be stored.', $filename ), $context );
			return false;
		}
		$folder = $this->folder( $context );
		if ( ! $this->directories->ensure_directory_exists( $folder ) || is_link( $folder ) ) {
			self::log( sprintf( 'The folder for %s cannot be made.', $filename ), $context );
			return false;
		}
		if ( ! file_exists( "$folder/index.php" ) ) {
			file_put_contents( "$folder/index.php", "<?php\n// Silence is golden.\n" ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- a local file.
		}
		// A reader sees the old file or the new one, never a part.
		$temporary = "$folder/." . wp_generate_password( 12, false ) . '.tmp';
		if ( ! copy( $source_path, $temporary ) || ! rename( $temporary, "$folder/$name" ) ) { // phpcs:ignore WordPress.WP.AlternativeFunctions -- local files.
			wp_delete_file( $temporary );
			self::log( sprintf( 'File %s could not be copied.', $filename ), $context );
			return false;
		}
		chmod( "$folder/$name", 0644 ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- publishing needs its address.
		return "$folder/$name";
	}

	/**
	 * @param array{pipeline_id?: int|string|null, flow_id?: int|string|null} $context
	 * @return list<array{filename: string, path: string, size: int, modified: int}>
	 */
	public function get_all_files( array $context ): array {
		$folder = $this->folder( $context );
		$files  = array();
		foreach ( is_dir( $folder ) && ! is_link( $folder ) ? (array) scandir( $folder ) : array() as $name ) {
			$path = "$folder/$name";
			if ( '.' !== $name[0] && 'index.php' !== $name && is_file( $path ) && ! is_link( $path ) ) {
				$files[] = array(
					'filename' => $name,
					'path'     => $path,
					'size'     => (int) filesize( $path ),
					'modified' => (int) filemtime( $path ),
				);
			}
		}
		return $files;
	}

	/**
	 * @param array{pipeline_id?: int|string|null, flow_id?: int|string|null} $context
	 * @return bool Whether there was one and it is gone.
	 */
	public function delete_file( string $filename, array $context ): bool {
		foreach ( $this->get_all_files( $context ) as $file ) {
			if ( $file['filename'] === $filename ) {
				wp_delete_file( $file['path'] );
				return ! file_exists( $file['path'] );
			}
		}
		return false;
	}

	/** The address of a stored file; '' when the site keeps its files where no web server reaches them. */
	public function get_public_url( string $file_path ): string {
		$uploads = wp_upload_dir( null, false );
		$base    = untrailingslashit( $uploads['basedir'] );
		return str_starts_with( $file_path, "$base/" ) ? untrailingslashit( $uploads['baseurl'] ) . substr( $file_path, strlen( $base ) ) : '';
	}

	/**
	 * Puts packets before those that a job holds.
	 *
	 * @param array<int, array<string, mixed>>                                $data
	 * @param array{pipeline_id?: int|string|null, flow_id?: int|string|null} $context
	 * @return array{is_data_reference: true, job_id: int, file_path: string, stored_at: int}|false
	 */
	public function store_data_packet( array $data, int $job_id, array $context ): array|false {
		try {
			Client::instance()->call( 'files.store_packets', self::ids( $context ) + array( 'job_id' => $job_id, 'packets' => array_values( $data ) ), self::BUDGET ); // phpcs:ignore WordPress.Arrays.ArrayDeclarationSpacing
		} catch ( BridgeException $error ) {
			self::log( sprintf( 'The packets of job %d were not stored: %s', $job_id, $error->getMessage() ), $context );
			return false;
		}
		return array(
			'is_data_reference' => true,
			'job_id'            => $job_id,
			'file_path'         => $this->job_file( $job_id, $context ),
			'stored_at'         => time(),
		);
	}

	/**
	 * @param array<string, mixed> $reference What store_data_packet() gave.
	 * @return array<int, array<string, mixed>>|null Null when there are none.
	 */
	public function retrieve_data_packet( array $reference ): ?array {
		$path = (string) ( $reference['file_path'] ?? '' );
		if ( empty( $reference['is_data_reference'] ) || 'data.json' !== basename( $path ) || ! is_file( $path ) ) {
			return null;
		}
		$base = realpath( Site::base() );
		$real = realpath( $path );
		if ( false === $base || false === $real || ! str_starts_with( $real, "$base/" ) ) {
			return null;
		}
		$packets = json_decode( (string) file_get_contents( $real ), true ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- a local file.
		return is_array( $packets ) ? $packets : null;
	}

	/** @param array<string, mixed> $context */
	public function job_file( int $job_id, array $context ): string {
		$ids = self::ids( $context );
		return $this->directories->get_job_directory( $ids['pipeline_id'], $ids['flow_id'], $job_id ) . '/data.json';
	}

	/**
	 * @param array<string, mixed> $context
	 * @return array{pipeline_id: string, flow_id: string}
	 */
	public static function ids( array $context ): array {
		return array(
			'pipeline_id' => (string) ( $context['pipeline_id'] ?? 'direct' ),
			'flow_id'     => (string) ( $context['flow_id'] ?? 'direct' ),
		);
	}

	/** @param array<string, mixed> $context */
	private function folder( array $context ): string {
		$ids = self::ids( $context );
		return $this->directories->get_flow_files_directory( $ids['pipeline_id'], $ids['flow_id'] );
	}

	/** @param array<string, mixed> $context */
	private static function log( string $message, array $context ): void {
		/** This action is documented in hooks/product.json */
		do_action( 'datamachine_log', 'error', $message, self::ids( $context ) );
	}
}
