<?php
/**
 * HTTP requests as Data Machine's plugins make them: WordPress's, with an answer that says whether it worked.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/**
 * Options: `context` (a name for errors), `timeout` in seconds (120), `headers`, `body`, `browser_mode`. An answer is
 * `{success: true, data, status_code, headers, response}` or `{success: false, error}`.
 */
class HttpClient {

	private const TIMEOUT = 120;

	/** The longest line of a body that stands in an error, in characters. */
	private const DETAIL = 97;

	private const SUCCESS = array(
		'GET'    => array( 200, 202 ),
		'POST'   => array( 200, 201, 202 ),
		'PUT'    => array( 200, 201, 204 ),
		'PATCH'  => array( 200, 204 ),
		'DELETE' => array( 200, 202, 204 ),
	);

	/**
	 * @param array<string, mixed> $options
	 * @return array<string, mixed>
	 */
	public static function request( string $method, string $url, array $options = array() ): array {
		$method  = strtoupper( $method );
		$context = (string) ( $options['context'] ?? 'HTTP Request' );
		if ( ! isset( self::SUCCESS[ $method ] ) ) {
			return self::failed( 'Invalid HTTP method', $context, $method, $url );
		}
		$response = wp_remote_request( $url, self::arguments( $method, $options ) );
		if ( is_wp_error( $response ) ) {
			return self::failed( sprintf( 'Failed to connect to %s: %s', $context, $response->get_error_message() ), $context, $method, $url );
		}
		$status = (int) wp_remote_retrieve_response_code( $response );
		$body   = wp_remote_retrieve_body( $response );
		if ( ! in_array( $status, self::SUCCESS[ $method ], true ) ) {
			$detail = self::detail( $body );
			return self::failed( sprintf( '%s %s returned HTTP %d', $context, $method, $status ) . ( '' === $detail ? '' : ": $detail" ), $context, $method, $url );
		}
		return array(
			'success'     => true,
			'data'        => $body,
			'status_code' => $status,
			'headers'     => wp_remote_retrieve_headers( $response ),
			'response'    => $response,
		);
	}

	/**
	 * @param array<string, mixed> $options
	 * @return array<string, mixed>
	 */
	public static function get( string $url, array $options = array() ): array {
		return self::request( 'GET', $url, $options );
	}

	/**
	 * @param array<string, mixed> $options
	 * @return array<string, mixed>
	 */
	public static function post( string $url, array $options = array() ): array {
		return self::request( 'POST', $url, $options );
	}

	/**
	 * @param array<string, mixed> $options
	 * @return array<string, mixed>
	 */
	public static function put( string $url, array $options = array() ): array {
		return self::request( 'PUT', $url, $options );
	}

	/**
	 * @param array<string, mixed> $options
	 * @return array<string, mixed>
	 */
	public static function patch( string $url, array $options = array() ): array {
		return self::request( 'PATCH', $url, $options );
	}

	/**
	 * @param array<string, mixed> $options
	 * @return array<string, mixed>
	 */
	public static function delete( string $url, array $options = array() ): array {
		return self::request( 'DELETE', $url, $options );
	}

	/**
	 * @param array<string, mixed> $options
	 * @return array<string, mixed>
	 */
	private static function arguments( string $method, array $options ): array {
		$headers   = is_array( $options['headers'] ?? null ) ? $options['headers'] : array();
		$arguments = array(
			'method'     => $method,
			'timeout'    => $options['timeout'] ?? self::TIMEOUT,
			'user-agent' => sprintf( 'DataMachine/%s (+%s)', defined( 'DATAMACHINE_VERSION' ) ? DATAMACHINE_VERSION : '0', home_url() ),
		);
		if ( ! empty( $options['browser_mode'] ) ) {
			$arguments['user-agent'] = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36';
			$headers                += array(
				'Accept'          => 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
				'Accept-Language' => 'en-US,en;q=0.5',
			);
		}
		$arguments['headers'] = $headers;
		if ( array_key_exists( 'body', $options ) ) {
			$arguments['body'] = $options['body'];
		}
		return $arguments;
	}

	/** What a server says went wrong: a text of a JSON body, else the first line. */
	private static function detail( string $body ): string {
		$data = json_decode( $body, true );
		foreach ( is_array( $data ) ? array( 'message', 'error', 'error_description', 'detail' ) : array() as $key ) {
			if ( is_string( $data[ $key ] ?? null ) && '' !== $data[ $key ] ) {
				return $data[ $key ];
			}
		}
		$line = trim( (string) strtok( trim( $body ), "\n" ) );
		return mb_strlen( $line ) > self::DETAIL + 3 ? mb_substr( $line, 0, self::DETAIL ) . '...' : $line;
	}

	/** @return array{success: false, error: string} */
	private static function failed( string $error, string $context, string $method, string $url ): array {
		/** This action is documented in hooks/product.json */
		do_action(
			'datamachine_log',
			'error',
			$error,
			array(
				'context' => $context,
				'method'  => $method,
				// What stands behind a question mark may be a key.
				'url'     => strtok( $url, '?' ),
			)
		);
		return array(
			'success' => false,
			'error'   => $error,
		);
	}
}
