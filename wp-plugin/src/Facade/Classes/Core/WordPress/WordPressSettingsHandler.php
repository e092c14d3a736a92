<?php
/**
 * Settings that handlers writing WordPress posts share.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\WordPress;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class WordPressSettingsHandler {

	/** Terms that one select offers; others can be set by their ids. */
	private const MOST = 100;

	/**
	 * One select for each taxonomy: `taxonomy_<name>_selection`.
	 *
	 * @param array<string, mixed> $config `post_type` (all when absent), `field_suffix`, `first_options`, `default`,
	 *                                     `description_template` (with one %s), `exclude_taxonomies`.
	 * @return array<string, array<string, mixed>>
	 */
	public static function get_taxonomy_fields( array $config = array() ): array {
		$first  = self::first_options( $config );
		$fields = array();
		foreach ( self::taxonomies( $config ) as $taxonomy ) {
			$options = $first;
			$terms   = get_terms(
				array(
					'taxonomy'   => $taxonomy->name,
					'hide_empty' => false,
					'number'     => self::MOST,
				)
			);
			foreach ( is_array( $terms ) ? $terms : array() as $term ) {
				$options[ (string) $term->term_id ] = $term->name;
			}
			$fields[ self::key( $taxonomy->name, $config ) ] = array(
				'type'        => 'select',
				'label'       => $taxonomy->label,
				/* translators: %s: name of a taxonomy */
				'description' => sprintf( (string) ( $config['description_template'] ?? __( 'What a post gets as its %s.', 'data-machine' ) ), strtolower( $taxonomy->label ) ),
				'options'     => $options,
				'default'     => $config['default'] ?? (string) array_key_first( $first ),
			);
		}
		return $fields;
	}

	/**
	 * @param array<string, mixed> $raw_settings
	 * @param array<string, mixed> $config       As get_taxonomy_fields() takes it.
	 * @return array<string, mixed>
	 */
	public static function sanitize_taxonomy_fields( array $raw_settings, array $config = array() ): array {
		$first = self::first_options( $config );
		$clean = array();
		foreach ( self::taxonomies( $config ) as $taxonomy ) {
			$key   = self::key( $taxonomy->name, $config );
			$value = $raw_settings[ $key ] ?? '';
			$value = is_scalar( $value ) ? (string) $value : '';
			$known = isset( $first[ $value ] ) || ( ctype_digit( $value ) && null !== term_exists( (int) $value, $taxonomy->name ) );
			// A term's id is a number, a word is a word.
			$clean[ $key ] = ! $known ? ( $config['default'] ?? (string) array_key_first( $first ) ) : ( isset( $first[ $value ] ) ? $value : (int) $value );
		}
		return $clean;
	}

	/** @return array<string, string> Names by slug. */
	public static function get_post_type_options( bool $include_any = false ): array {
		$options = $include_any ? array( 'any' => __( 'Any', 'data-machine' ) ) : array();
		foreach ( get_post_types( array( 'public' => true ), 'objects' ) as $type ) {
			if ( 'attachment' !== $type->name ) {
				$options[ $type->name ] = (string) $type->labels->singular_name;
			}
		}
		return $options;
	}

	/** @return array<int, string> Names of those who may write, by id. */
	public static function get_user_options(): array {
		$options = array();
		foreach ( get_users( array( 'capability' => 'edit_posts', 'number' => self::MOST, 'orderby' => 'display_name' ) ) as $user ) { // phpcs:ignore WordPress.Arrays.ArrayDeclarationSpacing -- short.
			$options[ $user->ID ] = $user->display_name;
		}
		return $options;
	}

	/**
	 * Type, status and author of a post.
	 *
	 * @param array<string, mixed> $config `post_type_default`, `status_default`.
	 * @return array<string, array<string, mixed>>
	 */
	public static function get_standard_publish_fields( array $config = array() ): array {
		$users = self::get_user_options();
		return array(
			'post_type'   => array(
				'type'        => 'select',
				'label'       => __( 'Post Type', 'data-machine' ),
				'description' => __( 'What is written.', 'data-machine' ),
				'options'     => self::get_post_type_options(),
				'default'     => $config['post_type_default'] ?? 'post',
			),
			'post_status' => array(
				'type'        => 'select',
				'label'       => __( 'Post Status', 'data-machine' ),
				'description' => __( 'What becomes of it.', 'data-machine' ),
				'options'     => get_post_statuses(),
				'default'     => $config['status_default'] ?? 'draft',
			),
			'post_author' => array(
				'type'        => 'select',
				'label'       => __( 'Post Author', 'data-machine' ),
				'description' => __( 'Who stands as its author.', 'data-machine' ),
				'options'     => $users,
				'default'     => get_current_user_id() > 0 ? get_current_user_id() : (int) array_key_first( $users ),
			),
		);
	}

	/**
	 * @param array<string, mixed> $raw_settings
	 * @return array<string, mixed>
	 */
	public static function sanitize_standard_publish_fields( array $raw_settings ): array {
		$type   = sanitize_key( self::text( $raw_settings['post_type'] ?? '' ) );
		$status = sanitize_key( self::text( $raw_settings['post_status'] ?? '' ) );
		return array(
			'post_type'   => post_type_exists( $type ) ? $type : 'post',
			'post_status' => isset( get_post_statuses()[ $status ] ) ? $status : 'draft',
			'post_author' => absint( self::text( $raw_settings['post_author'] ?? '' ) ),
		);
	}

	/**
	 * @param array<string, mixed> $config
	 * @return list<\WP_Taxonomy>
	 */
	private static function taxonomies( array $config ): array {
		$without = (array) ( $config['exclude_taxonomies'] ?? array() );
		$found   = TaxonomyHandler::getPublicTaxonomies( isset( $config['post_type'] ) ? (string) $config['post_type'] : null );
		return array_values( array_filter( $found, static fn ( \WP_Taxonomy $one ): bool => ! in_array( $one->name, $without, true ) ) );
	}

	/**
	 * @param array<string, mixed> $config
	 * @return array<string, string>
	 */
	private static function first_options( array $config ): array {
		$given = $config['first_options'] ?? null;
		return is_array( $given ) && array() !== $given ? $given : array(
			'skip'       => __( 'Skip', 'data-machine' ),
			'ai_decides' => __( 'AI Decides', 'data-machine' ),
		);
	}

	/** @param array<string, mixed> $config */
	private static function key( string $taxonomy, array $config ): string {
		return 'taxonomy_' . $taxonomy . (string) ( $config['field_suffix'] ?? '_selection' );
	}

	private static function text( mixed $value ): string {
		return is_scalar( $value ) ? (string) $value : '';
	}
}
