<?php
/**
 * Draws pictures with GD: the canvas, shapes on it, and the file in the end.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Abilities\Media;

use DataMachine\Core\FilesRepository\FileStorage;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/**
 * Lengths are pixels, angles degrees, colours what color() and its like return. Without GD, or before create_canvas(),
 * nothing is drawn and nothing saved: get_image() tells.
 */
class GDRenderer {

	use DrawsText;

	public const DEFAULT_LINE_HEIGHT = 1.4;

	/** The largest side of a canvas: GD takes four bytes a pixel. */
	private const MOST = 8192;

	private const PALETTE = array( '#2271b1', '#d63638', '#00a32a', '#dba617', '#8c5fc6', '#1fa4b4', '#e26f56', '#646970' );

	private ?\GdImage $image = null;

	/** @var array<string, int> By name. */
	private array $colors = array();

	public function __destruct() {
		$this->destroy();
	}

	/** A width and height, or the name of a preset. The canvas is white. */
	public function create_canvas( string|int $width_or_preset, int $height = 0 ): self {
		$this->destroy();
		$size = is_int( $width_or_preset ) ? array( $width_or_preset, $height ) : PlatformPresets::size( $width_or_preset );
		if ( ! function_exists( 'imagecreatetruecolor' ) || min( $size ) < 1 || max( $size ) > self::MOST ) {
			return $this;
		}
		$image       = imagecreatetruecolor( $size[0], $size[1] );
		$this->image = false === $image ? null : $image;
		if ( null !== $this->image ) {
			imagealphablending( $this->image, true );
			imagesavealpha( $this->image, true );
			imageantialias( $this->image, true );
			imagefilledrectangle( $this->image, 0, 0, $size[0], $size[1], (int) imagecolorallocate( $this->image, 255, 255, 255 ) );
		}
		return $this;
	}

	public function get_image(): ?\GdImage {
		return $this->image;
	}

	public function get_width(): int {
		return null === $this->image ? 0 : imagesx( $this->image );
	}

	public function get_height(): int {
		return null === $this->image ? 0 : imagesy( $this->image );
	}

	/** @param int $alpha 0 for solid, 127 for invisible. */
	public function color( string $name, int $red, int $green, int $blue, int $alpha = 0 ): int {
		if ( null === $this->image ) {
			return 0;
		}
		$parts = array_map( static fn ( int $part ): int => max( 0, min( 255, $part ) ), array( $red, $green, $blue ) );

		$this->colors[ $name ] = (int) imagecolorallocatealpha( $this->image, $parts[0], $parts[1], $parts[2], max( 0, min( 127, $alpha ) ) );
		return $this->colors[ $name ];
	}

	/** @param string $hex `#rgb` or `#rrggbb`; anything else is black. */
	public function color_hex( string $name, string $hex ): int {
		$hex = ltrim( $hex, '#' );
		$hex = 3 === strlen( $hex ) ? $hex[0] . $hex[0] . $hex[1] . $hex[1] . $hex[2] . $hex[2] : $hex;
		$hex = 6 === strlen( $hex ) && ctype_xdigit( $hex ) ? $hex : '000000';
		return $this->color_rgb( $name, array_map( 'hexdec', str_split( $hex, 2 ) ) );
	}

	/** @param array{0?: int, 1?: int, 2?: int} $rgb */
	public function color_rgb( string $name, array $rgb ): int {
		return $this->color( $name, (int) ( $rgb[0] ?? 0 ), (int) ( $rgb[1] ?? 0 ), (int) ( $rgb[2] ?? 0 ) );
	}

	public function fill( int $color ): self {
		return $this->filled_rect( 0, 0, $this->get_width(), $this->get_height(), $color );
	}

	public function filled_rect( int $x1, int $y1, int $x2, int $y2, int $color ): self {
		return $this->drawn( static fn ( \GdImage $image ): bool => imagefilledrectangle( $image, $x1, $y1, $x2, $y2, $color ) );
	}

	/**
	 * A picture from a file, at its own size or stretched to another.
	 *
	 * @param int $opacity 0 to 100.
	 */
	public function overlay_image( string $image_path, int $x, int $y, int $width = 0, int $height = 0, int $opacity = 100 ): self {
		$bytes = null !== $this->image && is_file( $image_path ) ? file_get_contents( $image_path ) : false; // phpcs:ignore WordPress.WP.AlternativeFunctions -- a local file.
		$other = false === $bytes ? false : @imagecreatefromstring( $bytes ); // phpcs:ignore WordPress.PHP.NoSilencedErrors -- it may be no picture.
		if ( false === $other ) {
			return $this;
		}
		$own = array( imagesx( $other ), imagesy( $other ) );
		if ( $width <= 0 && $height <= 0 ) {
			list( $width, $height ) = $own;
		}
		$width  = $width > 0 ? $width : (int) round( $own[0] * $height / $own[1] );
		$height = $height > 0 ? $height : (int) round( $own[1] * $width / $own[0] );
		$scaled = $own === array( $width, $height ) ? $other : imagescale( $other, $width, $height );
		if ( false !== $scaled ) {
			if ( $opacity < 100 ) {
				self::fade( $scaled, max( 0, $opacity ) );
			}
			$this->drawn( static fn ( \GdImage $image ): bool => imagecopy( $image, $scaled, $x, $y, 0, 0, $width, $height ) );
		}
		return $this;
	}

	/** A bar of a chart that stands on its baseline; `y` says nothing, as ever. */
	public function draw_bar( int $x, int $y, int $width, int $height, int $color, int $baseline ): self { // phpcs:ignore Generic.CodeAnalysis.UnusedFunctionParameter -- the signature of old.
		return $this->filled_rect( $x, $baseline - $height, $x + $width, $baseline, $color );
	}

	public function draw_line( int $x1, int $y1, int $x2, int $y2, int $color, int $width = 2 ): self {
		return $this->drawn(
			static function ( \GdImage $image ) use ( $x1, $y1, $x2, $y2, $color, $width ): void {
				imagesetthickness( $image, max( 1, $width ) );
				imageline( $image, $x1, $y1, $x2, $y2, $color );
				imagesetthickness( $image, 1 );
			}
		);
	}

	public function draw_point( int $x, int $y, int $color, int $radius = 4 ): self {
		return $this->draw_ellipse( $x, $y, 2 * $radius, 2 * $radius, $color );
	}

	public function draw_arc( int $center_x, int $center_y, int $width, int $height, int $start_deg, int $end_deg, int $color, int $style = IMG_ARC_PIE ): self {
		return $this->drawn( static fn ( \GdImage $image ): bool => imagefilledarc( $image, $center_x, $center_y, $width, $height, $start_deg, $end_deg, $color, $style ) );
	}

	public function draw_rect( int $x1, int $y1, int $x2, int $y2, int $color, bool $filled = true ): self {
		return $filled ? $this->filled_rect( $x1, $y1, $x2, $y2, $color ) : $this->drawn( static fn ( \GdImage $image ): bool => imagerectangle( $image, $x1, $y1, $x2, $y2, $color ) );
	}

	public function draw_ellipse( int $center_x, int $center_y, int $width, int $height, int $color, bool $filled = true ): self {
		return $this->drawn( static fn ( \GdImage $image ): bool => $filled ? imagefilledellipse( $image, $center_x, $center_y, $width, $height, $color ) : imageellipse( $image, $center_x, $center_y, $width, $height, $color ) );
	}

	/** @return list<int> As many colours, again from the first when there are more than there are colours. */
	public function get_chart_palette( int $count ): array {
		$colors = array();
		for ( $i = 0; $i < $count; $i++ ) {
			$colors[] = $this->color_hex( 'chart_' . $i, self::PALETTE[ $i % count( self::PALETTE ) ] );
		}
		return $colors;
	}

	public function draw_arrow( int $x1, int $y1, int $x2, int $y2, int $color, int $width = 2 ): self {
		$angle = atan2( $y2 - $y1, $x2 - $x1 );
		$size  = 6 + 3 * max( 1, $width );
		$tip   = array( $x2, $y2 );
		foreach ( array( -0.5, 0.5 ) as $side ) {
			$tip[] = (int) round( $x2 - $size * cos( $angle + $side ) );
			$tip[] = (int) round( $y2 - $size * sin( $angle + $side ) );
		}
		return $this->draw_line( $x1, $y1, $x2, $y2, $color, $width )->polygon( $tip, $color, true );
	}

	public function draw_rounded_rect( int $x, int $y, int $width, int $height, int $color, int $radius = 8 ): self {
		$radius = max( 0, min( $radius, intdiv( min( $width, $height ), 2 ) ) );
		$this->filled_rect( $x + $radius, $y, $x + $width - $radius, $y + $height, $color )->filled_rect( $x, $y + $radius, $x + $width, $y + $height - $radius, $color );
		foreach ( array( $x + $radius, $x + $width - $radius ) as $cx ) {
			foreach ( array( $y + $radius, $y + $height - $radius ) as $cy ) {
				$this->draw_ellipse( $cx, $cy, 2 * $radius, 2 * $radius, $color );
			}
		}
		return $this;
	}

	public function draw_diamond( int $center_x, int $center_y, int $width, int $height, int $color, bool $filled = true ): self {
		$half = array( intdiv( $width, 2 ), intdiv( $height, 2 ) );
		return $this->polygon( array( $center_x, $center_y - $half[1], $center_x + $half[0], $center_y, $center_x, $center_y + $half[1], $center_x - $half[0], $center_y ), $color, $filled );
	}

	public function draw_oval( int $center_x, int $center_y, int $width, int $height, int $color, bool $filled = true ): self {
		return $this->draw_ellipse( $center_x, $center_y, $width, $height, $color, $filled );
	}

	/**
	 * @param string $format  png, jpeg or webp.
	 * @param int    $quality 0 to 100 for jpeg and webp, 0 to 9 for png; -1 for what is usual.
	 * @return ?string The path of a new file, which the caller deletes.
	 */
	public function save_temp( string $format = 'png', int $quality = -1 ): ?string {
		if ( null === $this->image ) {
			return null;
		}
		$type = in_array( $format, array( 'jpg', 'jpeg' ), true ) ? 'jpeg' : ( 'webp' === $format && function_exists( 'imagewebp' ) ? 'webp' : 'png' );
		$base = tempnam( get_temp_dir(), 'datamachine-' );
		if ( false === $base ) {
			return null;
		}
		$path  = $base . '.' . ( 'jpeg' === $type ? 'jpg' : $type );
		$saved = match ( $type ) {
			'jpeg'  => imagejpeg( $this->image, $path, min( 100, $quality ) ),
			'webp'  => imagewebp( $this->image, $path, min( 100, $quality ) ),
			default => imagepng( $this->image, $path, $quality > 9 ? (int) round( 9 - $quality * 0.09 ) : $quality ),
		};
		wp_delete_file( $base );
		return $saved ? $path : null;
	}

	/**
	 * @param array<string, mixed> $context `pipeline_id` and `flow_id`: whose files it joins.
	 * @return ?string The path of the file.
	 */
	public function save_to_repository( string $filename, array $context, string $format = 'png', int $quality = -1 ): ?string {
		$path = $this->save_temp( $format, $quality );
		if ( null === $path ) {
			return null;
		}
		$stored = ( new FileStorage() )->store_file( $path, $filename, $context );
		wp_delete_file( $path );
		return is_string( $stored ) ? $stored : null;
	}

	/** Gives the canvas' memory back. */
	public function destroy(): void {
		$this->image  = null;
		$this->colors = array();
	}

	/** @param callable( \GdImage ): mixed $work */
	private function drawn( callable $work ): self {
		if ( null !== $this->image ) {
			$work( $this->image );
		}
		return $this;
	}

	/** @param list<int> $points x and y, in turn. */
	private function polygon( array $points, int $color, bool $filled ): self {
		return $this->drawn( static fn ( \GdImage $image ): bool => $filled ? imagefilledpolygon( $image, $points, $color ) : imagepolygon( $image, $points, $color ) );
	}

	/** Takes a share of every pixel's opacity away. */
	private static function fade( \GdImage $image, int $opacity ): void {
		imagealphablending( $image, false );
		imagesavealpha( $image, true );
		imagefilter( $image, IMG_FILTER_COLORIZE, 0, 0, 0, (int) round( 127 * ( 1 - $opacity / 100 ) ) );
		imagealphablending( $image, true );
	}
}
