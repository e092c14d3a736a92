<?php
/**
 * An address somebody wants the browser sent back to, taken apart strictly: what two programs could read differently is
 * no address here.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Authorize;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class RedirectUri {

	/** Bytes; the column that keeps it with a code holds as many. */
	public const LONGEST = 2000;

	/** What RFC 3986 allows, without `#`: a fragment never reaches a server. Percent signs begin an escape. */
	private const CHARACTERS = '~\A(?:[A-Za-z0-9._:/?\[\]@!$&\'()*+,;=\~-]|%[0-9A-Fa-f]{2})+\z~';

	/** No user name before the host, no empty port, no path that does not begin with a slash. */
	private const SHAPE = '~\A(?<scheme>https?)://(?<host>\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::(?<port>[0-9]{1,5}))?(?<path>/[^?]*)?(?:\?(?<query>.*))?\z~i';

	private const HOST = '~\A[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*\z~';

	/** Parameters of our answers: a client must not find an older one of the same name before ours. */
	private const ANSWERS = array( 'code', 'token', 'error', 'error_description', 'agent_slug', 'agent_id', 'iss' );

	/** How often a path is decoded at most while looking for dot segments; servers behind servers decode more than once. */
	private const DECODINGS = 5;

	/**
	 * @param string      $text  As it was given.
	 * @param string      $host  Lower case; an IPv6 address in brackets, in its shortest form.
	 * @param int         $port  The scheme's own when none was given.
	 * @param string|null $query Without the question mark; null without one.
	 */
	private function __construct( public readonly string $text, public readonly string $scheme, public readonly string $host, public readonly int $port, public readonly string $path, public readonly ?string $query ) {
	}

	/** Null for everything that is not clearly one http or https address. */
	public static function parse( string $text ): ?self {
		if ( strlen( $text ) > self::LONGEST || ! preg_match( self::CHARACTERS, $text ) || ! preg_match( self::SHAPE, $text, $parts, PREG_UNMATCHED_AS_NULL ) ) {
			return null;
		}
		$scheme = strtolower( (string) $parts['scheme'] );
		$host   = self::host( strtolower( (string) $parts['host'] ) );
		$port   = null === $parts['port'] ? self::usual_port( $scheme ) : (int) $parts['port'];
		$path   = $parts['path'] ?? '';
		if ( null === $host || $port < 1 || $port > 65535 || ! self::plain( $path ) ) {
			return null;
		}
		return new self( $text, $scheme, $host, $port, $path, $parts['query'] );
	}

	public static function usual_port( string $scheme ): int {
		return 'https' === $scheme ? 443 : 80;
	}

	/** The host, with its port unless that is the scheme's own: what a person is asked to recognise. */
	public function place(): string {
		return self::usual_port( $this->scheme ) === $this->port ? $this->host : $this->host . ':' . $this->port;
	}

	/** The person's own computer, whatever listens there. */
	public function is_loopback(): bool {
		return in_array( $this->host, array( 'localhost', '127.0.0.1', '[::1]' ), true );
	}

	/** Same scheme, host and port. */
	public function same_origin( self $other ): bool {
		return $this->scheme === $other->scheme && $this->host === $other->host && $this->port === $other->port;
	}

	/**
	 * The address with an answer in its query; what the client put there itself stays, but for parameters of ours.
	 *
	 * @param array<string, string|int> $answer
	 */
	public function with( array $answer ): string {
		$pairs = array();
		foreach ( null === $this->query || '' === $this->query ? array() : explode( '&', $this->query ) as $pair ) {
			// PHP reads `code[]` and `code` as one parameter.
			$name = explode( '[', trim( urldecode( explode( '=', $pair, 2 )[0] ) ), 2 )[0];
			if ( ! in_array( $name, self::ANSWERS, true ) && ! array_key_exists( $name, $answer ) ) {
				$pairs[] = $pair;
			}
		}
		$pairs[] = http_build_query( $answer, '', '&', PHP_QUERY_RFC3986 );
		return explode( '?', $this->text, 2 )[0] . '?' . implode( '&', $pairs );
	}

	private static function host( string $host ): ?string {
		if ( str_starts_with( $host, '[' ) ) {
			$packed = filter_var( trim( $host, '[]' ), FILTER_VALIDATE_IP, FILTER_FLAG_IPV6 ) ? inet_pton( trim( $host, '[]' ) ) : false;
			return false === $packed ? null : '[' . inet_ntop( $packed ) . ']';
		}
		return preg_match( self::HOST, $host ) ? $host : null;
	}

	/** Neither dot segments nor backslashes nor control characters, however often they were encoded. */
	private static function plain( string $path ): bool {
		for ( $round = 0; $round < self::DECODINGS; $round++ ) {
			// Some servers cut `;...` off a segment before they look for dots.
			if ( preg_match( '~[\x00-\x1f\x7f\\\\]~', $path ) || preg_match( '~(?:\A|/)\.{1,2}(?:[/;]|\z)~', $path ) ) {
				return false;
			}
			$decoded = rawurldecode( $path );
			if ( $decoded === $path ) {
				return true;
			}
			$path = $decoded;
		}
		return false;
	}
}
