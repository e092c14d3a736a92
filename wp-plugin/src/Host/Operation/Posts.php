<?php
/**
 * Operations on posts.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Host\Operation;

use DataMachine\Bridge\Host\Acting;
use DataMachine\Bridge\Host\Effect;
use DataMachine\Bridge\Host\Failure;
use DataMachine\Bridge\Host\Params;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Posts {

	private const PER_QUERY = 100;

	/**
	 * Insert a post: `{post, meta?, effect?, untrusted?}` gives its id.
	 *
	 * `untrusted` says that strangers had a hand in the text: scripts are filtered out even for a user who may write some.
	 * `post` is what wp_insert_post() takes, unslashed. `effect` is `{job_id, step, call_key, token?}`: the row of the
	 * effects table that learns the post's id in the same database transaction as the post's own row.
	 *
	 * @param array<string, mixed> $params
	 */
	public static function insert( array $params ): int {
		$post = Params::items( $params, 'post' );
		$meta = Params::items( $params, 'meta' );
		self::must_write( $post );
		if ( array() !== $meta ) {
			$post['meta_input'] = $meta + (array) ( $post['meta_input'] ?? array() );
		}
		$insert = static fn(): int|\WP_Error => wp_insert_post( wp_slash( $post ), true );
		if ( ! empty( $params['untrusted'] ) ) {
			$insert = static fn(): int|\WP_Error => self::filtered( $insert );
		}
		$effect = $params['effect'] ?? null;
		$id     = null === $effect ? $insert() : Effect::from( Params::items( $params, 'effect' ) )->during( $insert );
		if ( is_wp_error( $id ) ) {
			throw new Failure( (string) $id->get_error_code(), $id->get_error_message(), 400 );
		}
		return $id;
	}

	/**
	 * Posts as arrays of their columns: `{query}` is what WP_Query takes; `{fields: [...]}` limits the columns and
	 * `{meta: [...]}` adds `meta` with the first value of each key. At most 100 at once.
	 *
	 * @param array<string, mixed> $params
	 * @return list<array<string, mixed>>
	 */
	public static function query( array $params ): array {
		$query  = Params::items( $params, 'query' );
		$fields = Params::items( $params, 'fields' );
		$keys   = Params::items( $params, 'meta' );
		self::must_read( $query );
		$count = (int) ( $query['posts_per_page'] ?? 10 );
		$query = array(
			'posts_per_page' => $count < 1 ? self::PER_QUERY : min( $count, self::PER_QUERY ),
			'no_found_rows'  => true,
			'fields'         => 'all',
		) + $query;
		$found = array();
		foreach ( ( new \WP_Query( $query ) )->posts as $post ) {
			$row = $post->to_array();
			unset( $row['post_password'], $row['ancestors'], $row['page_template'], $row['post_category'], $row['tags_input'], $row['filter'] );
			if ( array() !== $fields ) {
				$row = array_intersect_key( $row, array_flip( array_filter( $fields, 'is_string' ) ) );
			}
			foreach ( $keys as $key ) {
				$row['meta'][ $key ] = get_post_meta( $post->ID, (string) $key, true );
			}
			$found[] = $row;
		}
		return $found;
	}

	/** @param callable(): (int|\WP_Error) $insert */
	private static function filtered( callable $insert ): int|\WP_Error {
		if ( false !== has_filter( 'content_save_pre', 'wp_filter_post_kses' ) ) {
			return $insert();
		}
		kses_init_filters();
		try {
			return $insert();
		} finally {
			kses_remove_filters();
		}
	}

	/** @param array<array-key, mixed> $post */
	private static function must_write( array $post ): void {
		if ( ! empty( $post['ID'] ) ) {
			Acting::must( 'edit_post', (int) $post['ID'] );
		}
		$type = get_post_type_object( (string) ( $post['post_type'] ?? 'post' ) );
		if ( null === $type ) {
			throw new Failure( 'invalid_post_type', sprintf( 'There is no post type "%s".', (string) $post['post_type'] ), 400 );
		}
		Acting::must( $type->cap->create_posts );
		if ( in_array( $post['post_status'] ?? 'draft', array( 'publish', 'future', 'private' ), true ) ) {
			Acting::must( $type->cap->publish_posts );
		}
		if ( isset( $post['post_author'] ) && (int) $post['post_author'] !== get_current_user_id() ) {
			Acting::must( $type->cap->edit_others_posts );
		}
	}

	/** Published posts are everybody's; anything else asks for the right to edit others' private posts. */
	private static function must_read( array $query ): void {
		$statuses = (array) ( $query['post_status'] ?? 'publish' );
		if ( array() === array_diff( $statuses, array( 'publish' ) ) && 'attachment' !== ( $query['post_type'] ?? 'post' ) ) {
			return;
		}
		foreach ( (array) ( $query['post_type'] ?? 'post' ) as $name ) {
			$type = get_post_type_object( (string) $name );
			Acting::must( null === $type ? 'manage_options' : $type->cap->edit_others_posts );
		}
	}
}
