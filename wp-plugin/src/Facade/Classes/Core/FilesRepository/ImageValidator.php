<?php
/**
 * Checks images.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\FilesRepository;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class ImageValidator extends MediaValidator {

	protected function supported_mime_types(): array {
		return array( 'image/jpeg', 'image/png', 'image/gif', 'image/webp' );
	}

	protected function media_label(): string {
		return 'Image';
	}
}
