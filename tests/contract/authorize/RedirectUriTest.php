<?php
/**
 * Where a browser may be sent back to, by one table.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Tests\Contract\Authorize;

use DataMachine\Bridge\Authorize\RedirectRules;
use DataMachine\Bridge\Authorize\RedirectUri;
use PHPUnit\Framework\TestCase;

final class RedirectUriTest extends TestCase {

	/** @return array<string, mixed> */
	private static function table(): array {
		return json_decode( (string) file_get_contents( __DIR__ . '/redirect_uris.json' ), true, 16, JSON_THROW_ON_ERROR );
	}

	/** @return iterable<string, array{string, bool}> */
	public function addresses(): iterable {
		foreach ( self::table()['cases'] as $case ) {
			yield $case['name'] => array( $case['uri'], $case['allowed'] );
		}
	}

	/** @dataProvider addresses */
	public function test_an_address_is_allowed_or_not( string $text, bool $allowed ): void {
		$table = self::table();
		$uri   = RedirectUri::parse( $text );
		$this->assertSame( $allowed, null !== $uri && ( new RedirectRules( $table['home'], $table['entries'] ) )->allow( $uri ) );
	}

	/** @dataProvider addresses */
	public function test_without_entries_only_loopback_and_the_site_are_left( string $text, bool $allowed ): void {
		$uri  = RedirectUri::parse( $text );
		$own  = null !== $uri && ( $uri->is_loopback() || preg_match( '/(^|\.)site\.example$/', $uri->host ) );
		$rule = new RedirectRules( self::table()['home'], array() );
		$this->assertSame( $allowed && $own, null !== $uri && $rule->allow( $uri ) );
	}

	/** @return iterable<string, array{string}> */
	public function no_addresses(): iterable {
		foreach ( self::table()['no_addresses'] as $text ) {
			yield json_encode( $text ) => array( $text );
		}
	}

	/** @dataProvider no_addresses */
	public function test_what_could_be_read_in_two_ways_is_no_address( string $text ): void {
		$this->assertNull( RedirectUri::parse( $text ) );
	}

	public function test_an_address_is_as_long_as_its_column_at_most(): void {
		$longest = 'http://localhost/' . str_repeat( 'a', RedirectUri::LONGEST - 17 );
		$this->assertSame( $longest, RedirectUri::parse( $longest )?->text );
		$this->assertNull( RedirectUri::parse( $longest . 'a' ) );
	}

	/** @return iterable<string, array{string, array<string, string|int>, string}> */
	public function answers(): iterable {
		foreach ( self::table()['answers'] as $case ) {
			yield $case['location'] => array( $case['uri'], $case['answer'], $case['location'] );
		}
	}

	/**
	 * @dataProvider answers
	 * @param array<string, string|int> $answer
	 */
	public function test_an_answer_joins_the_query_and_is_there_once( string $uri, array $answer, string $location ): void {
		$this->assertSame( $location, RedirectUri::parse( $uri )?->with( $answer ) );
	}

	public function test_a_site_of_one_name_or_an_address_has_nothing_below_it(): void {
		foreach ( array( 'http://wordpress:8080', 'http://10.0.0.7', 'http://[fd00::7]' ) as $home ) {
			$rules = new RedirectRules( $home, array() );
			$host  = (string) parse_url( $home, PHP_URL_HOST );
			$this->assertTrue( $rules->allow( RedirectUri::parse( $home . '/cb' ) ), $home );
			$below = RedirectUri::parse( 'http://sub.' . trim( $host, '[]' ) . '/cb' );
			$this->assertFalse( null !== $below && $rules->allow( $below ), $home );
		}
	}

	public function test_a_site_that_is_not_encrypted_may_be_returned_to_as_it_is(): void {
		$rules = new RedirectRules( 'http://site.example:8080/blog', array() );
		$this->assertTrue( $rules->allow( RedirectUri::parse( 'http://site.example:8080/cb' ) ) );
		$this->assertTrue( $rules->allow( RedirectUri::parse( 'https://site.example/cb' ) ) );
		$this->assertFalse( $rules->allow( RedirectUri::parse( 'http://site.example:81/cb' ) ) );
	}

	public function test_an_unreadable_home_allows_nothing(): void {
		$this->assertFalse( ( new RedirectRules( '', array() ) )->allow( RedirectUri::parse( 'https://site.example/cb' ) ) );
	}
}
