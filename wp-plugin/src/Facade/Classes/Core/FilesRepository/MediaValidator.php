<?php
/**
 * Checks files of a run before they are published.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\FilesRepository;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

abstract class MediaValidator {

	/** @return list<string> */
	abstract protected function supported_mime_types(): array;

	/** What a file is called in errors. */
	abstract protected function media_label(): string;

	/** @return array{valid: bool, mime_type: ?string, size: int, errors: list<string>} */
	public function validate_repository_file( string $file_path ): array {
		$label  = $this->media_label();
		$result = array(
			'valid'     => false,
			'mime_type' => null,
			'size'      => 0,
			'errors'    => array(),
		);
		if ( ! is_file( $file_path ) || ! is_readable( $file_path ) ) {
			$result['errors'][] = sprintf( '%s file not found or not readable', $label );
			return $result;
		}
		$result['size']      = (int) filesize( $file_path );
		$result['mime_type'] = $this->detect_mime_type( $file_path );
		if ( 0 === $result['size'] ) {
			$result['errors'][] = sprintf( '%s file is empty', $label );
		}
		if ( null === $result['mime_type'] || ! $this->is_supported_mime_type( $result['mime_type'] ) ) {
			$result['errors'][] = sprintf( 'Unsupported %s format: %s', strtolower( $label ), $result['mime_type'] ?? 'unknown' );
		}
		$result['valid'] = array() === $result['errors'];
		return $result;
	}

	public function is_supported_mime_type( string $mime_type ): bool {
		return in_array( $mime_type, $this->supported_mime_types(), true );
	}

	/**
	 * @param array<string, mixed> $constraints `max_file_size` in bytes, `allowed_mime_types`, and what a subclass knows.
	 * @param array<string, mixed> $metadata
	 * @return array{valid: bool, mime_type: ?string, size: int, errors: list<string>}
	 */
	public function validate_against_constraints( string $file_path, array $constraints, array $metadata = array() ): array {
		$result = $this->validate_repository_file( $file_path );
		$label  = $this->media_label();
		$most   = (int) ( $constraints['max_file_size'] ?? 0 );
		if ( $most > 0 && $result['size'] > $most ) {
			$result['errors'][] = sprintf( '%s is %s, more than %s', $label, size_format( $result['size'] ), size_format( $most ) );
		}
		$allowed = $constraints['allowed_mime_types'] ?? null;
		if ( is_array( $allowed ) && ! in_array( $result['mime_type'], $allowed, true ) ) {
			$result['errors'][] = sprintf( '%s format %s is not allowed here', $label, $result['mime_type'] ?? 'unknown' );
		}
		$this->validate_metadata_constraints( $result, $constraints, $metadata, $label );
		$result['valid'] = array() === $result['errors'];
		return $result;
	}

	/**
	 * `min_<key>` and `max_<key>` for each number of the metadata: width, height, duration.
	 *
	 * @param array<string, mixed> $result      Gets errors.
	 * @param array<string, mixed> $constraints
	 * @param array<string, mixed> $metadata
	 */
	protected function validate_metadata_constraints( array &$result, array $constraints, array $metadata, string $label ): void {
		foreach ( $metadata as $key => $value ) {
			if ( ! is_numeric( $value ) ) {
				continue;
			}
			if ( isset( $constraints[ "min_$key" ] ) && $value < $constraints[ "min_$key" ] ) {
				$result['errors'][] = sprintf( '%s %s is below %s', $label, $key, $constraints[ "min_$key" ] );
			}
			if ( isset( $constraints[ "max_$key" ] ) && $value > $constraints[ "max_$key" ] ) {
				$result['errors'][] = sprintf( '%s %s is above %s', $label, $key, $constraints[ "max_$key" ] );
			}
		}
	}

	/** What the content is, whatever its name says. */
	protected function detect_mime_type( string $file_path ): ?string {
		$info  = function_exists( 'finfo_open' ) ? finfo_open( FILEINFO_MIME_TYPE ) : false;
		$found = false === $info ? false : finfo_file( $info, $file_path );
		if ( is_string( $found ) ) {
			return $found;
		}
		$type = wp_check_filetype( $file_path )['type'];
		return is_string( $type ) ? $type : null;
	}
}
