<?php
/**
 * Text that only this WordPress can read: encrypted with keys from wp-config.php, which no copy of the database holds.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\External;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Cipher {

	/** What encrypted text begins with; after it the base64 of nonce, tag and AES-256-GCM ciphertext. */
	public const MARK = 'dm:enc:v1:';

	private const METHOD = 'aes-256-gcm';
	private const NONCE  = 12;
	private const TAG    = 16;

	public static function is_encrypted( string $text ): bool {
		return str_starts_with( $text, self::MARK );
	}

	/**
	 * @param string $place What the text belongs to: it can be read again only there, so that whoever may write options cannot
	 *                      send a token to another site.
	 */
	public static function encrypt( string $text, string $place ): string {
		$nonce  = random_bytes( self::NONCE );
		$tag    = '';
		$secret = openssl_encrypt( $text, self::METHOD, self::key(), OPENSSL_RAW_DATA, $nonce, $tag, $place, self::TAG );
		if ( false === $secret ) {
			throw new \RuntimeException( 'OpenSSL cannot encrypt with AES-256-GCM.' );
		}
		return self::MARK . base64_encode( $nonce . $tag . $secret );
	}

	/** Null for text of other keys or of another place, and for what was never encrypted here. */
	public static function decrypt( string $text, string $place ): ?string {
		$bytes = self::is_encrypted( $text ) ? base64_decode( substr( $text, strlen( self::MARK ) ), true ) : false;
		if ( false === $bytes || strlen( $bytes ) < self::NONCE + self::TAG ) {
			return null;
		}
		$nonce  = substr( $bytes, 0, self::NONCE );
		$tag    = substr( $bytes, self::NONCE, self::TAG );
		$secret = substr( $bytes, self::NONCE + self::TAG );
		$plain  = openssl_decrypt( $secret, self::METHOD, self::key(), OPENSSL_RAW_DATA, $nonce, $tag, $place );
		return false === $plain ? null : $plain;
	}

	private static function key(): string {
		return hash_hkdf( 'sha256', wp_salt( 'auth' ) . wp_salt( 'secure_auth' ), 32, 'datamachine external tokens 1' );
	}
}
