<?php
/**
 * Checks videos.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\FilesRepository;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class VideoValidator extends MediaValidator {

	private const EXTENSIONS = array( 'mp4', 'm4v', 'mov', 'webm' );

	protected function supported_mime_types(): array {
		return array( 'video/mp4', 'video/x-m4v', 'video/quicktime', 'video/webm' );
	}

	protected function media_label(): string {
		return 'Video';
	}

	public static function is_video_extension( string $file_path ): bool {
		return in_array( strtolower( pathinfo( $file_path, PATHINFO_EXTENSION ) ), self::EXTENSIONS, true );
	}
}
