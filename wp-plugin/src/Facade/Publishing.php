<?php
/**
 * Host operations on posts that are published or changed: their terms, and their texts.
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

final class Publishing {

	/** Terms of one taxonomy, and characters of a name. */
	private const MOST    = 20;
	private const LONGEST = 200;

	/**
	 * `automation.assign_terms`: `{post_id, terms: {taxonomy: [id or name, ...]}}` sets the terms of a post.
	 *
	 * Gives of each taxonomy `{success, taxonomy, term_count, terms}` or `{success: false, taxonomy, error}`. A name that
	 * is no term yet becomes one, where the acting user may make it.
	 *
	 * @param array<string, mixed> $params
	 * @return array<string, array<string, mixed>>
	 */
	public static function assign_terms( array $params ): array {
		$post = self::post( $params );
		$done = array();
		foreach ( Params::items( $params, 'terms' ) as $name => $terms ) {
			$done[ (string) $name ] = self::assign( $post, (string) $name, (array) $terms );
		}
		return $done;
	}

	/**
	 * @param array<array-key, mixed> $terms
	 * @return array<string, mixed>
	 */
	private static function assign( \WP_Post $post, string $name, array $terms ): array {
		$taxonomy = get_taxonomy( $name );
		if ( ! $taxonomy instanceof \WP_Taxonomy || ! is_object_in_taxonomy( $post->post_type, $name ) ) {
			return self::failed( $name, sprintf( 'Posts of the type "%s" have no taxonomy "%s".', $post->post_type, $name ) );
		}
		if ( ! Acting::is_system() && ! current_user_can( $taxonomy->cap->assign_terms ) ) {
			return self::failed( $name, 'The user may not assign terms of this taxonomy.' );
		}
		$ids   = array();
		$wrong = array();
		foreach ( array_slice( $terms, 0, self::MOST ) as $term ) {
			$id = is_int( $term ) ? self::existing( $term, $taxonomy ) : self::named( (string) $term, $taxonomy );
			if ( 0 === $id ) {
				$wrong[] = (string) $term;
			} else {
				$ids[] = $id;
			}
		}
		if ( array() === $ids ) {
			return self::failed( $name, sprintf( 'There is no such term: %s.', implode( ', ', $wrong ) ) );
		}
		$set = wp_set_object_terms( $post->ID, array_values( array_unique( $ids ) ), $name );
		if ( is_wp_error( $set ) ) {
			return self::failed( $name, $set->get_error_message() );
		}
		$names = get_terms(
			array(
				'taxonomy'   => $name,
				'include'    => $ids,
				'hide_empty' => false,
				'fields'     => 'names',
			)
		);
		return array(
			'success'    => true,
			'taxonomy'   => $name,
			'term_count' => count( $set ),
			'terms'      => is_array( $names ) ? $names : array(),
		);
	}

	private static function existing( int $id, \WP_Taxonomy $taxonomy ): int {
		$term = get_term( $id, $taxonomy->name );
		return $term instanceof \WP_Term ? $term->term_id : 0;
	}

	private static function named( string $name, \WP_Taxonomy $taxonomy ): int {
		$name = mb_substr( trim( sanitize_text_field( $name ) ), 0, self::LONGEST );
		if ( '' === $name ) {
			return 0;
		}
		$term = get_term_by( 'name', $name, $taxonomy->name );
		$term = $term instanceof \WP_Term ? $term : get_term_by( 'slug', sanitize_title( $name ), $taxonomy->name );
		if ( $term instanceof \WP_Term ) {
			return $term->term_id;
		}
		// As in WordPress's own editors: whoever assigns tags may make them, categories take more.
		$needed = $taxonomy->hierarchical ? $taxonomy->cap->edit_terms : $taxonomy->cap->assign_terms;
		if ( ! Acting::is_system() && ! current_user_can( $needed ) ) {
			return 0;
		}
		$made = wp_insert_term( $name, $taxonomy->name );
		if ( is_wp_error( $made ) ) {
			// Another worker may have been quicker.
			return 'term_exists' === $made->get_error_code() ? (int) $made->get_error_data() : 0;
		}
		return (int) $made['term_id'];
	}

	/**
	 * `automation.update_post`: `{post_id, post: {post_title?, post_content?}}` changes a post.
	 *
	 * Gives `{changed, previous_title, revision_id}`: the revision holds the content as it was, 0 where none is kept. The
	 * texts are strangers': scripts are filtered out even for a user who may write some.
	 *
	 * @param array<string, mixed> $params
	 * @return array{changed: bool, previous_title: string, revision_id: int}
	 */
	public static function update_post( array $params ): array {
		$post = self::post( $params );
		$new  = array_intersect_key( Params::items( $params, 'post' ), array_flip( array( 'post_title', 'post_content' ) ) );
		$new  = array_filter( $new, 'is_string' );
		$was  = array(
			'changed'        => false,
			'previous_title' => $post->post_title,
			'revision_id'    => 0,
		);
		if ( array() === array_diff_assoc( $new, $post->to_array() ) ) {
			return $was;
		}
		if ( isset( $new['post_content'] ) ) {
			wp_save_post_revision( $post->ID );
			$kept               = wp_get_post_revisions( $post->ID, array( 'posts_per_page' => 1 ) );
			$revision           = reset( $kept );
			$was['revision_id'] = $revision instanceof \WP_Post && $revision->post_content === $post->post_content ? $revision->ID : 0;
		}
		$filtered = false !== has_filter( 'content_save_pre', 'wp_filter_post_kses' );
		if ( ! $filtered ) {
			kses_init_filters();
		}
		try {
			$done = wp_update_post( wp_slash( array( 'ID' => $post->ID ) + $new ), true );
		} finally {
			if ( ! $filtered ) {
				kses_remove_filters();
			}
		}
		if ( is_wp_error( $done ) ) {
			throw new Failure( (string) $done->get_error_code(), $done->get_error_message(), 400 );
		}
		return array( 'changed' => true ) + $was;
	}

	/** @param array<string, mixed> $params */
	private static function post( array $params ): \WP_Post {
		$post = get_post( Params::id( $params, 'post_id' ) );
		if ( ! $post instanceof \WP_Post ) {
			throw new Failure( 'post_not_found', 'There is no such post.', 404 );
		}
		Acting::must( 'edit_post', $post->ID );
		return $post;
	}

	/** @return array{success: false, taxonomy: string, error: string} */
	private static function failed( string $taxonomy, string $error ): array {
		return array(
			'success'  => false,
			'taxonomy' => $taxonomy,
			'error'    => $error,
		);
	}
}
