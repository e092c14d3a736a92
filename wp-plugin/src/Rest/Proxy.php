<?php
/**
 * Hands one REST request to the sidecar and makes its answer WordPress's.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Rest;

use DataMachine\Bridge\Bridge\BridgeException;
use DataMachine\Bridge\Bridge\Client;
use DataMachine\Bridge\Bridge\RemoteError;
use DataMachine\Bridge\Bridge\TimedOut;
use DataMachine\Bridge\Identity\Principal;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Proxy {

	/** Seconds a route may take: an answer to a person, not a hook on a page. */
	private const BUDGET = 30.0;

	/** Texts of a JSON body with more bytes than this travel in the body alone. */
	private const LONG = 65536;

	/** Headers that routes read. */
	private const HEADERS = array( 'accept', 'content-type', 'if-match', 'if-none-match' );

	public function __construct( private RawBodies $bodies ) {
	}

	/**
	 * @param string $route   The route as declared, for example `/jobs/(?P<id>\d+)`.
	 * @param bool   $uploads Whether it takes files of a form.
	 */
	public function answer( string $route, \WP_REST_Request $request, bool $uploads = false ): \WP_REST_Response|\WP_Error {
		ResponseBuffer::clear();
		$files = $uploads ? Uploads::offer( $request ) : array();
		if ( is_wp_error( $files ) ) {
			return $files;
		}
		$params = $this->declared( $request );
		try {
			$answer = Client::instance()->call(
				'rest.handle',
				array(
					'method'    => $request->get_method(),
					'route'     => $route,
					'path'      => $request->get_route(),
					'params'    => self::without_long_texts( $params, $request ),
					'query'     => $request->get_query_params(),
					// Of a form that was understood nobody needs the bytes.
					'body'      => array() === array_intersect_key( $params, $request->get_body_params() ) ? $request->get_body() : '',
					'headers'   => self::headers( $request ),
					'principal' => Principal::describe(),
				) + ( $files ? array( 'uploads' => $files ) : array() ),
				self::BUDGET,
				Client::CONNECT_FOR_ANSWER
			);
		} catch ( RemoteError $error ) {
			return new \WP_Error( $error->error_code(), $error->public_message(), array( 'status' => $error->status() ) + $error->data() );
		} catch ( TimedOut $error ) {
			return new \WP_Error(
				'datamachine_sidecar_timeout',
				__( 'The Data Machine sidecar did not answer in time; the outcome is unknown.', 'datamachine-bridge' ),
				array( 'status' => 504 )
			);
		} catch ( BridgeException $error ) {
			return self::unavailable( __( 'The Data Machine sidecar does not answer.', 'datamachine-bridge' ) );
		}
		$body    = ResponseBuffer::take() . (string) ( $answer['body'] ?? '' );
		$status  = (int) ( $answer['status'] ?? 200 );
		$headers = (array) ( $answer['headers'] ?? array() );
		$raw  = true === ( $answer['raw'] ?? false );
		$data = $raw ? $body : ( '' === $body ? null : json_decode( $body, true ) );
		if ( ! $raw && '' !== $body && null === $data && 'null' !== $body ) {
			return self::unavailable( __( 'The Data Machine sidecar sent an answer that is not JSON.', 'datamachine-bridge' ) );
		}
		if ( ! self::has_fields( $data ) ) {
			// WordPress would look for them all the same, which is a fatal error.
			unset( $request['_fields'] );
		}
		$response = new \WP_REST_Response( $data, $status, $headers );
		$this->bodies->remember( $response, $body );
		return $response;
	}

	/** Whether an answer, or each entry of a list, has named parts: a text has none, nor has "not modified". */
	private static function has_fields( mixed $data ): bool {
		return is_array( $data ) && ( ! array_is_list( $data ) || $data === array_filter( $data, 'is_array' ) );
	}

	/** @return array<string, mixed> The declared arguments that were given or have defaults, as WordPress sanitized them. */
	private function declared( \WP_REST_Request $request ): array {
		$attributes = $request->get_attributes();
		$names      = array_keys( (array) ( $attributes['args'] ?? array() ) );
		return array_intersect_key( $request->get_params(), array_flip( $names ) );
	}

	/** @return array<string, string> */
	private static function headers( \WP_REST_Request $request ): array {
		$found = array();
		foreach ( self::HEADERS as $name ) {
			$value = $request->get_header( $name );
			if ( null !== $value ) {
				$found[ $name ] = (string) $value;
			}
		}
		return $found;
	}

	/**
	 * @param array<string, mixed> $params
	 * @return array<string, mixed>
	 */
	private static function without_long_texts( array $params, \WP_REST_Request $request ): array {
		$sent = (array) $request->get_json_params();
		foreach ( $params as $name => $value ) {
			if ( is_string( $value ) && strlen( $value ) > self::LONG && ( $sent[ $name ] ?? null ) === $value ) {
				unset( $params[ $name ] );
			}
		}
		return $params;
	}

	private static function unavailable( string $message ): \WP_Error {
		return new \WP_Error( 'datamachine_sidecar_unavailable', $message, array( 'status' => 503 ) );
	}
}
