<?php
/**
 * The cases both languages are tested with.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Tests\Contract\Tokens;

final class Vectors {

	public static function all(): \stdClass {
		return json_decode( (string) file_get_contents( __DIR__ . '/vectors.json' ), false, 512, JSON_THROW_ON_ERROR );
	}

	/** @return array<string, array{0: \stdClass}> One set of cases by name; its number keeps two of one name apart. */
	public static function named( string $part ): array {
		$cases = array();
		foreach ( self::all()->$part as $number => $case ) {
			$cases[ "$number " . ( $case->name ?? $case->token ?? $case->text ) ] = array( $case );
		}
		return $cases;
	}
}
