<?php
/**
 * Parameters of an operation, checked once at the edge.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Host;

final class Params {

	/** @param array<string, mixed> $params */
	public static function text( array $params, string $name ): string {
		$value = $params[ $name ] ?? null;
		if ( ! is_string( $value ) || '' === $value ) {
			throw self::wrong( $name, 'a non-empty string' );
		}
		return $value;
	}

	/** @param array<string, mixed> $params */
	public static function id( array $params, string $name, ?int $fallback = null ): int {
		$value = $params[ $name ] ?? $fallback;
		if ( ! is_int( $value ) || $value < 0 ) {
			throw self::wrong( $name, 'an id' );
		}
		return $value;
	}

	/**
	 * @param array<string, mixed> $params
	 * @return array<array-key, mixed>
	 */
	public static function items( array $params, string $name ): array {
		$value = $params[ $name ] ?? array();
		if ( $value instanceof \stdClass ) {
			$value = (array) $value;
		}
		if ( ! is_array( $value ) ) {
			throw self::wrong( $name, 'an array' );
		}
		return $value;
	}

	private static function wrong( string $name, string $expected ): Failure {
		return new Failure( 'invalid_parameter', sprintf( 'Parameter "%s" must be %s.', $name, $expected ), 400 );
	}
}
