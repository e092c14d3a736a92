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

	public function __construct( private RawBodies $bodies ) {
	}

	/** @param string $route The route as declared, for example `/jobs/(?P<id>\d+)`. */
	public function answer( string $route, \WP_REST_Request $request ): \WP_REST_Response|\WP_Error {
		ResponseBuffer::clear();
		try {
			$answer = Client::instance()->call(
				'rest.handle',
				array(
					'method'    => $request->get_method(),
					'route'     => $route,
					'path'      => $request->get_route(),
					'params'    => $this->declared( $request ),
					'query'     => $request->get_query_params(),
					'body'      => $request->get_body(),
					'headers'   => array( 'content-type' => (string) $request->get_header( 'content-type' ) ),
					'principal' => Principal::describe(),
				),
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
		$body = ResponseBuffer::take() . (string) ( $answer['body'] ?? '' );
		$data = '' === $body ? null : json_decode( $body, true );
		if ( '' !== $body && null === $data && 'null' !== $body ) {
			return self::unavailable( __( 'The Data Machine sidecar sent an answer that is not JSON.', 'datamachine-bridge' ) );
		}
		$response = new \WP_REST_Response( $data, (int) ( $answer['status'] ?? 200 ), (array) ( $answer['headers'] ?? array() ) );
		$this->bodies->remember( $response, $body );
		return $response;
	}

	/** @return array<string, mixed> The declared arguments that were given or have defaults, as WordPress sanitized them. */
	private function declared( \WP_REST_Request $request ): array {
		$attributes = $request->get_attributes();
		$names      = array_keys( (array) ( $attributes['args'] ?? array() ) );
		return array_intersect_key( $request->get_params(), array_flip( $names ) );
	}

	private static function unavailable( string $message ): \WP_Error {
		return new \WP_Error( 'datamachine_sidecar_unavailable', $message, array( 'status' => 503 ) );
	}
}
