<?php
/**
 * The operator's terminal, offered to the sidecar while one of its commands runs: printing, standard input, files.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Cli;

use WP_CLI\Formatter;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Console {

	private const CHUNK = 262144;

	/** @var list<array<string, mixed>> Rows that arrived before their table, which is larger than one frame. */
	private static array $rows = array();

	/** @return array<string, array{0: class-string, 1: string}> Host operations by name. */
	public static function operations(): array {
		return array(
			'cli.emit'    => array( self::class, 'emit' ),
			'cli.rows'    => array( self::class, 'rows' ),
			'cli.stdin'   => array( self::class, 'stdin' ),
			'cli.file'    => array( self::class, 'file' ),
			'cli.confirm' => array( self::class, 'confirm' ),
		);
	}

	/**
	 * Print events in order. Errors do not end the process here: the sidecar still waits for this answer.
	 *
	 * @param array<string, mixed> $params `events`: list of arrays with `event` naming the kind.
	 */
	public static function emit( array $params ): bool {
		foreach ( (array) ( $params['events'] ?? array() ) as $event ) {
			self::print( (array) $event );
		}
		return true;
	}

	/**
	 * Keep rows for the next table.
	 *
	 * @param array<string, mixed> $params `rows`.
	 */
	public static function rows( array $params ): bool {
		foreach ( (array) ( $params['rows'] ?? array() ) as $row ) {
			self::$rows[] = (array) $row;
		}
		return true;
	}

	/**
	 * A piece of standard input; an empty string is its end.
	 *
	 * @param array<string, mixed> $params
	 */
	public static function stdin( array $params ): string {
		unset( $params );
		$piece = fread( STDIN, self::CHUNK );
		return false === $piece ? '' : $piece;
	}

	/**
	 * A piece of a file of the operator's: the path counts from the operator's folder, with the operator's rights.
	 *
	 * @param array<string, mixed> $params `path`, `offset`.
	 * @return array{state: string, text: string} State is `ok`, `missing` or `unreadable`.
	 */
	public static function file( array $params ): array {
		$path = (string) ( $params['path'] ?? '' );
		if ( ! is_file( $path ) ) {
			return array( 'state' => 'missing', 'text' => '' );
		}
		$text = is_readable( $path ) ? file_get_contents( $path, false, null, (int) ( $params['offset'] ?? 0 ), self::CHUNK ) : false;
		if ( false === $text ) {
			return array( 'state' => 'unreadable', 'text' => '' );
		}
		return array( 'state' => 'ok', 'text' => $text );
	}

	/**
	 * A question to the operator; one line of standard input answers it, and only `y` means yes.
	 *
	 * What `WP_CLI::confirm()` does, but for its `exit`: the sidecar waits for this answer, and ends the command.
	 *
	 * @param array<string, mixed> $params `question`.
	 */
	public static function confirm( array $params ): bool {
		fwrite( STDOUT, self::visible( (string) ( $params['question'] ?? '' ) ) . ' [y/n] ' );
		return 'y' === strtolower( trim( (string) fgets( STDIN ) ) );
	}

	/** @param array<string, mixed> $event */
	private static function print( array $event ): void {
		$text = (string) ( $event['text'] ?? $event['message'] ?? '' );
		$kind = (string) ( $event['event'] ?? '' );
		if ( stream_isatty( in_array( $kind, array( 'stderr', 'warning', 'error' ), true ) ? STDERR : STDOUT ) ) {
			$text = self::visible( $text );
		}
		switch ( $kind ) {
			case 'line':
				\WP_CLI::line( $text );
				break;
			case 'text':
				fwrite( STDOUT, $text );
				break;
			case 'stderr':
				fwrite( STDERR, $text . "\n" );
				break;
			case 'success':
				\WP_CLI::success( $text );
				break;
			case 'warning':
				\WP_CLI::warning( $text );
				break;
			case 'error':
				if ( '' !== $text ) {
					\WP_CLI::error( $text, false );
				}
				break;
			case 'table':
				self::table( $event );
				break;
		}
	}

	/** @param array<string, mixed> $event `rows`, `fields`, `format`. */
	private static function table( array $event ): void {
		$fields    = array_map( 'strval', (array) ( $event['fields'] ?? array() ) );
		$format    = (string) ( $event['format'] ?? 'table' );
		// The formatter takes its options out of the array.
		$options   = array( 'format' => $format );
		$formatter = new Formatter( $options, $fields );
		$rows      = array_merge( self::$rows, array_map( static fn( $row ) => (array) $row, (array) ( $event['rows'] ?? array() ) ) );

		self::$rows = array();
		// JSON writes controls as numbers itself.
		if ( 'json' !== $format && stream_isatty( STDOUT ) ) {
			array_walk_recursive(
				$rows,
				static function ( &$cell ): void {
					$cell = is_string( $cell ) ? self::visible( $cell ) : $cell;
				}
			);
		}
		$formatter->display_items( $rows );
	}

	/**
	 * Text of strangers on a terminal: what would steer it is shown as a number, not done.
	 *
	 * Steer: all controls but the tab and the line break, and marks that turn the direction of text around.
	 */
	public static function visible( string $text ): string {
		$number = static fn( array $found ): string => 1 === strlen( $found[0] )
			? sprintf( '\\x%02x', ord( $found[0] ) )
			: sprintf( mb_ord( $found[0], 'UTF-8' ) < 256 ? '\\x%02x' : '\\u%04x', mb_ord( $found[0], 'UTF-8' ) );
		$shown  = preg_replace_callback( '/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x{9f}\x{202a}-\x{202e}\x{2066}-\x{2069}]|\r(?!\n)/u', $number, $text );
		// What is no UTF-8 is taken byte by byte: the controls of one byte hide in no other character then.
		return $shown ?? (string) preg_replace_callback( '/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\r(?!\n)/', $number, $text );
	}
}
