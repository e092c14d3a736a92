<?php
/**
 * What a token leaves: capabilities, abilities, and WordPress's own questions.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Tests\Contract\Tokens;

use DataMachine\Bridge\Identity\Ceiling;
use PHPUnit\Framework\TestCase;

require_once __DIR__ . '/Vectors.php';

final class CeilingTest extends TestCase {

	/** @dataProvider ceilings */
	public function test_ceilings( \stdClass $case ): void {
		$ceiling = Ceiling::of_column( $case->column );
		self::assertSame( self::sorted( $case->capabilities ), self::sorted( $ceiling->capabilities ) );
		foreach ( $case->capabilities ?? array( 'anything' ) as $name ) {
			self::assertTrue( $ceiling->lists( $name ) );
		}
		self::assertSame( null === $case->capabilities, $ceiling->lists( 'a capability nobody listed' ) );
	}

	/** @return array<string, array{0: \stdClass}> */
	public static function ceilings(): array {
		return Vectors::named( 'ceilings' );
	}

	/** @dataProvider abilities */
	public function test_abilities( \stdClass $case ): void {
		self::assertSame( $case->allowed, Ceiling::of_column( $case->column )->allows_ability( $case->ability, $case->category ) );
		// A further limit of capabilities changes nothing about abilities.
		self::assertSame( $case->allowed, Ceiling::of_column( $case->column )->within( array( 'read' ) )->allows_ability( $case->ability, $case->category ) );
	}

	/** @return array<string, array{0: \stdClass}> */
	public static function abilities(): array {
		return Vectors::named( 'abilities' );
	}

	/** @dataProvider checks */
	public function test_questions_of_wordpress( \stdClass $case ): void {
		self::assertSame( $case->allowed, Ceiling::of_column( $case->column )->allows( $case->capability, $case->needed ) );
	}

	/** @return array<string, array{0: \stdClass}> */
	public static function checks(): array {
		return Vectors::named( 'capability_checks' );
	}

	public function test_a_further_limit_never_widens(): void {
		$wide   = Ceiling::of_column( null );
		$narrow = Ceiling::of_column( '["read","edit_posts"]' );
		self::assertNull( $wide->within( null )->capabilities );
		self::assertSame( array( 'read' ), $wide->within( array( 'read' ) )->capabilities );
		self::assertSame( array( 'read', 'edit_posts' ), $narrow->within( null )->capabilities );
		self::assertSame( array( 'edit_posts' ), $narrow->within( array( 'publish_posts', 'edit_posts' ) )->capabilities );
		self::assertSame( array(), $narrow->within( array() )->capabilities );
	}

	public function test_php_code_that_names_a_list_names_texts(): void {
		self::assertSame( array( 'read' ), Ceiling::of_list( array( 5 => 'read', 6 => '', 7 => 1 ) )->capabilities );
		self::assertNull( Ceiling::of_list( null )->capabilities );
	}

	/**
	 * @param list<string>|null $names
	 * @return list<string>|null
	 */
	private static function sorted( ?array $names ): ?array {
		if ( null !== $names ) {
			sort( $names );
		}
		return $names;
	}
}
