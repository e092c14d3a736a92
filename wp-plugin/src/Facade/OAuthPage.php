<?php
/**
 * The small pages at the end of a flow of OAuth.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Facade;

use DataMachine\Bridge\Authorize\Document;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class OAuthPage {

	/** What comes behind the `#` never reaches a server by itself. */
	private const SCRIPT = '(function(){var f=document.forms[0],p=new URLSearchParams(location.hash.slice(1));history.replaceState(null,"",location.pathname);p.forEach(function(v,k){var i=document.createElement("input");i.type="hidden";i.name=k;i.value=v;f.appendChild(i)});f.submit()})();';

	private static bool $shown = false;

	/** Whether this request has its page. */
	public static function was_shown(): bool {
		return self::$shown;
	}

	/** @param string $text Plain text. */
	public static function show( string $title, string $text, int $status ): void {
		self::answer( Document::html( $title, '<p>' . esc_html( $text ) . '</p>' ), $status );
	}

	/** @param string $callback_url Where the form goes: the page's own address. */
	public static function fragment( string $provider, string $callback_url ): void {
		$body = '<form method="post" action="' . esc_url( $callback_url ) . '"><noscript><p>' . esc_html__( 'Connecting this account needs JavaScript.', 'datamachine-bridge' ) . '</p></noscript></form>'
			. '<script>' . self::SCRIPT . '</script>';
		/* translators: %s: key of a service. */
		self::answer( Document::html( sprintf( __( 'Connecting %s', 'datamachine-bridge' ), $provider ), $body ), 200 );
	}

	private static function answer( string $html, int $status ): void {
		self::$shown = true;
		status_header( $status );
		header( 'Content-Type: text/html; charset=' . get_option( 'blog_charset' ) );
		header( "Content-Security-Policy: default-src 'none'; style-src '" . Document::style_hash() . "'; script-src 'sha256-" . base64_encode( hash( 'sha256', self::SCRIPT, true ) ) . "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'" );
		echo $html; // phpcs:ignore WordPress.Security.EscapeOutput -- made of escaped parts above.
	}
}
