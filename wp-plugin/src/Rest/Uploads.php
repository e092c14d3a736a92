<?php
/**
 * Files of a form, named to the sidecar with the request and read by it piece by piece while the request waits.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Rest;

use DataMachine\Bridge\Host\Failure;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Uploads {

	/** @var array<string, string> Temporary file by field, of the request that is being answered. */
	private static array $paths = array();

	/**
	 * The files of a request, one a field; an error for those that did not arrive whole.
	 *
	 * @return array<string, array{name: string, type: string, size: int}>|\WP_Error
	 */
	public static function offer( \WP_REST_Request $request ): array|\WP_Error {
		self::$paths = array();
		$offered     = array();
		foreach ( $request->get_file_params() as $field => $file ) {
			if ( ! is_string( $file['name'] ?? null ) || UPLOAD_ERR_NO_FILE === ( $file['error'] ?? 0 ) ) {
				continue;
			}
			if ( in_array( $file['error'], array( UPLOAD_ERR_INI_SIZE, UPLOAD_ERR_FORM_SIZE ), true ) ) {
				return new \WP_Error( 'upload_too_large', __( 'The file is larger than this server takes.', 'datamachine-bridge' ), array( 'status' => 413 ) );
			}
			// Whatever else stands there was never sent with this request.
			if ( UPLOAD_ERR_OK !== $file['error'] || ! is_uploaded_file( $file['tmp_name'] ) ) {
				return new \WP_Error( 'upload_failed', __( 'The file did not arrive whole.', 'datamachine-bridge' ), array( 'status' => 400 ) );
			}
			self::$paths[ $field ] = $file['tmp_name'];
			$offered[ $field ]     = array(
				'name' => $file['name'],
				'type' => (string) ( $file['type'] ?? '' ),
				'size' => (int) filesize( $file['tmp_name'] ),
			);
		}
		return $offered;
	}

	/**
	 * Operation `rest.read`.
	 *
	 * @param array<string, mixed> $params `field`, `offset` and `length` in bytes.
	 * @throws Failure `unknown_upload` for a field the request has not.
	 */
	public static function read( array $params ): string {
		$path = self::$paths[ (string) ( $params['field'] ?? '' ) ] ?? null;
		if ( null === $path ) {
			throw new Failure( 'unknown_upload', 'The request brought no such file.', 404 );
		}
		return (string) file_get_contents( $path, false, null, (int) $params['offset'], (int) $params['length'] ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- a piece of a local file.
	}
}
