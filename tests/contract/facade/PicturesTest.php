<?php
/**
 * Pictures that templates of plugins draw.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Tests\Contract\Facade;

use DataMachine\Abilities\Media\GDRenderer;
use PHPUnit\Framework\TestCase;

require_once __DIR__ . '/wordpress.php';

final class PicturesTest extends TestCase {

	private static function pixel( GDRenderer $renderer, int $x, int $y ): string {
		return sprintf( '#%06x', imagecolorat( $renderer->get_image(), $x, $y ) & 0xffffff );
	}

	public function test_shapes_are_where_they_belong(): void {
		$renderer = ( new GDRenderer() )->create_canvas( 200, 100 );
		self::assertSame( '#ffffff', self::pixel( $renderer, 5, 5 ) );
		$red  = $renderer->color_hex( 'red', '#f00' );
		$blue = $renderer->color_rgb( 'blue', array( 0, 0, 300 ) );
		$renderer->fill( $red )->draw_rounded_rect( 10, 10, 60, 40, $blue, 10 )->draw_diamond( 130, 50, 40, 40, $blue )->draw_bar( 180, 0, 10, 30, $blue, 90 );
		$seen = array(
			'corner of the rounded one' => array( 10, 10, '#ff0000' ),
			'its middle'                => array( 40, 30, '#0000ff' ),
			'middle of the diamond'     => array( 130, 50, '#0000ff' ),
			'its corner'                => array( 112, 32, '#ff0000' ),
			'bar'                       => array( 185, 65, '#0000ff' ),
			'above the bar'             => array( 185, 55, '#ff0000' ),
		);
		foreach ( $seen as $what => list( $x, $y, $color ) ) {
			self::assertSame( $color, self::pixel( $renderer, $x, $y ), $what );
		}
	}

	public function test_sizes(): void {
		$renderer = ( new GDRenderer() )->create_canvas( 'open_graph' );
		self::assertSame( array( 1200, 630 ), array( $renderer->get_width(), $renderer->get_height() ) );
		self::assertSame( 1200, $renderer->create_canvas( 'nothing of the kind' )->get_width() );
		foreach ( array( array( 0, 10 ), array( -1, 10 ), array( 100000, 10 ) ) as $size ) {
			self::assertNull( $renderer->create_canvas( ...$size )->get_image() );
		}
	}

	public function test_a_half_visible_picture(): void {
		$path  = tempnam( sys_get_temp_dir(), 'dm' );
		$other = imagecreatetruecolor( 10, 10 );
		imagepng( $other, $path );
		$renderer = ( new GDRenderer() )->create_canvas( 40, 40 )->overlay_image( $path, 0, 0, 20, 0, 50 )->overlay_image( __FILE__, 20, 20 )->overlay_image( '/nothing', 20, 20 );
		unlink( $path );
		self::assertEqualsWithDelta( 127, hexdec( substr( self::pixel( $renderer, 10, 10 ), 1, 2 ) ), 3 );
		self::assertSame( '#ffffff', self::pixel( $renderer, 30, 30 ) );
	}

	public function test_nothing_is_drawn_on_nothing(): void {
		$renderer = new GDRenderer();
		$renderer->fill( 1 )->draw_line( 0, 0, 5, 5, 1 )->draw_text( 'x', 10, 0, 0, 1, 'body' );
		self::assertSame( array( null, 0, null ), array( $renderer->get_image(), $renderer->get_width(), $renderer->save_temp() ) );
	}

	public function test_texts_are_divided_between_words(): void {
		$renderer = ( new GDRenderer() )->create_canvas( 400, 100 );
		$width    = $renderer->measure_text_width( 'three words here', 12, 'body' );
		self::assertSame( array( 'three words here' ), $renderer->wrap_text( 'three  words here', 12, 'body', $width ) );
		self::assertSame( array( 'three', 'words', 'here' ), $renderer->wrap_text( 'three words here', 12, 'body', 1 ) );
		self::assertSame( array( 'one', 'two' ), $renderer->wrap_text( "one\ntwo", 12, 'body', 1000 ) );
		self::assertSame( 2 * 20, $renderer->measure_text_height( "one\ntwo", 10, 'body', 1000, 2.0 ) );
		$below = $renderer->draw_text_wrapped( "one\ntwo", 10, 0, 5, $renderer->color( 'ink', 0, 0, 0 ), 'body', 1000, 2.0, 'right' );
		self::assertSame( 45, $below );
	}
}
