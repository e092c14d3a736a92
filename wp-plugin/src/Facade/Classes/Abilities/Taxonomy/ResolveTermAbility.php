<?php
/**
 * A term by its id, name or slug.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Abilities\Taxonomy;

use DataMachine\Abilities\PermissionHelper;
use DataMachine\Core\WordPress\TaxonomyHandler;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class ResolveTermAbility {

	public function __construct() {
	}

	/**
	 * @param array<string, mixed> $input `{identifier, taxonomy, create?}`.
	 * @return array<string, mixed> As resolve().
	 */
	public function execute( array $input ): array {
		return self::resolve(
			is_scalar( $input['identifier'] ?? null ) ? (string) $input['identifier'] : '',
			is_string( $input['taxonomy'] ?? null ) ? $input['taxonomy'] : '',
			! empty( $input['create'] )
		);
	}

	public function checkPermission(): bool {
		return PermissionHelper::can_manage();
	}

	/**
	 * @param bool                 $create Make a term of that name when there is none.
	 * @param array<string, mixed> $args   Of a term that is made: `description`, `parent`, `slug`.
	 * @return array<string, mixed> `{success, term_id, name, slug, taxonomy, created}`, or `{success: false, error}`.
	 */
	public static function resolve( string $identifier, string $taxonomy, bool $create = false, array $args = array() ): array {
		$name = sanitize_text_field( $identifier );
		if ( '' === $name || '' === $taxonomy ) {
			return self::failed( '' === $name ? 'identifier is required' : 'taxonomy is required' );
		}
		if ( ! taxonomy_exists( $taxonomy ) ) {
			return self::failed( sprintf( "Taxonomy '%s' does not exist", $taxonomy ) );
		}
		$found = self::find( $name, $taxonomy );
		if ( null !== $found ) {
			return self::found( $found, false );
		}
		if ( ! $create || TaxonomyHandler::shouldSkipTaxonomy( $taxonomy ) ) {
			return self::failed( sprintf( "Term '%s' not found in taxonomy '%s'", $name, $taxonomy ) );
		}
		$made = wp_insert_term( wp_slash( $name ), $taxonomy, array_intersect_key( $args, array_flip( array( 'description', 'parent', 'slug' ) ) ) );
		if ( is_wp_error( $made ) ) {
			// Another process may have been faster.
			$there = (int) $made->get_error_data( 'term_exists' );
			$term  = $there > 0 ? get_term( $there, $taxonomy ) : null;
			return $term instanceof \WP_Term ? self::found( $term, false ) : self::failed( $made->get_error_message() );
		}
		$term = get_term( (int) $made['term_id'], $taxonomy );
		return $term instanceof \WP_Term ? self::found( $term, true ) : self::failed( 'The term was made and is gone.' );
	}

	private static function find( string $name, string $taxonomy ): ?\WP_Term {
		$by_id = ctype_digit( $name ) ? get_term( (int) $name, $taxonomy ) : null;
		if ( $by_id instanceof \WP_Term ) {
			return $by_id;
		}
		foreach ( array( 'name', 'slug' ) as $field ) {
			$term = get_term_by( $field, $name, $taxonomy );
			if ( $term instanceof \WP_Term ) {
				return $term;
			}
		}
		return null;
	}

	/** @return array<string, mixed> */
	private static function found( \WP_Term $term, bool $created ): array {
		return array(
			'success'  => true,
			'term_id'  => $term->term_id,
			'name'     => $term->name,
			'slug'     => $term->slug,
			'taxonomy' => $term->taxonomy,
			'created'  => $created,
		);
	}

	/** @return array{success: false, error: string} */
	private static function failed( string $error ): array {
		return array(
			'success' => false,
			'error'   => $error,
		);
	}
}
