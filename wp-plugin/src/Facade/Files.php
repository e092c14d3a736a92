<?php
/**
 * What the sidecar asks of WordPress about files: clean names, what may be uploaded, and the upload itself.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Facade;

use DataMachine\Bridge\Host\Failure;
use DataMachine\Bridge\Host\Params;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Files {

	/** Bytes of one piece of an upload; a frame holds more. */
	private const PIECE = 256 * 1024;

	/**
	 * `{names}` gives what WordPress makes of each; '' where nothing is left.
	 *
	 * @param array<string, mixed> $params
	 * @return list<string>
	 */
	public static function names( array $params ): array {
		return array_map(
			static fn ( mixed $name ): string => is_scalar( $name ) ? sanitize_file_name( (string) $name ) : '',
			array_values( (array) ( $params['names'] ?? array() ) )
		);
	}

	/**
	 * `{name, head}` (the file's first bytes) gives `{name, limit, type, matches}`: the name WordPress would use, the most
	 * bytes of an upload, the type that the name stands for ('' when it is not allowed), and whether the content is of it.
	 *
	 * @param array<string, mixed> $params
	 * @return array{name: string, limit: int, type: string, matches: bool}
	 */
	public static function check( array $params ): array {
		require_once ABSPATH . 'wp-admin/includes/file.php';
		$name = sanitize_file_name( Params::text( $params, 'name' ) );
		$file = wp_tempnam( 'datamachine-upload' );
		if ( '' === $file || false === file_put_contents( $file, (string) ( $params['head'] ?? '' ) ) ) { // phpcs:ignore WordPress.WP.AlternativeFunctions -- a local file.
			throw new Failure( 'no_temporary_file', 'WordPress cannot write a temporary file.', 500 );
		}
		try {
			$found = wp_check_filetype_and_ext( $file, $name );
		} finally {
			wp_delete_file( $file );
		}
		return array(
			'name'    => $name,
			'limit'   => (int) wp_max_upload_size(),
			'type'    => (string) wp_check_filetype( $name )['type'],
			// A "proper" name is of the type that the content really has.
			'matches' => false !== $found['type'] && false === $found['proper_filename'],
		);
	}

	/**
	 * `{path, offset}` gives the next bytes of a file that this very request uploaded; '' at its end.
	 *
	 * @param array<string, mixed> $params
	 */
	public static function uploaded( array $params ): string {
		$path = (string) ( $params['path'] ?? '' );
		// A name of some other file of the server is none of the caller's to read.
		if ( ! is_uploaded_file( $path ) ) {
			throw new Failure( 'not_uploaded', 'That file was not uploaded with this request.', 400 );
		}
		return (string) file_get_contents( $path, false, null, Params::id( $params, 'offset', 0 ), self::PIECE ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- a local file.
	}
}
