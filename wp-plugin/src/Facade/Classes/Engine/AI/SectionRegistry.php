<?php
/**
 * The sections that composed files (AGENTS.md, SITE.md, NETWORK.md and those of plugins) are made of.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Engine\AI;

use DataMachine\Bridge\Memory\Composer;
use DataMachine\Bridge\Memory\Sections;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/**
 * Example:
 *
 *     add_action( 'datamachine_sections', function () {
 *         SectionRegistry::register( 'AGENTS.md', 'recipes', 50, fn () => "## Recipes\n\nAsk the cook first." );
 *     } );
 */
class SectionRegistry {

	/** @var array<string, array<string, array<string, mixed>>>|null By file and slug, in the order of registration. */
	private static ?array $sections = null;

	private static bool $announced = false;

	/**
	 * A second registration of a slug replaces the first.
	 *
	 * @param int      $priority Lower ones come first.
	 * @param callable $callback Gets the context array, returns Markdown; a blank text leaves the section out.
	 * @param array    $args     label, description.
	 */
	public static function register( string $filename, string $slug, int $priority, callable $callback, array $args = array() ): void {
		self::built_in();
		self::put( $filename, $slug, $priority, $callback, $args );
	}

	public static function deregister( string $filename, string $slug ): void {
		self::built_in();
		unset( self::$sections[ sanitize_file_name( $filename ) ][ sanitize_key( $slug ) ] );
	}

	/** @return array<string, array<string, mixed>> By slug: slug, priority, callback, label, description; in their order. */
	public static function get_sections( string $filename ): array {
		return self::sorted()[ sanitize_file_name( $filename ) ] ?? array();
	}

	/** The text of all sections, as it would be written; nothing is. */
	public static function generate( string $filename, array $context = array() ): string {
		return Composer::text( $filename, $context );
	}

	public static function has_sections( string $filename ): bool {
		return array() !== self::get_sections( $filename );
	}

	/** @return string[] Files with sections. */
	public static function get_filenames(): array {
		return array_keys( self::sorted() );
	}

	/** Back to how a request begins: for tests. */
	public static function reset(): void {
		self::$sections  = null;
		self::$announced = false;
	}

	private static function built_in(): void {
		if ( null === self::$sections ) {
			self::$sections = array();
			foreach ( Sections::built_in() as list( $filename, $slug, $priority, $callback, $args ) ) {
				self::put( $filename, $slug, $priority, $callback, $args );
			}
		}
	}

	private static function put( string $filename, string $slug, int $priority, callable $callback, array $args ): void {
		$filename = sanitize_file_name( $filename );
		$slug     = sanitize_key( $slug );
		if ( '' === $filename || '' === $slug ) {
			return;
		}
		unset( self::$sections[ $filename ][ $slug ] );
		self::$sections[ $filename ][ $slug ] = array(
			'slug'        => $slug,
			'priority'    => $priority,
			'callback'    => $callback,
			'label'       => (string) ( $args['label'] ?? ucwords( strtr( $slug, '-_', '  ' ) ) ),
			'description' => (string) ( $args['description'] ?? '' ),
		);
	}

	/** @return array<string, array<string, array<string, mixed>>> By priority, then in the order of registration. */
	private static function sorted(): array {
		self::built_in();
		if ( ! self::$announced ) {
			self::$announced = true;
			/** Register sections here. The argument is a snapshot: call SectionRegistry::register(). */
			do_action( 'datamachine_sections', self::ordered() );
		}
		return self::ordered();
	}

	/** @return array<string, array<string, array<string, mixed>>> */
	private static function ordered(): array {
		$files = array_filter( self::$sections ?? array() );
		foreach ( $files as &$sections ) {
			uasort( $sections, static fn ( array $a, array $b ): int => $a['priority'] <=> $b['priority'] );
		}
		return $files;
	}
}
