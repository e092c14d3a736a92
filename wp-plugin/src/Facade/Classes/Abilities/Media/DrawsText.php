<?php
/**
 * Texts on a canvas of GD.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Abilities\Media;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/** Sizes are points, `y` of a text is its baseline. Where no font file is found, the machine's own small letters are drawn. */
trait DrawsText {

	/** @var array<string, string> Paths by name. */
	private array $fonts = array();

	/**
	 * @param string $path_or_filename A file, or one in the folders of fonts of the theme.
	 * @return string The path; '' when there is no such font, and texts take another one.
	 */
	public function register_font( string $name, string $path_or_filename ): string {
		foreach ( self::places( $path_or_filename ) as $path ) {
			if ( is_file( $path ) && is_readable( $path ) && 1 === preg_match( '/\.(?:ttf|otf|ttc)\z/i', $path ) ) {
				$this->fonts[ $name ] = $path;
				return $path;
			}
		}
		return '';
	}

	/** The path of a font: of that name, else another one that there is; '' for none. */
	public function get_font( string $name ): string {
		return $this->fonts[ $name ] ?? array_values( $this->fonts )[0] ?? self::fallback();
	}

	public function draw_text( string $text, int $font_size, int $x, int $y, int $color, string $font_name, float $angle = 0.0 ): self {
		$font = $this->get_font( $font_name );
		return $this->drawn(
			static function ( \GdImage $image ) use ( $text, $font_size, $x, $y, $color, $font, $angle ): void {
				if ( '' !== $font ) {
					imagettftext( $image, $font_size, $angle, $x, $y, $color, $font, $text );
				} else {
					imagestring( $image, 5, $x, $y - imagefontheight( 5 ), $text, $color );
				}
			}
		);
	}

	public function draw_text_centered( string $text, int $font_size, int $y, int $color, string $font_name ): self {
		return $this->draw_text( $text, $font_size, intdiv( $this->get_width() - $this->measure_text_width( $text, $font_size, $font_name ), 2 ), $y, $color, $font_name );
	}

	/**
	 * @param float  $line_height In parts of the font's size.
	 * @param string $align       left, center or right within the width.
	 * @return int Where the next text may begin: the `y` below the last line.
	 */
	public function draw_text_wrapped( string $text, int $font_size, int $x, int $y, int $color, string $font_name, int $max_width, float $line_height = self::DEFAULT_LINE_HEIGHT, string $align = 'left' ): int {
		$step = (int) round( $font_size * $line_height );
		foreach ( $this->wrap_text( $text, $font_size, $font_name, $max_width ) as $line ) {
			$room = 'left' === $align ? 0 : $max_width - $this->measure_text_width( $line, $font_size, $font_name );
			$this->draw_text( $line, $font_size, $x + ( 'center' === $align ? intdiv( $room, 2 ) : $room ), $y + $font_size, $color, $font_name );
			$y += $step;
		}
		return $y;
	}

	/** @return list<string> Lines that fit; a word that is too long by itself has a line of its own. */
	public function wrap_text( string $text, int $font_size, string $font_name, int $max_width ): array {
		$lines = array();
		foreach ( preg_split( '/\R/u', $text ) ?: array() as $paragraph ) {
			$line = '';
			foreach ( preg_split( '/\s+/u', trim( $paragraph ) ) ?: array() as $word ) {
				$longer = '' === $line ? $word : "$line $word";
				if ( '' !== $line && $this->measure_text_width( $longer, $font_size, $font_name ) > $max_width ) {
					$lines[] = $line;
					$longer  = $word;
				}
				$line = $longer;
			}
			$lines[] = $line;
		}
		return $lines;
	}

	public function measure_text_width( string $text, int $font_size, string $font_name ): int {
		$font = $this->get_font( $font_name );
		if ( '' === $font || ! function_exists( 'imagettfbbox' ) ) {
			return function_exists( 'imagefontwidth' ) ? imagefontwidth( 5 ) * strlen( $text ) : 0;
		}
		$box = imagettfbbox( $font_size, 0, $font, $text );
		return false === $box ? 0 : abs( $box[2] - $box[0] );
	}

	public function measure_text_height( string $text, int $font_size, string $font_name, int $max_width, float $line_height = self::DEFAULT_LINE_HEIGHT ): int {
		return count( $this->wrap_text( $text, $font_size, $font_name, $max_width ) ) * (int) round( $font_size * $line_height );
	}

	/** @return list<string> */
	private static function places( string $name ): array {
		if ( path_is_absolute( $name ) ) {
			return array( $name );
		}
		$places = array();
		foreach ( array_unique( array( get_stylesheet_directory(), get_template_directory() ) ) as $theme ) {
			foreach ( array( '/assets/fonts/', '/fonts/', '/assets/' ) as $folder ) {
				$places[] = $theme . $folder . basename( $name );
			}
		}
		return $places;
	}

	private static function fallback(): string {
		foreach ( array( '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf', '/usr/share/fonts/dejavu/DejaVuSans.ttf', '/usr/share/fonts/TTF/DejaVuSans.ttf', '/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf' ) as $path ) {
			if ( @is_file( $path ) ) { // phpcs:ignore WordPress.PHP.NoSilencedErrors -- outside of open_basedir, maybe.
				return $path;
			}
		}
		return '';
	}
}
