<?php
/**
 * The proof key a client without a secret brings (RFC 7636), S256 only: `plain` would show it to whoever sees the link.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Authorize;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Pkce {

	private const METHOD = 'S256';

	/** A SHA-256 digest, base64url without padding; the last character has two bits that must be 0. */
	private const CHALLENGE = '/\A[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]\z/';

	/**
	 * What is wrong with a client's challenge; null when nothing is.
	 *
	 * Without both, only the older flow with the token in the address is left, which the site must have switched on. A
	 * challenge that is there is never ignored: that would be a way to do without.
	 */
	public static function objection( string $challenge, string $method, bool $legacy ): ?string {
		if ( '' === $challenge && '' === $method ) {
			return $legacy ? null : __( 'code_challenge and code_challenge_method=S256 are required.', 'datamachine-bridge' );
		}
		if ( self::METHOD !== $method ) {
			return __( 'code_challenge_method must be S256.', 'datamachine-bridge' );
		}
		if ( ! preg_match( self::CHALLENGE, $challenge ) ) {
			return __( 'code_challenge must be a SHA-256 digest in base64url, 43 characters without padding.', 'datamachine-bridge' );
		}
		return null;
	}
}
