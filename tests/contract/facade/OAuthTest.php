<?php
/**
 * Signatures, states and proof keys of OAuth.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Tests\Contract\Facade;

use DataMachine\Bridge\Facade\OAuthSignature;
use DataMachine\Core\OAuth\OAuth2Handler;
use PHPUnit\Framework\TestCase;

require_once __DIR__ . '/wordpress.php';

final class OAuthTest extends TestCase {

	protected function setUp(): void {
		$GLOBALS['facade_transients'] = array();
		$GLOBALS['facade_user']       = 1;
	}

	/** The request of RFC 5849, 1.2: its signature is printed there. */
	public function test_a_signature(): void {
		$parameters = array(
			'oauth_consumer_key'     => 'dpf43f3p2l4k3l03',
			'oauth_token'            => 'nnch734d00sl2jdk',
			'oauth_signature_method' => 'HMAC-SHA1',
			'oauth_timestamp'        => '137131202',
			'oauth_nonce'            => 'chapoH',
		);
		$url        = 'http://photos.example.net/photos?file=vacation.jpg&size=original';
		self::assertSame( 'MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D', rawurlencode( OAuthSignature::sign( 'get', $url, $parameters, 'kd94hf93k423kf44', 'pfkkdhi9sl3r4s00' ) ) );
	}

	/** Another form of the same address signs the same. */
	public function test_addresses_are_normalized(): void {
		$sign = static fn ( string $url ): string => OAuthSignature::sign( 'POST', $url, array( 'b' => '+ é' ), 's', '' );
		self::assertSame( $sign( 'https://api.example.net/x?a=1&c=%20' ), $sign( 'HTTPS://API.example.net:443/x?c=%20&a=1' ) );
		self::assertNotSame( $sign( 'https://api.example.net/x' ), $sign( 'https://api.example.net:8443/x' ) );
	}

	public function test_a_header_holds_what_was_signed(): void {
		$header = OAuthSignature::header( 'POST', 'https://a.example/t', 'key', 'secret', array( 'oauth_callback' => 'https://b.example/?x=1&y' ), '', 1, 'n' );
		self::assertStringStartsWith( 'OAuth oauth_callback="https%3A%2F%2Fb.example%2F%3Fx%3D1%26y", oauth_consumer_key="key"', $header );
		self::assertMatchesRegularExpression( '/oauth_signature="[A-Za-z0-9%]+"/', $header );
	}

	public function test_a_state_is_used_once_by_whoever_began(): void {
		$oauth = new OAuth2Handler();
		$state = $oauth->create_state( 'tide', array( 'from' => 'page' ) );
		self::assertFalse( $oauth->verify_state( 'other', $state ) );
		self::assertFalse( $oauth->verify_state( 'tide', '' ) );
		$GLOBALS['facade_user'] = 2;
		self::assertFalse( $oauth->verify_state( 'tide', $state ) );
		self::assertNull( $oauth->get_state_payload( 'tide', $state ) );
		$GLOBALS['facade_user'] = 1;
		self::assertTrue( $oauth->verify_state( 'tide', $state ) );
		self::assertSame( array( 'from' => 'page' ), $oauth->get_state_payload( 'tide', $state ) );
		self::assertFalse( $oauth->verify_state( 'tide', $state ) );
	}

	public function test_a_state_carries_no_more_than_it_may(): void {
		$this->expectException( \InvalidArgumentException::class );
		( new OAuth2Handler() )->create_state( 'tide', array( 'x' => str_repeat( 'x', OAuth2Handler::MAX_PAYLOAD_SIZE ) ) );
	}

	public function test_a_proof_key(): void {
		$oauth = new OAuth2Handler();
		$pkce  = $oauth->create_pkce( 'tide' );
		self::assertSame( rtrim( strtr( base64_encode( hash( 'sha256', $pkce['code_verifier'], true ) ), '+/', '-_' ), '=' ), $pkce['code_challenge'] );
		self::assertSame( $pkce['code_verifier'], $oauth->get_pkce_verifier( 'tide' ) );
		self::assertNull( $oauth->get_pkce_verifier( 'tide' ) );
	}

	public function test_an_address_leaves_out_what_is_empty(): void {
		$oauth = new OAuth2Handler();
		self::assertSame( 'https://a.example/?x=1&scope=a%20b', $oauth->get_authorization_url( 'https://a.example/?x=1', array( 'scope' => 'a b', 'state' => '', 'none' => null ) ) );
	}
}
