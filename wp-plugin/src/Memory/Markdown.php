<?php
/**
 * What a site calls its things, put into Markdown so that it stays what it is: a name, not a heading.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Memory;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Markdown {

	/** Longest description of a plugin, characters. */
	private const LONGEST = 120;

	/** One line of plain text. */
	public static function line( mixed $text ): string {
		$text = wp_specialchars_decode( wp_strip_all_tags( is_scalar( $text ) ? (string) $text : '' ), ENT_QUOTES );
		return trim( (string) preg_replace( '/\s+/u', ' ', $text ) );
	}

	/** One line, cut where it is long. */
	public static function short( mixed $text ): string {
		$text = self::line( $text );
		return mb_strlen( $text ) > self::LONGEST ? mb_substr( $text, 0, self::LONGEST - 3 ) . '...' : $text;
	}

	/** `- **key:** value`; '' without a value. */
	public static function bullet( string $key, mixed $value ): string {
		$value = self::line( $value );
		return '' === $value ? '' : "- **$key:** $value";
	}

	/**
	 * @param list<string> $lines Empty ones are left out.
	 * @return string '' when there is nothing below the heading.
	 */
	public static function section( string $heading, array $lines ): string {
		$lines = array_values( array_filter( $lines, static fn ( string $line ): bool => '' !== $line ) );
		return array() === $lines ? '' : "$heading\n\n" . implode( "\n", $lines );
	}

	/**
	 * @param list<string>       $columns
	 * @param list<list<mixed>> $rows
	 */
	public static function table( string $heading, array $columns, array $rows ): string {
		if ( array() === $rows ) {
			return '';
		}
		$cells = static fn ( array $row ): string => '| ' . implode( ' | ', array_map( static fn ( mixed $cell ): string => str_replace( '|', '\\|', self::line( $cell ) ), $row ) ) . ' |';
		$lines = array( $cells( $columns ), '|' . str_repeat( ' --- |', count( $columns ) ) );
		return "$heading\n\n" . implode( "\n", array_merge( $lines, array_map( $cells, $rows ) ) );
	}

	/**
	 * Plugins as `- **Name** — description`, in the order of their files.
	 *
	 * @param array<string, array<string, string>> $plugins Headers by file.
	 * @return list<string>
	 */
	public static function plugins( array $plugins ): array {
		ksort( $plugins, SORT_STRING );
		$lines = array();
		foreach ( $plugins as $file => $headers ) {
			$name        = self::line( $headers['Name'] ?? '' );
			$description = self::short( $headers['Description'] ?? '' );
			$lines[]     = '- **' . ( '' === $name ? self::line( $file ) : $name ) . '**' . ( '' === $description ? '' : " — $description" );
		}
		return $lines;
	}
}
