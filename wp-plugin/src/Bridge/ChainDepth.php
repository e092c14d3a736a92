<?php
/**
 * The header that counts how often a chain PHP -> Python -> PHP by HTTP has crossed.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

/**
 * `X-Datamachine-Chain-Depth: <depth>.<unix time>.<HMAC>`. Signed, because a stranger who could set it would switch
 * off hooks of the requests he makes.
 */
final class ChainDepth {

	public const HEADER = 'X-Datamachine-Chain-Depth';

	public const MAX = 3;

	private const SECONDS = 300;

	/** The depth a header states; 0 for none, a forged or an old one. */
	public static function from_header( string $header, string $secret, ?int $now = null ): int {
		$parts = explode( '.', $header );
		if ( 3 !== count( $parts ) || ! ctype_digit( $parts[0] ) || ! ctype_digit( $parts[1] ) ) {
			return 0;
		}
		if ( abs( ( $now ?? time() ) - (int) $parts[1] ) > self::SECONDS || ! hash_equals( self::proof( $parts[0], $parts[1], $secret ), $parts[2] ) ) {
			return 0;
		}
		return (int) $parts[0];
	}

	public static function header( int $depth, string $secret, ?int $now = null ): string {
		$time = (string) ( $now ?? time() );
		return $depth . '.' . $time . '.' . self::proof( (string) $depth, $time, $secret );
	}

	private static function proof( string $depth, string $time, string $secret ): string {
		return hash_hmac( 'sha256', "chain-depth\n" . $depth . "\n" . $time, $secret );
	}
}
