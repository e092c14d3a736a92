<?php
/**
 * Host operations that say what this site offers to handlers' settings: types of posts, terms, authors, credentials.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Facade;

use DataMachine\Bridge\Host\Params;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Choices {

	/** Terms of one taxonomy, and authors, that a select offers. Others can be set by their ids. */
	private const MOST = 100;

	/** Taxonomies that WordPress keeps for itself. */
	private const SYSTEM = array( 'nav_menu', 'post_format', 'link_category', 'wp_theme', 'wp_template_part_area', 'wp_pattern_category' );

	/**
	 * `automation.site_choices`: `{post_types, taxonomies, authors}` for the selects of handlers.
	 *
	 * @param array<string, mixed> $params
	 * @return array{post_types: array<string, string>, taxonomies: list<array<string, mixed>>, authors: array<int, string>}
	 */
	public static function site( array $params ): array {
		unset( $params );
		$types = array();
		foreach ( get_post_types( array( 'public' => true ), 'objects' ) as $type ) {
			if ( 'attachment' !== $type->name ) {
				$types[ $type->name ] = (string) $type->labels->singular_name;
			}
		}
		$taxonomies = array();
		foreach ( self::taxonomies() as $taxonomy ) {
			$taxonomies[] = array(
				'name'         => $taxonomy->name,
				'label'        => (string) $taxonomy->labels->name,
				'hierarchical' => (bool) $taxonomy->hierarchical,
				'post_types'   => array_values( (array) $taxonomy->object_type ),
				'terms'        => self::most_used( $taxonomy->name ),
			);
		}
		$authors = array();
		foreach ( get_users( self::who_write() + array( 'orderby' => 'display_name' ) ) as $user ) {
			$authors[ (int) $user->ID ] = (string) $user->display_name;
		}
		return array(
			'post_types' => $types,
			'taxonomies' => $taxonomies,
			'authors'    => $authors,
		);
	}

	/**
	 * `automation.term_names`: `{taxonomy, ids}` gives names by id, of those that are terms of it.
	 *
	 * @param array<string, mixed> $params
	 * @return array<int, string>
	 */
	public static function term_names( array $params ): array {
		$taxonomy = Params::text( $params, 'taxonomy' );
		$ids      = array_filter( array_map( 'absint', Params::items( $params, 'ids' ) ) );
		if ( array() === $ids || ! taxonomy_exists( $taxonomy ) ) {
			return array();
		}
		$terms = get_terms(
			array(
				'taxonomy'   => $taxonomy,
				'include'    => $ids,
				'hide_empty' => false,
				'fields'     => 'id=>name',
			)
		);
		return is_array( $terms ) ? $terms : array();
	}

	/**
	 * `automation.author_name`: `{user_id}` gives the display name of somebody who can write posts here, else null.
	 *
	 * @param array<string, mixed> $params
	 */
	public static function author_name( array $params ): ?string {
		$found = get_users( self::who_write() + array( 'include' => array( Params::id( $params, 'user_id' ) ) ) );
		return array() === $found ? null : (string) $found[0]->display_name;
	}

	/**
	 * `automation.handler_credentials`: `{keys}` gives `{auth_type, auth_fields, is_authenticated}` of each provider.
	 *
	 * @param array<string, mixed> $params
	 * @return array<string, array{auth_type: string, auth_fields: mixed, is_authenticated: bool}>
	 */
	public static function credentials( array $params ): array {
		/** This filter is documented in hooks/product.json */
		$providers = apply_filters( 'datamachine_auth_providers', array(), null );
		$found     = array();
		foreach ( Params::items( $params, 'keys' ) as $key ) {
			$provider = is_array( $providers ) ? $providers[ (string) $key ] ?? null : null;
			if ( ! is_object( $provider ) ) {
				continue;
			}
			$found[ (string) $key ] = array(
				'auth_type'        => Accounts::kind( $provider ),
				'auth_fields'      => method_exists( $provider, 'get_config_fields' ) ? $provider->get_config_fields() : array(),
				'is_authenticated' => method_exists( $provider, 'is_authenticated' ) && (bool) $provider->is_authenticated(),
			);
		}
		return $found;
	}

	/** @return list<\WP_Taxonomy> Those of public types of posts. */
	public static function taxonomies(): array {
		$found = array_filter(
			get_taxonomies( array( 'public' => true ), 'objects' ),
			static fn ( \WP_Taxonomy $taxonomy ): bool => ! in_array( $taxonomy->name, self::SYSTEM, true )
		);
		return array_values( $found );
	}

	/** @return array<int, string> */
	private static function most_used( string $taxonomy ): array {
		$terms = get_terms(
			array(
				'taxonomy'   => $taxonomy,
				'hide_empty' => false,
				'number'     => self::MOST,
				'orderby'    => 'count',
				'order'      => 'DESC',
				'fields'     => 'id=>name',
			)
		);
		return is_array( $terms ) ? $terms : array();
	}

	/** @return array<string, mixed> */
	private static function who_write(): array {
		return array(
			'capability' => array( 'edit_posts' ),
			'number'     => self::MOST,
			'fields'     => array( 'ID', 'display_name' ),
		);
	}
}
