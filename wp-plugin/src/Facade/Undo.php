<?php
/**
 * Host operation that takes back one thing a job did, as the current user may.
 *
 * What a job wrote down of itself may have come from whoever started it: nothing of it is believed. A target needs the
 * user's right on it, protected meta stays, and texts lose what the user may not write.
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

final class Undo {

	/** Fields of a post that an effect may put back. */
	private const FIELDS = array( 'post_title', 'post_content', 'post_excerpt', 'post_status', 'post_name', 'menu_order', 'comment_status', 'ping_status' );

	/** Texts of a post that hold markup. */
	private const MARKUP = array( 'post_title', 'post_content', 'post_excerpt' );

	/** Protected meta that jobs set, and that leads to no file. */
	private const META = array( '_wp_attachment_image_alt' );

	/**
	 * `automation.undo`: `{effect: {type, target, previous_value?, revision_id?}}` gives `{status, message}`; the status
	 * is `reverted`, `skipped` (nothing is left to take back) or `failed`.
	 *
	 * @param array<string, mixed> $params
	 * @return array{status: string, message: string}
	 */
	public static function effect( array $params ): array {
		$effect = Params::items( $params, 'effect' );
		$target = Params::items( $effect, 'target' );
		try {
			return match ( (string) ( $effect['type'] ?? '' ) ) {
				'post_content_modified' => self::content( self::post( $target ), (int) ( $effect['revision_id'] ?? 0 ) ),
				'post_meta_set'         => self::meta( self::post( $target ), (string) ( $target['meta_key'] ?? '' ), $effect['previous_value'] ?? null ),
				'post_field_set'        => self::field( self::post( $target ), (string) ( $target['field'] ?? '' ), $effect['previous_value'] ?? null ),
				'attachment_created'    => self::attachment( (int) ( $target['attachment_id'] ?? 0 ) ),
				'featured_image_set'    => self::image( self::post( $target ), (int) ( is_scalar( $effect['previous_value'] ?? null ) ? $effect['previous_value'] : 0 ) ),
				default                 => self::answer( 'skipped', 'Effects of this type cannot be undone.' ),
			};
		} catch ( Failure $failure ) {
			return self::answer( 'failed', $failure->getMessage() );
		}
	}

	/** @param array<array-key, mixed> $target */
	private static function post( array $target ): ?\WP_Post {
		$post = get_post( (int) ( $target['post_id'] ?? 0 ) );
		if ( ! $post instanceof \WP_Post || (int) ( $target['post_id'] ?? 0 ) < 1 ) {
			return null;
		}
		Acting::must( 'edit_post', $post->ID );
		return $post;
	}

	/** @return array{status: string, message: string} */
	private static function content( ?\WP_Post $post, int $revision_id ): array {
		if ( null === $post ) {
			return self::gone();
		}
		$revision = $revision_id > 0 ? wp_get_post_revision( $revision_id ) : null;
		if ( ! $revision instanceof \WP_Post || (int) $revision->post_parent !== $post->ID ) {
			return self::answer( 'failed', sprintf( 'Revision %d of post %d does not exist.', $revision_id, $post->ID ) );
		}
		$done = wp_restore_post_revision( $revision->ID );
		return $done ? self::reverted( sprintf( 'Post %d has the text of revision %d again.', $post->ID, $revision->ID ) ) : self::refused( $post );
	}

	/** @return array{status: string, message: string} */
	private static function meta( ?\WP_Post $post, string $key, mixed $previous ): array {
		if ( null === $post ) {
			return self::gone();
		}
		if ( '' === $key ) {
			return self::answer( 'failed', 'The effect names no meta key.' );
		}
		if ( ! in_array( $key, self::META, true ) && ! str_starts_with( $key, '_datamachine_' ) ) {
			if ( is_protected_meta( $key, 'post' ) ) {
				return self::answer( 'failed', sprintf( 'The meta key "%s" is protected.', $key ) );
			}
			Acting::must( 'edit_post_meta', $post->ID, $key );
		}
		if ( null === $previous || '' === $previous ) {
			delete_post_meta( $post->ID, $key );
			return self::reverted( sprintf( 'Post %d has no meta "%s" any more.', $post->ID, $key ) );
		}
		update_post_meta( $post->ID, $key, wp_slash( self::permitted( $previous ) ) );
		return self::reverted( sprintf( 'Post %d has its meta "%s" again.', $post->ID, $key ) );
	}

	/** @return array{status: string, message: string} */
	private static function field( ?\WP_Post $post, string $field, mixed $previous ): array {
		if ( null === $post ) {
			return self::gone();
		}
		if ( ! in_array( $field, self::FIELDS, true ) || ! is_scalar( $previous ) ) {
			return self::answer( 'failed', sprintf( 'The field "%s" cannot be put back.', $field ) );
		}
		if ( 'post_status' === $field && in_array( $previous, array( 'publish', 'private', 'future' ), true ) ) {
			$type = get_post_type_object( $post->post_type );
			Acting::must( null === $type ? 'manage_options' : $type->cap->publish_posts );
		}
		$value = in_array( $field, self::MARKUP, true ) ? self::permitted( (string) $previous ) : $previous;
		$done  = wp_update_post(
			wp_slash(
				array(
					'ID'   => $post->ID,
					$field => $value,
				)
			),
			true
		);
		return is_wp_error( $done )
			? self::answer( 'failed', $done->get_error_message() )
			: self::reverted( sprintf( 'Post %d has its %s again.', $post->ID, $field ) );
	}

	/** @return array{status: string, message: string} */
	private static function attachment( int $attachment_id ): array {
		$post = $attachment_id > 0 ? get_post( $attachment_id ) : null;
		if ( ! $post instanceof \WP_Post || 'attachment' !== $post->post_type ) {
			return self::gone();
		}
		Acting::must( 'delete_post', $post->ID );
		return wp_delete_attachment( $post->ID, true )
			? self::reverted( sprintf( 'Attachment %d is deleted.', $post->ID ) )
			: self::refused( $post );
	}

	/** @return array{status: string, message: string} */
	private static function image( ?\WP_Post $post, int $previous ): array {
		if ( null === $post ) {
			return self::gone();
		}
		if ( $previous > 0 && 'attachment' === get_post_type( $previous ) ) {
			set_post_thumbnail( $post->ID, $previous );
			return self::reverted( sprintf( 'Post %d has image %d again.', $post->ID, $previous ) );
		}
		delete_post_thumbnail( $post->ID );
		return self::reverted( sprintf( 'Post %d has no featured image any more.', $post->ID ) );
	}

	/** Texts without what their writer may not write. */
	private static function permitted( mixed $value ): mixed {
		if ( current_user_can( 'unfiltered_html' ) ) {
			return $value;
		}
		return map_deep( $value, static fn( mixed $text ): mixed => is_string( $text ) ? wp_kses_post( $text ) : $text );
	}

	/** @return array{status: string, message: string} */
	private static function gone(): array {
		return self::answer( 'skipped', 'What it changed does not exist any more.' );
	}

	/** @return array{status: string, message: string} */
	private static function refused( \WP_Post $post ): array {
		return self::answer( 'failed', sprintf( 'WordPress did not change post %d.', $post->ID ) );
	}

	/** @return array{status: string, message: string} */
	private static function reverted( string $message ): array {
		return self::answer( 'reverted', $message );
	}

	/** @return array{status: string, message: string} */
	private static function answer( string $status, string $message ): array {
		return array(
			'status'  => $status,
			'message' => $message,
		);
	}
}
