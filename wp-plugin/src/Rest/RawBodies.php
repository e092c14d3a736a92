<?php
/**
 * Serves the sidecar's bytes unchanged: decoding and encoding again would turn {} into [] and 1.0 into 1.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Rest;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class RawBodies {

	/** Parameters with which WordPress builds a body of its own. */
	private const REBUILT = array( '_fields', '_envelope', '_embed', '_jsonp', '_pretty' );

	/** @var \WeakMap<\WP_REST_Response, array{body: string, data: mixed}> */
	private \WeakMap $bodies;

	public function __construct() {
		$this->bodies = new \WeakMap();
	}

	public function remember( \WP_REST_Response $response, string $body ): void {
		$this->bodies[ $response ] = array(
			'body' => $body,
			'data' => $response->get_data(),
		);
	}

	/**
	 * Callback of `rest_pre_serve_request`.
	 *
	 * @param bool              $served  Whether somebody printed the answer already.
	 * @param \WP_HTTP_Response $result  The answer after all filters.
	 * @param \WP_REST_Request  $request The request.
	 * @param ?\WP_REST_Server  $server  Who answers it.
	 */
	public function serve( $served, $result, $request, $server = null ) {
		if ( $served || ! $result instanceof \WP_REST_Response || ! isset( $this->bodies[ $result ] ) || ! $this->applies( $result, $request ) ) {
			return $served;
		}
		$known = $this->bodies[ $result ];
		/** This filter is documented in wp-includes/rest-api/class-wp-rest-server.php */
		$data = has_filter( 'rest_pre_echo_response' ) ? apply_filters( 'rest_pre_echo_response', $known['data'], $server, $request ) : $known['data'];
		// JSON for an API client, with WordPress's JSON content type already sent: escaping would change it.
		echo $data === $known['data'] ? $known['body'] : ( null === $data ? '' : wp_json_encode( $data ) ); // phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped
		return true;
	}

	private function applies( \WP_REST_Response $result, \WP_REST_Request $request ): bool {
		foreach ( self::REBUILT as $name ) {
			if ( null !== $request->get_param( $name ) ) {
				return false;
			}
		}
		// A filter that changed the data or added links wants its change seen; HEAD has no body.
		return 'HEAD' !== $request->get_method()
			&& array() === $result->get_links()
			&& null !== $result->get_data()
			&& $result->get_data() === $this->bodies[ $result ]['data'];
	}
}
