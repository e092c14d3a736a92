<?php
/**
 * Host operations on the media library: its entries as items of a source, and featured images.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Facade;

use DataMachine\Bridge\Host\Acting;
use DataMachine\Bridge\Host\Failure;
use DataMachine\Bridge\Host\Params;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Media {

	/** Entries whose files are read at once. */
	private const MOST = 100;

	/** Bytes of a picture from elsewhere. */
	private const LARGEST = 16 << 20;

	/**
	 * `automation.media`: `{ids, parents}` gives the entries of the media library with these ids, in their order.
	 *
	 * `parents` adds title and content of the post an entry was uploaded to, where the acting user may read it.
	 *
	 * @param array<string, mixed> $params
	 * @return list<array<string, mixed>>
	 */
	public static function items( array $params ): array {
		Acting::must( 'upload_files' );
		$found = array();
		foreach ( array_slice( Params::items( $params, 'ids' ), 0, self::MOST ) as $id ) {
			$post = get_post( (int) $id );
			if ( $post instanceof \WP_Post && 'attachment' === $post->post_type ) {
				$found[] = self::item( $post, ! empty( $params['parents'] ) );
			}
		}
		return $found;
	}

	/** @return array<string, mixed> */
	private static function item( \WP_Post $post, bool $with_parent ): array {
		$path   = (string) get_attached_file( $post->ID );
		$parent = $post->post_parent ? get_post( $post->post_parent ) : null;
		$item   = array(
			'id'          => $post->ID,
			'title'       => $post->post_title,
			'caption'     => $post->post_excerpt,
			'description' => $post->post_content,
			'alt'         => (string) get_post_meta( $post->ID, '_wp_attachment_image_alt', true ),
			'date_gmt'    => $post->post_date_gmt,
			'mime_type'   => $post->post_mime_type,
			'path'        => $path,
			'size'        => is_file( $path ) ? (int) filesize( $path ) : 0,
			'url'         => (string) wp_get_attachment_url( $post->ID ),
			'parent_id'   => $post->post_parent,
			'site_name'   => get_bloginfo( 'name' ),
		);
		if ( $with_parent && $parent instanceof \WP_Post && self::readable( $parent ) ) {
			$item['parent_title']   = $parent->post_title;
			$item['parent_content'] = $parent->post_content;
		}
		return $item;
	}

	private static function readable( \WP_Post $post ): bool {
		if ( is_post_publicly_viewable( $post ) && '' === $post->post_password ) {
			return true;
		}
		return Acting::is_system() || current_user_can( 'edit_post', $post->ID );
	}

	/**
	 * `automation.featured_image`: `{post_id, path?, url?}` makes a file of the site's, or the picture behind a public
	 * address, the featured image of a post. Gives `{attachment_id, url}`.
	 *
	 * A picture that was taken for this post before is used again: a hash of where it came from is noted on it.
	 *
	 * @param array<string, mixed> $params
	 * @return array{attachment_id: int, url: string}
	 */
	public static function featured_image( array $params ): array {
		$post_id = Params::id( $params, 'post_id' );
		Acting::must( 'edit_post', $post_id );
		Acting::must( 'upload_files' );
		$path   = (string) ( $params['path'] ?? '' );
		$url    = '' === $path ? Params::text( $params, 'url' ) : '';
		$source = hash( 'sha256', $path . $url );
		$id     = self::taken( $post_id, $source );
		if ( 0 === $id ) {
			$id = self::take( $post_id, $path, $url );
			update_post_meta( $id, '_datamachine_image_source', $source );
		}
		set_post_thumbnail( $post_id, $id );
		return array(
			'attachment_id' => $id,
			'url'           => (string) wp_get_attachment_url( $id ),
		);
	}

	private static function taken( int $post_id, string $source ): int {
		$found = get_posts(
			array(
				'post_type'   => 'attachment',
				'post_status' => 'inherit',
				'post_parent' => $post_id,
				'numberposts' => 1,
				'fields'      => 'ids',
				'meta_key'    => '_datamachine_image_source', // phpcs:ignore WordPress.DB.SlowDBQuery -- of one post's attachments.
				'meta_value'  => $source, // phpcs:ignore WordPress.DB.SlowDBQuery -- of one post's attachments.
			)
		);
		return array() === $found ? 0 : (int) $found[0];
	}

	private static function take( int $post_id, string $path, string $url ): int {
		require_once ABSPATH . 'wp-admin/includes/file.php';
		require_once ABSPATH . 'wp-admin/includes/media.php';
		require_once ABSPATH . 'wp-admin/includes/image.php';
		$file = '' === $path ? self::downloaded( $url ) : self::copied( $path );
		if ( is_wp_error( $file ) ) {
			throw new Failure( 'image_unavailable', $file->get_error_message(), 400 );
		}
		$name = sanitize_file_name( wp_basename( '' === $path ? (string) wp_parse_url( $url, PHP_URL_PATH ) : $path ) );
		$mime = (string) wp_get_image_mime( $file );
		$ends = array(
			'image/jpeg' => 'jpg',
			'image/png'  => 'png',
			'image/gif'  => 'gif',
			'image/webp' => 'webp',
			'image/avif' => 'avif',
		);
		if ( ! isset( $ends[ $mime ] ) ) {
			wp_delete_file( $file );
			throw new Failure( 'not_an_image', 'The file is no image.', 400 );
		}
		$name = ( pathinfo( $name, PATHINFO_FILENAME ) ?: 'image' ) . '.' . $ends[ $mime ];
		$id   = media_handle_sideload(
			array(
				'name'     => $name,
				'tmp_name' => $file,
			),
			$post_id
		);
		if ( is_wp_error( $id ) ) {
			wp_delete_file( $file );
			throw new Failure( 'image_refused', $id->get_error_message(), 400 );
		}
		return $id;
	}

	/** What WordPress's safe requests bring, which go to no private network; of a stranger's server no more than fits. */
	private static function downloaded( string $url ): string|\WP_Error {
		$bounded = static fn( array $args ): array => array( 'limit_response_size' => self::LARGEST + 1 ) + $args;
		add_filter( 'http_request_args', $bounded );
		try {
			$file = download_url( $url, 30 );
		} finally {
			remove_filter( 'http_request_args', $bounded );
		}
		if ( is_string( $file ) && filesize( $file ) > self::LARGEST ) {
			wp_delete_file( $file );
			return new \WP_Error( 'image_too_large', 'The image is larger than 16 MiB.' );
		}
		return $file;
	}

	/** A copy of a file below the site's uploads or the product's own folder; no other file is ever published. */
	private static function copied( string $path ): string|\WP_Error {
		if ( null === OwnFiles::medium( $path ) ) {
			return new \WP_Error( 'not_an_upload', 'The image is not among the uploads of this site.' );
		}
		$real = (string) realpath( $path );
		$copy = wp_tempnam( wp_basename( $real ) );
		if ( '' === $copy || ! copy( $real, $copy ) ) {
			return new \WP_Error( 'no_temporary_file', 'WordPress cannot write a temporary file.' );
		}
		return $copy;
	}
}
