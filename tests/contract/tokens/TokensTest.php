<?php
/**
 * Which header is a token, and which token is accepted.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Tests\Contract\Tokens;

use DataMachine\Bridge\Identity\Attempts;
use DataMachine\Bridge\Identity\Bearer;
use DataMachine\Bridge\Identity\Tokens;
use PHPUnit\Framework\TestCase;

require_once __DIR__ . '/Vectors.php';

final class TokensTest extends TestCase {

	/** @dataProvider headers */
	public function test_headers( \stdClass $case ): void {
		$expected = ( $case->refused ?? false ) ? false : $case->token;
		self::assertSame( $expected, Tokens::presented( $case->authorization, $case->fallback ) );
	}

	/** @return array<string, array{0: \stdClass}> */
	public static function headers(): array {
		return Vectors::named( 'headers' );
	}

	/** @dataProvider hashes */
	public function test_hashes_and_names( \stdClass $case ): void {
		self::assertSame( $case->hash, Tokens::hash( $case->token ) );
		self::assertSame( $case->name, Tokens::name( $case->token ) );
		self::assertSame( $case->prefix, substr( $case->token, 0, 12 ) );
		self::assertStringStartsWith( Tokens::PREFIX, $case->token );
	}

	/** @return array<string, array{0: \stdClass}> */
	public static function hashes(): array {
		return Vectors::named( 'hashes' );
	}

	/** @dataProvider rows */
	public function test_rows( \stdClass $case ): void {
		$row = null === $case->row ? null : array(
			'token_hash' => $case->row->token_hash,
			'expires_at' => $case->row->expires_at,
		);
		$got = Tokens::refusal( $case->presented, $row, $case->row->agent ?? false, $case->row->owner ?? false, $case->now );
		self::assertSame( $case->code, $got );
	}

	/** @return array<string, array{0: \stdClass}> */
	public static function rows(): array {
		return Vectors::named( 'rows' );
	}

	public function test_every_code_of_refusal_has_a_sentence(): void {
		foreach ( Vectors::all()->rows as $case ) {
			self::assertNotSame( '', null === $case->code ? 'accepted' : Bearer::message( $case->code ) );
		}
	}

	/** @dataProvider subjects */
	public function test_what_failures_are_counted_under( \stdClass $case ): void {
		self::assertSame( $case->subject, Attempts::subject( $case->kind, $case->text ) );
	}

	/** @return array<string, array{0: \stdClass}> */
	public static function subjects(): array {
		return Vectors::named( 'subjects' );
	}

	public function test_limits(): void {
		$limits = Vectors::all()->limits;
		self::assertSame(
			array( $limits->window, $limits->per_address, $limits->per_name ),
			array( Attempts::WINDOW, Attempts::PER_ADDRESS, Attempts::PER_NAME )
		);
	}

	/** The index of the hashes may find a row by letters of another case; the comparison is of whole texts, in constant time. */
	public function test_hashes_are_compared_in_constant_time(): void {
		$source = (string) file_get_contents( ( new \ReflectionClass( Tokens::class ) )->getFileName() );
		self::assertSame( 1, substr_count( $source, "hash_equals( self::hash( \$presented ), \$row['token_hash'] ?? '' )" ) );
		self::assertSame( 1, substr_count( $source, "['token_hash']" ) );
	}
}
