<?php
/**
 * Where the browser may be sent back to: the person's own computer, this site, and what the agent's configuration lists.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Authorize;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class RedirectRules {

	/**
	 * @param string       $home    The network's home address.
	 * @param array<mixed> $entries `allowed_redirect_uris` of the agent's configuration. What is no text matches nothing.
	 */
	public function __construct( private readonly string $home, private readonly array $entries ) {
	}

	public function allow( RedirectUri $uri ): bool {
		if ( $uri->is_loopback() || $this->at_home( $uri ) ) {
			return true;
		}
		foreach ( $this->entries as $entry ) {
			if ( is_string( $entry ) && self::matches( trim( $entry ), $uri ) ) {
				return true;
			}
		}
		return false;
	}

	/** The site's host or one below it, at the usual ports or the site's own, encrypted if the site is. */
	private function at_home( RedirectUri $uri ): bool {
		$home = RedirectUri::parse( $this->home );
		return null !== $home
			&& ( 'https' === $uri->scheme || $uri->scheme === $home->scheme )
			&& in_array( $uri->port, array( RedirectUri::usual_port( $uri->scheme ), $home->port ), true )
			&& self::within( $uri->host, $home->host );
	}

	private static function matches( string $entry, RedirectUri $uri ): bool {
		if ( ! str_contains( $entry, '://' ) ) {
			return self::matches_domain( strtolower( $entry ), $uri );
		}
		$below   = str_ends_with( $entry, '/*' );
		$allowed = RedirectUri::parse( $below ? substr( $entry, 0, -2 ) : $entry );
		if ( null === $allowed || ! $allowed->same_origin( $uri ) ) {
			return false;
		}
		if ( $below ) {
			// Whole segments: `/app/*` means `/app` and `/app/...`, never `/apple`.
			return null === $allowed->query && ( $uri->path === $allowed->path || str_starts_with( $uri->path, $allowed->path . '/' ) );
		}
		return $uri->query === $allowed->query && rtrim( $uri->path, '/' ) === rtrim( $allowed->path, '/' );
	}

	/** `a.com` is the host or one below it, `a.com:8443` at that port; always encrypted, for the entry names no scheme. */
	private static function matches_domain( string $entry, RedirectUri $uri ): bool {
		$domain = RedirectUri::parse( 'https://' . $entry );
		return null !== $domain
			&& '' === $domain->path
			&& null === $domain->query
			&& 'https' === $uri->scheme
			&& ( ! str_contains( $entry, ':' ) || $uri->port === $domain->port )
			&& self::within( $uri->host, $domain->host );
	}

	/** Whether a host is that domain or below it. Addresses and names without a dot have nothing below them. */
	private static function within( string $host, string $domain ): bool {
		if ( $host === $domain ) {
			return true;
		}
		$is_name = str_contains( $domain, '.' ) && false === filter_var( $domain, FILTER_VALIDATE_IP ) && ! str_starts_with( $domain, '[' );
		return $is_name && str_ends_with( $host, '.' . $domain );
	}
}
