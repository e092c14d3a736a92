<?php
/**
 * Terms of posts that a handler writes: fixed ones, or those a model chose.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\WordPress;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/**
 * `taxonomy_<name>_selection` of a handler's configuration is `skip`, `ai_decides`, or a term by id, slug or name.
 */
class TaxonomyHandler {

	private const SYSTEM = array( 'post_format', 'nav_menu', 'link_category', 'wp_theme', 'wp_template_part_area', 'wp_pattern_category' );

	/** @var array<string, callable> */
	private static array $custom = array();

	/**
	 * Something else than assignTaxonomy() for one taxonomy.
	 *
	 * @param callable $handler Is given post id, parameters, handler config and engine data; its array is the result.
	 */
	public static function addCustomHandler( string $taxonomy_name, callable $handler ): void {
		self::$custom[ $taxonomy_name ] = $handler;
	}

	/**
	 * @param array<string, mixed> $parameters     Of the tool's call.
	 * @param array<string, mixed> $handler_config Of the flow step.
	 * @param array<string, mixed> $engine_data    Of the job; a model's choice may stand there too.
	 * @return array<string, array<string, mixed>> Results by taxonomy; none for those skipped.
	 */
	public function processTaxonomies( int $post_id, array $parameters, array $handler_config, array $engine_data = array() ): array {
		$results = array();
		foreach ( self::getPublicTaxonomies( (string) get_post_type( $post_id ) ) as $taxonomy ) {
			$name      = $taxonomy->name;
			$selection = $handler_config[ "taxonomy_{$name}_selection" ] ?? 'skip';
			if ( 'skip' === $selection || '' === $selection || ! is_scalar( $selection ) ) {
				continue;
			}
			if ( 'ai_decides' !== $selection ) {
				$results[ $name ] = $this->assignTaxonomy( $post_id, $name, is_numeric( $selection ) ? (int) $selection : $selection );
				continue;
			}
			if ( isset( self::$custom[ $name ] ) ) {
				$answer = ( self::$custom[ $name ] )( $post_id, $parameters, $handler_config, $engine_data );
				if ( is_array( $answer ) ) {
					$results[ $name ] = $answer;
				}
				continue;
			}
			$key    = self::getParameterName( $name );
			$chosen = $parameters[ $key ] ?? $engine_data[ $key ] ?? null;
			if ( null !== $chosen && '' !== $chosen && array() !== $chosen ) {
				$results[ $name ] = $this->assignTaxonomy( $post_id, $name, $chosen );
			}
		}
		return $results;
	}

	/** @return array<string, \WP_Taxonomy> By name; of one type of post, or all. */
	public static function getPublicTaxonomies( ?string $post_type = null ): array {
		$all = null === $post_type || '' === $post_type ? get_taxonomies( array( 'public' => true ), 'objects' ) : get_object_taxonomies( $post_type, 'objects' );
		return array_filter( $all, static fn ( \WP_Taxonomy $one ): bool => $one->public && ! self::shouldSkipTaxonomy( $one->name ) );
	}

	/**
	 * What a tool asks a model for: one parameter for each taxonomy it decides.
	 *
	 * @param array<string, mixed> $handler_config
	 * @return array<string, array<string, mixed>>
	 */
	public static function getTaxonomyToolParameters( array $handler_config, ?string $post_type = null ): array {
		$parameters = array();
		foreach ( self::getPublicTaxonomies( $post_type ) as $taxonomy ) {
			if ( 'ai_decides' !== ( $handler_config[ "taxonomy_{$taxonomy->name}_selection" ] ?? 'skip' ) ) {
				continue;
			}
			$spec = $taxonomy->hierarchical
				? array( 'type' => 'string' )
				: array(
					'type'  => 'array',
					'items' => array( 'type' => 'string' ),
				);
			/* translators: %s: name of a taxonomy */
			$spec['description']                                   = sprintf( __( 'What fits the content as its %s.', 'data-machine' ), strtolower( $taxonomy->label ) );
			$parameters[ self::getParameterName( $taxonomy->name ) ] = $spec;
		}
		return $parameters;
	}

	/** @return list<string> Those that WordPress keeps for itself. */
	public static function getSystemTaxonomies(): array {
		return self::SYSTEM;
	}

	public static function shouldSkipTaxonomy( string $taxonomy_name ): bool {
		return in_array( $taxonomy_name, self::SYSTEM, true );
	}

	public static function getTermName( int $term_id, string $taxonomy ): ?string {
		$term = get_term( $term_id, $taxonomy );
		return $term instanceof \WP_Term ? $term->name : null;
	}

	/** How a tool's parameter for a taxonomy is called. */
	public static function getParameterName( string $taxonomy_name ): string {
		return 'post_tag' === $taxonomy_name ? 'tags' : $taxonomy_name;
	}

	/**
	 * Sets the terms of a post. Names that are not there yet are created; a number is an existing term's id.
	 *
	 * @param mixed $taxonomy_value An id, a name, a comma-separated text or a list of them.
	 * @return array<string, mixed> `{success, taxonomy, term_count, terms}` or `{success: false, error}`.
	 */
	public function assignTaxonomy( int $post_id, string $taxonomy_name, $taxonomy_value ): array {
		if ( ! taxonomy_exists( $taxonomy_name ) ) {
			return self::failed( sprintf( 'Taxonomy "%s" does not exist', $taxonomy_name ) );
		}
		$values = is_array( $taxonomy_value ) ? $taxonomy_value : ( is_string( $taxonomy_value ) ? explode( ',', $taxonomy_value ) : array( $taxonomy_value ) );
		$ids    = array();
		foreach ( $values as $value ) {
			$id = is_scalar( $value ) ? self::term( is_string( $value ) ? trim( $value ) : $value, $taxonomy_name ) : 0;
			if ( $id > 0 ) {
				$ids[] = $id;
			}
		}
		if ( array() === $ids ) {
			return self::failed( sprintf( 'No term for taxonomy "%s"', $taxonomy_name ) );
		}
		$set = wp_set_object_terms( $post_id, array_values( array_unique( $ids ) ), $taxonomy_name );
		if ( is_wp_error( $set ) ) {
			return self::failed( $set->get_error_message() );
		}
		return array(
			'success'    => true,
			'taxonomy'   => $taxonomy_name,
			'term_count' => count( $set ),
			'terms'      => array_values( array_map( static fn ( int $id ): ?string => self::getTermName( $id, $taxonomy_name ), array_unique( $ids ) ) ),
		);
	}

	/** The id of a term, created when it is a new name; 0 for none. */
	private static function term( string|int|float|bool $value, string $taxonomy ): int {
		if ( is_int( $value ) || ctype_digit( (string) $value ) ) {
			return null !== self::getTermName( (int) $value, $taxonomy ) ? (int) $value : 0;
		}
		$name = sanitize_text_field( (string) $value );
		if ( '' === $name ) {
			return 0;
		}
		foreach ( array( 'name', 'slug' ) as $field ) {
			$found = get_term_by( $field, $name, $taxonomy );
			if ( $found instanceof \WP_Term ) {
				return $found->term_id;
			}
		}
		$made = wp_insert_term( $name, $taxonomy );
		// Another process may have been faster.
		return is_wp_error( $made ) ? (int) $made->get_error_data( 'term_exists' ) : (int) $made['term_id'];
	}

	/** @return array{success: false, error: string} */
	private static function failed( string $error ): array {
		return array(
			'success' => false,
			'error'   => $error,
		);
	}
}
