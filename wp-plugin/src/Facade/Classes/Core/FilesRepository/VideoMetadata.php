<?php
/**
 * What ffprobe says of a video file.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\FilesRepository;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/** Without ffprobe on the machine only the size and the type are known. */
class VideoMetadata {

	/** How long ffprobe may take, in seconds. */
	private const PATIENCE = 20;

	private static ?bool $available = null;

	/**
	 * @return array{duration: ?float, width: ?int, height: ?int, codec: ?string, audio_codec: ?string, bitrate: ?int, framerate: ?float, aspect_ratio: ?float, format: ?string, file_size: int, mime_type: ?string}
	 *         Seconds, pixels, bits a second, frames a second, width by height, bytes; null for what is not known.
	 */
	public static function extract( string $file_path ): array {
		$there  = is_file( $file_path ) && is_readable( $file_path );
		$type   = $there ? wp_check_filetype( $file_path )['type'] : null;
		$answer = array_fill_keys( array( 'duration', 'width', 'height', 'codec', 'audio_codec', 'bitrate', 'framerate', 'aspect_ratio', 'format' ), null );
		$answer = $answer + array(
			'file_size' => $there ? (int) filesize( $file_path ) : 0,
			'mime_type' => is_string( $type ) ? $type : null,
		);
		$probed = $there && self::is_ffprobe_available() ? self::probe( (string) realpath( $file_path ) ) : null;
		return null === $probed ? $answer : array_merge( $answer, self::read( $probed ) );
	}

	public static function is_ffprobe_available(): bool {
		return self::$available ??= null !== self::run( array( '-version' ) );
	}

	/** Looks for ffprobe again. */
	public static function reset_cache(): void {
		self::$available = null;
	}

	/** @return array<string, mixed>|null */
	private static function probe( string $path ): ?array {
		// An absolute path is no flag, and no protocol but a file's is opened.
		$text = self::run( array( '-v', 'error', '-protocol_whitelist', 'file', '-print_format', 'json', '-show_format', '-show_streams', $path ) );
		$data = null === $text ? null : json_decode( $text, true );
		return is_array( $data ) ? $data : null;
	}

	/**
	 * @param array<string, mixed> $probed
	 * @return array<string, mixed>
	 */
	private static function read( array $probed ): array {
		$streams = is_array( $probed['streams'] ?? null ) ? $probed['streams'] : array();
		$video   = self::first( $streams, 'video' );
		$audio   = self::first( $streams, 'audio' );
		$format  = is_array( $probed['format'] ?? null ) ? $probed['format'] : array();
		$width   = (int) ( $video['width'] ?? 0 );
		$height  = (int) ( $video['height'] ?? 0 );
		list( $frames, $of ) = explode( '/', (string) ( $video['r_frame_rate'] ?? '0/1' ), 2 ) + array( 1 => '1' );
		return array(
			'duration'     => is_numeric( $format['duration'] ?? null ) ? (float) $format['duration'] : null,
			'width'        => $width > 0 ? $width : null,
			'height'       => $height > 0 ? $height : null,
			'codec'        => is_string( $video['codec_name'] ?? null ) ? $video['codec_name'] : null,
			'audio_codec'  => is_string( $audio['codec_name'] ?? null ) ? $audio['codec_name'] : null,
			'bitrate'      => is_numeric( $format['bit_rate'] ?? null ) ? (int) $format['bit_rate'] : null,
			'framerate'    => (float) $of > 0 && (float) $frames > 0 ? (float) $frames / (float) $of : null,
			'aspect_ratio' => $width > 0 && $height > 0 ? $width / $height : null,
			'format'       => is_string( $format['format_name'] ?? null ) ? $format['format_name'] : null,
		);
	}

	/**
	 * @param array<mixed> $streams
	 * @return array<string, mixed>
	 */
	private static function first( array $streams, string $kind ): array {
		foreach ( $streams as $stream ) {
			if ( is_array( $stream ) && $kind === ( $stream['codec_type'] ?? null ) ) {
				return $stream;
			}
		}
		return array();
	}

	/**
	 * @param list<string> $arguments
	 * @return ?string What it printed; null when it is not there, fails, or takes too long.
	 */
	private static function run( array $arguments ): ?string {
		if ( ! function_exists( 'proc_open' ) ) {
			return null;
		}
		// No shell: each argument is one.
		$process = @proc_open( array( 'ffprobe', ...$arguments ), array( 0 => array( 'file', '/dev/null', 'r' ), 1 => array( 'pipe', 'w' ), 2 => array( 'file', '/dev/null', 'w' ) ), $pipes ); // phpcs:ignore -- it may not be installed.
		if ( ! is_resource( $process ) ) {
			return null;
		}
		stream_set_blocking( $pipes[1], false );
		$text = '';
		$ends = microtime( true ) + self::PATIENCE;
		while ( ! feof( $pipes[1] ) && microtime( true ) < $ends ) {
			$ready = array( $pipes[1] );
			$none  = null;
			if ( stream_select( $ready, $none, $none, 1 ) ) {
				$text .= (string) fread( $pipes[1], 65536 ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- a pipe.
			}
		}
		$late = ! feof( $pipes[1] );
		fclose( $pipes[1] ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- a pipe.
		if ( $late ) {
			proc_terminate( $process, 9 );
		}
		return 0 === proc_close( $process ) && ! $late ? $text : null;
	}
}
