<?php
/**
 * Host operations on posts as the engine sees them: as items of a source, and as what a publisher made.
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

final class Posts {

	private const MOST = 100;

	/** Ids are small. */
	private const MOST_IDS = 1000;

	/**
	 * `automation.posts`: `{query}` is what WP_Query takes, or `{source_url}` for the post behind an address. With `fields`
	 * of `ids` only the ids come back, more at once.
	 *
	 * @param array<string, mixed> $params
	 * @return list<array<string, mixed>>|list<int>
	 */
	public static function query( array $params ): array {
		$query = Params::items( $params, 'query' );
		if ( isset( $query['source_url'] ) ) {
			$id    = url_to_postid( (string) $query['source_url'] );
			$posts = array_filter( array( $id ? get_post( $id ) : null ) );
			array_walk( $posts, array( self::class, 'must_read' ) );
		} else {
			$query = self::readable( $query );
			$ids   = 'ids' === ( $query['fields'] ?? '' );
			$count = (int) ( $query['posts_per_page'] ?? 10 );
			$posts = ( new \WP_Query(
				array(
					'posts_per_page'      => max( 1, min( $ids ? self::MOST_IDS : self::MOST, $count ) ),
					'no_found_rows'       => true,
					'ignore_sticky_posts' => true,
				) + $query
			) )->posts;
			if ( $ids ) {
				return array_values( array_map( 'intval', $posts ) );
			}
		}
		return array_map( array( self::class, 'item' ), array_values( $posts ) );
	}

	/**
	 * What everybody may read is published, of a type that has pages, and without a password; more is for editors.
	 *
	 * @param array<string, mixed> $query
	 * @return array<string, mixed>
	 */
	private static function readable( array $query ): array {
		$types  = (array) ( $query['post_type'] ?? 'post' );
		$public = array( 'publish' ) === (array) ( $query['post_status'] ?? 'publish' );
		if ( in_array( 'any', $types, true ) ) {
			$types = self::readable_types( $public );
			$query = array( 'post_type' => $types ) + $query;
		}
		foreach ( $types as $name ) {
			$type = get_post_type_object( (string) $name );
			if ( null !== $type && $public && is_post_type_viewable( $type ) ) {
				continue;
			}
			Acting::must( null === $type ? 'manage_options' : $type->cap->edit_others_posts );
		}
		$editor = Acting::is_system() || current_user_can( 'edit_others_posts' );
		return $editor ? $query : array( 'has_password' => false ) + $query;
	}

	/**
	 * Of the types that `any` stands for those the acting user may read.
	 *
	 * @return list<string>
	 */
	private static function readable_types( bool $published ): array {
		$types = array_values( get_post_types( array( 'exclude_from_search' => false ), 'objects' ) );
		$own   = array_filter(
			$types,
			static fn ( \WP_Post_Type $type ): bool => ( $published && is_post_type_viewable( $type ) )
				|| Acting::is_system() || current_user_can( $type->cap->edit_others_posts )
		);
		// With none left the first one's refusal is the answer.
		return array_column( array() === $own ? array_slice( $types, 0, 1 ) : $own, 'name' );
	}

	private static function must_read( \WP_Post $post ): void {
		if ( ! is_post_publicly_viewable( $post ) || '' !== $post->post_password ) {
			Acting::must( 'edit_post', $post->ID );
		}
	}

	/** @return array<string, mixed> */
	private static function item( \WP_Post $post ): array {
		$author = get_userdata( (int) $post->post_author );
		$image  = get_post_thumbnail_id( $post );
		return array(
			'id'              => $post->ID,
			'title'           => $post->post_title,
			'content'         => $post->post_content,
			'excerpt'         => $post->post_excerpt,
			'date_gmt'        => $post->post_date_gmt,
			'type'            => $post->post_type,
			'status'          => $post->post_status,
			'permalink'       => (string) get_permalink( $post ),
			'author'          => $author ? $author->display_name : '',
			'site_name'       => get_bloginfo( 'name' ),
			'image_file_path' => $image ? (string) get_attached_file( $image ) : '',
		);
	}

	/**
	 * `automation.published`: `{post_id, settle}` gives `{post_id, title, url, post_type}`.
	 *
	 * `settle` finishes a post whose insertion was cut off after its row: the default category and the guid are what
	 * WordPress writes after it. Hooks that had not fired then do not fire now: listeners hear of a post once at most.
	 *
	 * @param array<string, mixed> $params
	 * @return array{post_id: int, title: string, url: string, post_type: string}
	 */
	public static function published( array $params ): array {
		$post = get_post( Params::id( $params, 'post_id' ) );
		if ( ! $post instanceof \WP_Post ) {
			throw new Failure( 'post_not_found', 'There is no such post.', 404 );
		}
		if ( ! empty( $params['settle'] ) ) {
			self::settle( $post );
		}
		return array(
			'post_id'   => $post->ID,
			'title'     => $post->post_title,
			'url'       => (string) get_permalink( $post ),
			'post_type' => $post->post_type,
		);
	}

	private static function settle( \WP_Post $post ): void {
		global $wpdb;
		Acting::must( 'edit_post', $post->ID );
		if ( is_object_in_taxonomy( $post->post_type, 'category' ) && array() === wp_get_post_categories( $post->ID ) ) {
			wp_set_post_categories( $post->ID );
		}
		if ( '' === $post->guid ) {
			// As wp_insert_post() does: wp_update_post() never changes a guid.
			$wpdb->update( $wpdb->posts, array( 'guid' => get_permalink( $post ) ), array( 'ID' => $post->ID ) );
			clean_post_cache( $post );
		}
	}

	/**
	 * `automation.post_meta`: `{post_id, meta}` sets each key, in order.
	 *
	 * @param array<string, mixed> $params
	 */
	public static function meta( array $params ): bool {
		$post_id = Params::id( $params, 'post_id' );
		Acting::must( 'edit_post', $post_id );
		foreach ( Params::items( $params, 'meta' ) as $key => $value ) {
			update_post_meta( $post_id, (string) $key, wp_slash( $value ) );
		}
		return true;
	}
}
