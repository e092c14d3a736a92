<?php
/**
 * What commands of other plugins extend: lists as Data Machine prints them.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Cli;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/** Exists under WP-CLI only: its parent does. */
class BaseCommand extends \WP_CLI_Command {

	/**
	 * @param list<array<string, mixed>> $items
	 * @param list<string>               $fields     Columns, unless `--fields` says others.
	 * @param array<string, mixed>       $assoc_args The command's flags: `format` and `fields` are read.
	 * @param string                     $id_field   What `--format=ids` prints; the first column otherwise.
	 */
	protected function format_items( array $items, array $fields, array $assoc_args, string $id_field = '' ): void {
		if ( array() === $items ) {
			\WP_CLI::warning( 'No items found.' );
			return;
		}
		$format = (string) ( $assoc_args['format'] ?? 'table' );
		if ( 'ids' === $format ) {
			$id = '' === $id_field ? (string) ( $fields[0] ?? 'id' ) : $id_field;
			\WP_CLI::line( implode( ' ', array_map( static fn ( array $item ): string => (string) ( $item[ $id ] ?? '' ), $items ) ) );
			return;
		}
		if ( 'count' === $format ) {
			\WP_CLI::line( (string) count( $items ) );
			return;
		}
		$wanted = $assoc_args['fields'] ?? $fields;
		$wanted = is_array( $wanted ) ? $wanted : array_filter( array_map( 'trim', explode( ',', (string) $wanted ) ), 'strlen' );
		\WP_CLI\Utils\format_items( $format, $items, array_values( $wanted ) );
	}

	/** A line below a table; nothing below other formats. */
	protected function output_pagination( int $offset, int $count, int $total, string $format = 'table', string $item_label = 'items' ): void {
		if ( 'table' !== $format ) {
			return;
		}
		$more = $offset + $count < $total ? ' Use --offset to see more.' : '';
		\WP_CLI::log( sprintf( 'Showing %d - %d of %d %s.%s', $offset, $offset + $count, $total, $item_label, $more ) );
	}
}
