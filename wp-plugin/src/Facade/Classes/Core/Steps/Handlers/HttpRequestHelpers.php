<?php
/**
 * Requests in the name of a handler.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\Steps\Handlers;

use DataMachine\Core\HttpClient;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/** The class that uses it has a `$handler_type`, which names the requests in errors. */
trait HttpRequestHelpers {

	/**
	 * @param array<string, mixed> $options See HttpClient.
	 * @return array<string, mixed>
	 */
	protected function httpRequest( string $method, string $url, array $options = array() ): array {
		return HttpClient::request( $method, $url, $options + array( 'context' => ucfirst( $this->handler_type ) ) );
	}

	/**
	 * @param array<string, mixed> $options
	 * @return array<string, mixed>
	 */
	protected function httpGet( string $url, array $options = array() ): array {
		return $this->httpRequest( 'GET', $url, $options );
	}

	/**
	 * @param array<string, mixed> $options
	 * @return array<string, mixed>
	 */
	protected function httpPost( string $url, array $options = array() ): array {
		return $this->httpRequest( 'POST', $url, $options );
	}

	/**
	 * @param array<string, mixed> $options
	 * @return array<string, mixed>
	 */
	protected function httpDelete( string $url, array $options = array() ): array {
		return $this->httpRequest( 'DELETE', $url, $options );
	}
}
