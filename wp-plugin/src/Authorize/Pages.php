<?php
/**
 * How answers of the authorize page leave: pages instead of JSON for browsers, and headers that keep them from others.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Authorize;

use DataMachine\Bridge\Rest\Module as Rest;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Pages {

	/**
	 * HTML by answer: never part of its data, so code inside WordPress cannot read it. The data is an empty list, because
	 * WordPress's `_fields` ends in a fatal error where there is none.
	 *
	 * @var \WeakMap<\WP_REST_Response, string>
	 */
	private \WeakMap $html;

	/** @param string $route Whose answers these are. */
	public function __construct( private readonly string $route = Endpoint::ROUTE ) {
		$this->html = new \WeakMap();
	}

	public function answer( string $html ): \WP_REST_Response {
		$response                = new \WP_REST_Response( array(), 200 );
		$this->html[ $response ] = $html;
		return $response;
	}

	public function redirect( string $location ): \WP_REST_Response {
		$response                = new \WP_REST_Response( array(), 302, array( 'Location' => $location ) );
		$this->html[ $response ] = '';
		return $response;
	}

	/**
	 * Callback of `rest_pre_serve_request`, the last one: after WordPress's own for other origins.
	 *
	 * @param mixed $served  Whether somebody printed the answer already.
	 * @param mixed $result  The answer after all filters.
	 * @param mixed $request The request.
	 */
	public function serve( $served, $result, $request ) {
		if ( ! $request instanceof \WP_REST_Request || 0 !== strcasecmp( untrailingslashit( $request->get_route() ), '/' . Rest::NAMESPACE . $this->route ) ) {
			return $served;
		}
		$this->send_headers();
		if ( $served || ! $result instanceof \WP_REST_Response ) {
			return $served;
		}
		$html = $this->html[ $result ] ?? $this->error( $result, $request );
		if ( null === $html ) {
			return $served;
		}
		header( 'Content-Type: text/html; charset=' . get_option( 'blog_charset' ) );
		if ( 'HEAD' !== $request->get_method() ) {
			echo $html; // phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped -- escaped where it is made.
		}
		return true;
	}

	/** Browsers say that they want HTML; other clients get WordPress's JSON. */
	private function error( \WP_REST_Response $result, \WP_REST_Request $request ): ?string {
		$data = $result->get_data();
		if ( $result->get_status() < 400 || ! is_array( $data ) || ! isset( $data['message'] ) || ! str_contains( strtolower( (string) $request->get_header( 'accept' ) ), 'text/html' ) ) {
			return null;
		}
		$login = $data['data']['login'] ?? '';
		return ErrorPage::html( $result->get_status(), (string) $data['message'], is_string( $login ) ? $login : '' );
	}

	private function send_headers(): void {
		if ( headers_sent() ) {
			return;
		}
		// WordPress lets every origin read REST answers, cookies included. Here the cookie counts without a nonce, so another
		// origin could read the nonce of the form.
		foreach ( array( 'Origin', 'Methods', 'Credentials', 'Headers' ) as $name ) {
			header_remove( "Access-Control-Allow-$name" );
		}
		header_remove( 'Access-Control-Expose-Headers' );
		header( 'Cache-Control: no-store' );
		header( 'Pragma: no-cache' );
		// The address holds the client's state; the next one a code.
		header( 'Referrer-Policy: no-referrer' );
		header( 'X-Content-Type-Options: nosniff' );
		header( 'X-Frame-Options: DENY' );
		header( 'X-Robots-Tag: noindex' );
		// No `form-action`: browsers apply it to wherever the client's address redirects to as well, which is the client's matter.
		header( "Content-Security-Policy: default-src 'none'; style-src '" . Document::style_hash() . "'; base-uri 'none'; frame-ancestors 'none'" );
	}
}
