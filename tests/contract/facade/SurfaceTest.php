<?php
/**
 * Every public name that plugins written for Data Machine extend or call, with its exact signature.
 *
 * A changed parameter or return type is a fatal error in a subclass, whatever the method does.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Tests\Contract\Facade;

use PHPUnit\Framework\TestCase;

require_once __DIR__ . '/surface_text.php';
require_once __DIR__ . '/wordpress.php';

final class SurfaceTest extends TestCase {

	/** @return array{types: array, functions: array} */
	private static function surface(): array {
		return json_decode( (string) file_get_contents( __DIR__ . '/surface.json' ), true, 512, JSON_THROW_ON_ERROR );
	}

	public static function types(): iterable {
		foreach ( self::surface()['types'] as $name => $expected ) {
			yield $name => array( $name, $expected );
		}
	}

	/** @dataProvider types */
	public function test_type( string $name, array $expected ): void {
		$type = new \ReflectionClass( $name );
		self::assertSame( $expected['kind'], kind_of( $type ) );
		self::assertSame( $expected['extends'], $type->getParentClass() ? $type->getParentClass()->getName() : null );
		foreach ( $expected['constants'] as $constant ) {
			self::assertTrue( $type->hasConstant( $constant ), $constant );
		}
		$methods = array_map( static fn ( \ReflectionMethod $method ): string => method_text( $method ), $type->getMethods() );
		self::assertSame( array(), array_values( array_diff( $expected['methods'], $methods ) ) );
	}

	public static function functions(): iterable {
		foreach ( self::surface()['functions'] as $name => $expected ) {
			yield $name => array( $name, $expected );
		}
	}

	/** @dataProvider functions */
	public function test_function( string $name, string $expected ): void {
		require_once dirname( __DIR__, 3 ) . '/wp-plugin/src/Facade/functions.php';
		self::assertSame( $expected, function_text( new \ReflectionFunction( $name ) ) );
	}
}
