<?php
/**
 * PHP's side of the vectors of the codec.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Tests\Contract\Codec;

use DataMachine\Bridge\Bridge\Codec;
use DataMachine\Bridge\Bridge\CodecError;
use DataMachine\Bridge\Bridge\Decoder;
use DataMachine\Bridge\Bridge\HandleExpired;
use DataMachine\Bridge\Bridge\Handles;
use DataMachine\Bridge\Bridge\NamedObject;
use DataMachine\Bridge\Bridge\NamedObjects;
use DataMachine\Bridge\Bridge\RemoteCallable;
use PHPUnit\Framework\TestCase;

require_once __DIR__ . '/stubs.php';

final class CodecTest extends TestCase {

	private Handles $handles;
	private Codec $codec;
	private Decoder $decoder;

	protected function setUp(): void {
		$this->handles = new Handles();
		$this->codec   = new Codec( $this->handles );
		$this->decoder = new Decoder(
			$this->handles,
			static fn ( int $number, array $args ): array => array( $number, $args ),
			static fn ( int $number, int $bytes, string $kind ): string => "$number/$bytes/$kind"
		);
	}

	/** @return iterable<string, array{0: array<string, string>}> */
	public function vectors(): iterable {
		$file = json_decode( (string) file_get_contents( dirname( __DIR__ ) . '/codec_vectors.json' ), true, 512, JSON_THROW_ON_ERROR );
		foreach ( $file['vectors'] as $vector ) {
			yield $vector['name'] => array( $vector );
		}
	}

	/**
	 * @dataProvider vectors
	 * @param array<string, string> $vector
	 */
	public function test_vector( array $vector ): void {
		$value = eval( 'return ' . $vector['php'] . ';' );
		if ( 'from_python' !== ( $vector['only'] ?? '' ) ) {
			self::assertSame( $vector['wire'], $this->codec->encode( $value ) );
			if ( is_object( $value ) && ! $value instanceof \UnitEnum ) {
				self::assertSame( $value, $this->read( '{"$r":1}' ), 'An object that comes back is the same one.' );
			}
		}
		if ( 'from_php' !== ( $vector['only'] ?? '' ) ) {
			$this->assert_same_value( $value, $this->read( $vector['from_python'] ?? $vector['wire'] ) );
		}
	}

	public function test_changed_properties_land_on_the_same_object(): void {
		$post = new \WP_Post( (object) array( 'ID' => 7, 'post_title' => 'Hi' ) );
		$this->codec->encode( $post );
		self::assertSame( $post, $this->read( '{"$r":1,"p":[["post_title","Ho"]]}' ) );
		self::assertSame( 'Ho', $post->post_title );
	}

	public function test_a_handle_ends_with_its_call(): void {
		$mark = $this->handles->mark();
		$this->codec->encode( static fn () => 1 );
		$this->handles->release( $mark );
		$this->expectException( HandleExpired::class );
		$this->read( '{"$r":1}' );
	}

	public function test_numbers_are_never_used_twice(): void {
		$mark = $this->handles->mark();
		$this->codec->encode( new \stdClass() );
		$this->handles->release( $mark );
		self::assertSame( '{"$o":"stdClass","p":[],"#":2}', $this->codec->encode( new \stdClass() ) );
	}

	public function test_outside_a_call_value_objects_are_not_kept_alive(): void {
		$object = (object) array( 'a' => 1 );
		self::assertSame( '[{"$o":"stdClass","p":[["a",1]],"#":-1},{"$r":-1}]', $this->codec->encode( array( $object, $object ), false ) );
		self::assertSame( 0, $this->handles->count() );
		self::assertSame( '{"$h":1,"c":"Closure","p":{}}', $this->codec->encode( static fn () => 1, false ) );
	}

	public function test_a_callable_of_python_is_one_object_and_goes_back_as_itself(): void {
		$first = $this->read( '{"$p":4,"n":"plugin.tool"}' );
		self::assertInstanceOf( RemoteCallable::class, $first );
		self::assertSame( $first, $this->read( '{"$p":4,"n":"plugin.tool"}' ) );
		self::assertSame( array( 4, array( 1, 'b' ) ), $first( 1, 'b' ) );
		self::assertSame( '{"$p":4,"n":"plugin.tool"}', $this->codec->encode( $first ) );
	}

	public function test_a_named_object_of_python_has_a_stand_in_that_goes_back_as_its_name(): void {
		NamedObjects::kind( 'shelf', static fn ( string $name ): NamedObject => new Codec_Shelf( $name ) );
		$found = $this->read( '{"$m":"shelf","n":"upper"}' );
		self::assertInstanceOf( Codec_Shelf::class, $found );
		self::assertSame( 'upper', $found->bridge_name() );
		self::assertSame( '{"books":[{"$m":"shelf","n":"upper"}]}', $this->codec->encode( array( 'books' => array( $found ) ) ) );
	}

	/** @dataProvider refused */
	public function test_what_does_not_belong_is_refused( string $wire ): void {
		$this->expectException( CodecError::class );
		$this->read( $wire );
	}

	/** @return array<string, array{0: string}> */
	public function refused(): array {
		return array(
			'a class that is not a value object' => array( '{"$o":"SplFileObject","p":[["filename","/etc/passwd"]]}' ),
			'an unknown enum'                    => array( '{"$n":"Codec_Suit","v":"None"}' ),
			'a constant that is no enum case'    => array( '{"$n":"PDO","v":"PARAM_INT"}' ),
			'a named object of unknown kind'     => array( '{"$m":"attic","n":"x"}' ),
			'an unknown tag'                     => array( '{"$z":1}' ),
			'bytes that are not base64'          => array( '{"$b":"*"}' ),
			'a form of the wrong type'           => array( '{"$b":[1]}' ),
			'a date that is none'                => array( '{"$t":"soon","z":"UTC","c":"DateTime"}' ),
		);
	}

	private function read( string $wire ): mixed {
		return $this->decoder->decode( json_decode( $wire, true, 512, JSON_THROW_ON_ERROR ) );
	}

	private function assert_same_value( mixed $expected, mixed $actual ): void {
		if ( is_float( $expected ) ) {
			self::assertIsFloat( $actual );
			self::assertSame( bin2hex( pack( 'E', $expected ) ), bin2hex( pack( 'E', $actual ) ) );
		} elseif ( is_object( $expected ) && ! $expected instanceof \UnitEnum ) {
			self::assertSame( $expected::class, $actual::class );
			self::assertEquals( $expected, $actual );
			self::assertSame( serialize( $expected ), serialize( $actual ) );
		} else {
			self::assertSame( $expected, $actual );
		}
	}
}

/** Stands in for a shelf that lives in Python. */
final class Codec_Shelf implements NamedObject {

	public function __construct( private readonly string $name ) {}

	public function bridge_kind(): string {
		return 'shelf';
	}

	public function bridge_name(): string {
		return $this->name;
	}
}
