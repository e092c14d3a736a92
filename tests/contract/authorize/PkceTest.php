<?php
/**
 * Which proof keys a client may bring.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

namespace {
	if ( ! function_exists( '__' ) ) {
		function __( string $text ): string {
			return $text;
		}
	}
}

namespace DataMachine\Bridge\Tests\Contract\Authorize {

	use DataMachine\Bridge\Authorize\Pkce;
	use PHPUnit\Framework\TestCase;

	final class PkceTest extends TestCase {

		/** From RFC 7636, appendix B. */
		private const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

		public function test_a_digest_is_taken_whatever_the_site_allows(): void {
			$this->assertNull( Pkce::objection( self::CHALLENGE, 'S256', false ) );
			$this->assertNull( Pkce::objection( self::CHALLENGE, 'S256', true ) );
		}

		public function test_none_is_needed_only_where_the_site_allows_it(): void {
			$this->assertNotNull( Pkce::objection( '', '', false ) );
			$this->assertNull( Pkce::objection( '', '', true ) );
		}

		/** @return list<array{string, string}> */
		public function broken(): array {
			return array(
				array( self::CHALLENGE, '' ),
				array( self::CHALLENGE, 'plain' ),
				array( self::CHALLENGE, 's256' ),
				array( '', 'S256' ),
				array( '', 'plain' ),
				array( self::CHALLENGE . '=', 'S256' ),
				array( substr( self::CHALLENGE, 1 ), 'S256' ),
				array( self::CHALLENGE . 'A', 'S256' ),
				array( self::CHALLENGE . "\n", 'S256' ),
				array( str_replace( '-', '+', self::CHALLENGE ), 'S256' ),
				array( substr( self::CHALLENGE, 0, -1 ) . 'N', 'S256' ),
				array( hash( 'sha256', 'x' ), 'S256' ),
			);
		}

		/** @dataProvider broken */
		public function test_a_broken_one_is_never_ignored( string $challenge, string $method ): void {
			$this->assertNotNull( Pkce::objection( $challenge, $method, false ) );
			$this->assertNotNull( Pkce::objection( $challenge, $method, true ) );
		}
	}
}
