<?php
/**
 * SITE.md: what this site is made of.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Memory;

use DataMachine\Bridge\Plugin;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class SiteSections {

	private const CORE_ROLES = array( 'administrator', 'editor', 'author', 'contributor', 'subscriber' );

	/** Starts of the namespaces that every WordPress has. */
	private const CORE_NAMESPACES = array( 'wp/', 'wp-', 'oembed/' );

	public static function header(): string {
		return "# SITE\n\nWhat this WordPress site is made of. Data Machine writes this file; what is changed here by hand is lost when the site changes.";
	}

	public static function identity(): string {
		$permalinks = (string) get_option( 'permalink_structure' );
		return Markdown::section(
			'## Identity',
			array(
				Markdown::bullet( 'name', get_option( 'blogname' ) ),
				Markdown::bullet( 'description', get_option( 'blogdescription' ) ),
				Markdown::bullet( 'url', home_url() ),
				Markdown::bullet( 'theme', wp_get_theme()->get( 'Name' ) ),
				Markdown::bullet( 'language', get_locale() ),
				Markdown::bullet( 'timezone', wp_timezone_string() ),
				Markdown::bullet( 'permalinks', $permalinks ),
				Markdown::bullet( 'multisite', is_multisite() ? 'true' : 'false' ),
			)
		);
	}

	public static function structure(): string {
		$front    = 'page' === get_option( 'show_on_front' );
		$sections = array(
			Markdown::section(
				'## Site Structure',
				array(
					$front ? self::page( 'Front page', 'page_on_front' ) : '',
					$front ? self::page( 'Blog page', 'page_for_posts' ) : '',
					self::page( 'Privacy page', 'wp_page_for_privacy_policy' ),
					Markdown::bullet( 'Homepage displays', $front ? 'static page' : 'latest posts' ),
				)
			),
			Markdown::section( '### Menus', self::menus() ),
		);
		return implode( "\n\n", array_filter( $sections ) );
	}

	public static function post_types(): string {
		$rows = array();
		foreach ( get_post_types( array( 'public' => true ), 'objects' ) as $slug => $type ) {
			$rows[] = array( $type->labels->name, $slug, (int) ( wp_count_posts( $slug )->publish ?? 0 ), $type->hierarchical ? 'hierarchical' : 'flat' );
		}
		return Markdown::table( '## Post Types', array( 'Label', 'Slug', 'Published', 'Type' ), $rows );
	}

	public static function taxonomies(): string {
		$rows = array();
		foreach ( get_taxonomies( array( 'public' => true ), 'objects' ) as $slug => $taxonomy ) {
			$terms  = wp_count_terms(
				array(
					'taxonomy'   => $slug,
					'hide_empty' => false,
				)
			);
			$rows[] = array( $taxonomy->labels->name, $slug, is_wp_error( $terms ) ? 0 : (int) $terms, $taxonomy->hierarchical ? 'hierarchical' : 'flat', implode( ', ', (array) $taxonomy->object_type ) );
		}
		return Markdown::table( '## Taxonomies', array( 'Label', 'Slug', 'Terms', 'Type', 'Post Types' ), $rows );
	}

	/** Only where somebody made roles of their own. */
	public static function user_roles(): string {
		$lines = array();
		foreach ( wp_roles()->get_names() as $slug => $name ) {
			if ( ! in_array( $slug, self::CORE_ROLES, true ) ) {
				$lines[] = Markdown::bullet( Markdown::line( $name ), $slug );
			}
		}
		return Markdown::section( '## User Roles', $lines );
	}

	public static function plugins(): string {
		$active = (array) get_option( 'active_plugins', array() );
		if ( is_multisite() ) {
			$active = array_merge( $active, array_keys( (array) get_site_option( 'active_sitewide_plugins', array() ) ) );
		}
		$active = array_diff( array_filter( $active, 'is_string' ), array( Plugin::instance()->basename() ) );
		$lines  = Markdown::plugins( array_intersect_key( get_plugins(), array_flip( $active ) ) );
		return Markdown::section( '## Active Plugins', array() === $lines ? array( '- (none)' ) : $lines );
	}

	public static function mu_plugins(): string {
		return Markdown::section( '## Must-Use Plugins', Markdown::plugins( get_mu_plugins() ) );
	}

	public static function dropins(): string {
		return Markdown::section( '## Drop-ins', Markdown::plugins( get_dropins() ) );
	}

	public static function rest_api(): string {
		$own = array_filter(
			rest_get_server()->get_namespaces(),
			static function ( string $name ): bool {
				foreach ( self::CORE_NAMESPACES as $start ) {
					if ( str_starts_with( $name, $start ) ) {
						return false;
					}
				}
				return true;
			}
		);
		sort( $own, SORT_STRING );
		return Markdown::section( '## REST API', array_map( static fn ( string $name ): string => "- `$name`", $own ) );
	}

	private static function page( string $label, string $option ): string {
		$id   = absint( get_option( $option ) );
		$page = $id > 0 ? get_post( $id ) : null;
		return null === $page ? '' : Markdown::bullet( $label, sprintf( '%s (ID %d)', $page->post_title, $id ) );
	}

	/** @return list<string> */
	private static function menus(): array {
		$names = get_registered_nav_menus();
		$lines = array();
		foreach ( get_nav_menu_locations() as $location => $id ) {
			$menu = wp_get_nav_menu_object( $id );
			if ( false !== $menu ) {
				$lines[] = Markdown::bullet( Markdown::line( $names[ $location ] ?? $location ), sprintf( '%s (%d items)', $menu->name, $menu->count ) );
			}
		}
		sort( $lines, SORT_STRING );
		return $lines;
	}
}
