<?php
/**
 * Every public name of the contracts, with its exact signature.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Tests\Contract\AgentsApi;

require_once __DIR__ . '/ContractCase.php';

final class SurfaceTest extends ContractCase {

	/** @return array{functions: array, types: array} */
	private static function surface(): array {
		return json_decode( (string) file_get_contents( __DIR__ . '/surface.json' ), true, 512, JSON_THROW_ON_ERROR );
	}

	public static function functions(): iterable {
		foreach ( self::surface()['functions'] as $name => $expected ) {
			yield $name => array( $name, $expected );
		}
	}

	/** @dataProvider functions */
	public function test_function( string $name, array $expected ): void {
		$function = new \ReflectionFunction( $name );
		self::assertSame( $expected['params'], self::parameters( $function ) );
		self::assertSame( $expected['returns'], (string) $function->getReturnType() );
	}

	public static function types(): iterable {
		foreach ( self::surface()['types'] as $name => $expected ) {
			yield $name => array( $name, $expected );
		}
	}

	/** @dataProvider types */
	public function test_type( string $name, array $expected ): void {
		$type = new \ReflectionClass( $name );
		$kind = $type->isInterface() ? 'interface' : ( $type->isFinal() ? 'final class' : 'class' );
		self::assertSame( $expected['kind'], $kind );
		self::assertSame( $expected['extends'], $type->getParentClass() ? $type->getParentClass()->getName() : null );

		$constants = array();
		foreach ( $type->getReflectionConstants( \ReflectionClassConstant::IS_PUBLIC ) as $constant ) {
			$constants[ $constant->getName() ] = var_export( $constant->getValue(), true );
		}
		ksort( $constants );
		ksort( $expected['constants'] );
		self::assertSame( $expected['constants'], $constants );

		$properties = array();
		foreach ( $type->getProperties( \ReflectionProperty::IS_PUBLIC ) as $property ) {
			$properties[] = ( $property->isReadOnly() ? 'readonly ' : '' ) . $property->getType() . ' $' . $property->getName();
		}
		self::assertSame( $expected['properties'], $properties );

		$methods = array();
		foreach ( $type->getMethods( \ReflectionMethod::IS_PUBLIC | \ReflectionMethod::IS_PROTECTED ) as $method ) {
			$returns   = $method->hasReturnType() ? ': ' . $method->getReturnType() : '';
			$methods[] = ( $method->isProtected() ? 'protected ' : '' ) . ( $method->isStatic() ? 'static ' : '' )
				. $method->getName() . '(' . self::parameters( $method ) . ')' . $returns;
		}
		self::assertSame( array(), array_values( array_diff( $expected['methods'], $methods ) ) );
	}

	private static function parameters( \ReflectionFunctionAbstract $function ): string {
		return implode( ', ', array_map( array( self::class, 'parameter' ), $function->getParameters() ) );
	}

	private static function parameter( \ReflectionParameter $parameter ): string {
		$text = ( $parameter->hasType() ? $parameter->getType() . ' ' : '' ) . '$' . $parameter->getName();
		if ( $parameter->isDefaultValueAvailable() ) {
			$default = $parameter->getDefaultValue();
			$text   .= ' = ' . ( array() === $default ? '[]' : var_export( $default, true ) );
		}
		return $text;
	}
}
