<?php
/**
 * The signature of an OAuth 1.0a request: HMAC-SHA1 over method, address and parameters (RFC 5849, 3.4).
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Facade;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class OAuthSignature {

	/**
	 * The value of the header `Authorization`.
	 *
	 * @param array<string, string> $parameters Of OAuth, beside those that every request has.
	 * @param int                   $timestamp  A Unix time.
	 */
	public static function header( string $method, string $url, string $consumer_key, string $consumer_secret, array $parameters, string $token_secret, int $timestamp, string $nonce ): string {
		$parameters                   += array(
			'oauth_consumer_key'     => $consumer_key,
			'oauth_nonce'            => $nonce,
			'oauth_signature_method' => 'HMAC-SHA1',
			'oauth_timestamp'        => (string) $timestamp,
			'oauth_version'          => '1.0',
		);
		$parameters['oauth_signature'] = self::sign( $method, $url, $parameters, $consumer_secret, $token_secret );
		ksort( $parameters );
		$parts = array();
		foreach ( $parameters as $name => $value ) {
			$parts[] = rawurlencode( $name ) . '="' . rawurlencode( $value ) . '"';
		}
		return 'OAuth ' . implode( ', ', $parts );
	}

	/**
	 * @param array<string, string> $parameters Of OAuth and of a form's body; those of the address are found in it.
	 * @return string Base64.
	 */
	public static function sign( string $method, string $url, array $parameters, string $consumer_secret, string $token_secret ): string {
		$text = strtoupper( $method ) . '&' . rawurlencode( self::address( $url ) ) . '&' . rawurlencode( self::normalized( $url, $parameters ) );
		return base64_encode( hash_hmac( 'sha1', $text, rawurlencode( $consumer_secret ) . '&' . rawurlencode( $token_secret ), true ) );
	}

	/** The address without its query, scheme and host in small letters, without a port that goes without saying. */
	private static function address( string $url ): string {
		$parts  = parse_url( $url ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- as it runs without WordPress, too.
		$parts  = is_array( $parts ) ? $parts : array();
		$scheme = strtolower( $parts['scheme'] ?? 'https' );
		$port   = $parts['port'] ?? null;
		$usual  = 'http' === $scheme ? 80 : 443;
		return $scheme . '://' . strtolower( $parts['host'] ?? '' ) . ( null === $port || $usual === $port ? '' : ":$port" ) . ( $parts['path'] ?? '/' );
	}

	/** @param array<string, string> $parameters */
	private static function normalized( string $url, array $parameters ): string {
		$pairs = array();
		foreach ( $parameters as $name => $value ) {
			$pairs[] = array( rawurlencode( $name ), rawurlencode( $value ) );
		}
		$query = (string) parse_url( $url, PHP_URL_QUERY ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- as above.
		foreach ( '' === $query ? array() : explode( '&', $query ) as $pair ) {
			list( $name, $value ) = explode( '=', $pair, 2 ) + array( 1 => '' );
			$pairs[]              = array( rawurlencode( urldecode( $name ) ), rawurlencode( urldecode( $value ) ) );
		}
		usort( $pairs, static fn ( array $one, array $other ): int => strcmp( $one[0], $other[0] ) ?: strcmp( $one[1], $other[1] ) );
		return implode( '&', array_map( static fn ( array $pair ): string => "$pair[0]=$pair[1]", $pairs ) );
	}
}
