<?php
/**
 * Builds stand-ins for objects that live in Python under a name.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

final class NamedObjects {

	/** @var array<string, \Closure(string): NamedObject> */
	private static array $builders = array();

	/** @param \Closure(string): NamedObject $build From a name to its stand-in. */
	public static function kind( string $kind, \Closure $build ): void {
		self::$builders[ $kind ] = $build;
	}

	/** @throws CodecError Nobody here knows that kind. */
	public static function build( string $kind, string $name ): NamedObject {
		$build = self::$builders[ $kind ] ?? throw new CodecError( 'There is no kind of named object ' . $kind . '.' );
		return $build( $name );
	}
}
