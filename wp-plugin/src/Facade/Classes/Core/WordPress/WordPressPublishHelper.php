<?php
/**
 * What publishers do to a post beside its text.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\WordPress;

use DataMachine\Bridge\Facade\OwnFiles;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class WordPressPublishHelper {

	/**
	 * Copies an image of the run into the media library and makes it the post's featured image.
	 *
	 * @param array<string, mixed> $config `include_images` allows it.
	 * @return int|null The attachment; null when there is none.
	 */
	public static function attachImageToPost( int $post_id, ?string $image_path, array $config ): ?int {
		$image_path = empty( $config['include_images'] ) ? null : OwnFiles::medium( $image_path );
		if ( null === $image_path ) {
			return null;
		}
		require_once ABSPATH . 'wp-admin/includes/file.php';
		require_once ABSPATH . 'wp-admin/includes/media.php';
		require_once ABSPATH . 'wp-admin/includes/image.php';
		$name  = basename( $image_path );
		$check = wp_check_filetype_and_ext( $image_path, $name );
		if ( ! str_starts_with( (string) $check['type'], 'image/' ) ) {
			self::log( sprintf( 'The file %s is no image.', $name ), $post_id );
			return null;
		}
		// The library moves what it takes in: the run keeps its file.
		$copy = wp_tempnam( $name );
		if ( '' === $copy || ! copy( $image_path, $copy ) ) {
			self::log( sprintf( 'The image %s could not be copied.', $name ), $post_id );
			return null;
		}
		$attachment = media_handle_sideload(
			array(
				'name'     => $name,
				'tmp_name' => $copy,
			),
			$post_id
		);
		if ( is_wp_error( $attachment ) ) {
			wp_delete_file( $copy );
			self::log( sprintf( 'The image %s was not taken in: %s', $name, $attachment->get_error_message() ), $post_id );
			return null;
		}
		set_post_thumbnail( $post_id, $attachment );
		return $attachment;
	}

	/**
	 * The content with the address of its source below, unless `link_handling` says no.
	 *
	 * @param array<string, mixed> $config
	 */
	public static function applySourceAttribution( string $content, ?string $source_url, array $config ): string {
		if ( 'append' !== ( $config['link_handling'] ?? 'append' ) || null === $source_url || false === filter_var( $source_url, FILTER_VALIDATE_URL ) ) {
			return $content;
		}
		$link = sprintf( '<p><strong>Source:</strong> <a href="%s">%s</a></p>', esc_url( $source_url ), esc_html( $source_url ) );
		return has_blocks( $content ) ? "$content\n\n<!-- wp:paragraph -->\n$link\n<!-- /wp:paragraph -->" : "$content\n\n$link";
	}

	private static function log( string $message, int $post_id ): void {
		/** This action is documented in hooks/product.json */
		do_action( 'datamachine_log', 'warning', $message, array( 'post_id' => $post_id ) );
	}
}
