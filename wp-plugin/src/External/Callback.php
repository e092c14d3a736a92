<?php
/**
 * `GET /datamachine/v1/agent/auth/callback`: the browser brings what another site gave for one of its agents.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\External;

use DataMachine\Bridge\Authorize\Document;
use DataMachine\Bridge\Authorize\Pages;
use DataMachine\Bridge\Authorize\Visitor;
use DataMachine\Bridge\Bridge\BridgeException;
use DataMachine\Bridge\Bridge\Client;
use DataMachine\Bridge\Bridge\RemoteError;
use DataMachine\Bridge\Rest\Module as Rest;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Callback {

	public const ROUTE = '/agent/auth/callback';

	/** As {@see \DataMachine\Bridge\External\Store} takes one. */
	private const TOKEN = '/\Adatamachine_[A-Za-z0-9_%.-]{1,300}\z/';

	public function __construct( private readonly Pages $pages ) {
	}

	public static function url(): string {
		return rest_url( Rest::NAMESPACE . self::ROUTE );
	}

	/** Callback of `rest_api_init`. */
	public function register(): void {
		$text = array(
			'type'    => 'string',
			'default' => '',
		);
		register_rest_route(
			Rest::NAMESPACE,
			self::ROUTE,
			array(
				'methods'             => \WP_REST_Server::READABLE,
				'args'                => array(
					'code'       => $text,
					'token'      => $text,
					'agent_slug' => $text,
					'agent_id'   => array( 'type' => 'integer' ),
					'error'      => $text,
					'state'      => $text,
					'iss'        => $text,
				),
				// Public: who is not an administrator of this site with a state of this site is refused below.
				'permission_callback' => '__return_true',
				'callback'            => $this->answer( ... ),
			)
		);
	}

	private function answer( \WP_REST_Request $request ): \WP_REST_Response|\WP_Error {
		if ( 'GET' !== $request->get_method() ) {
			return self::refused( 'invalid_request', __( 'Nothing was brought back.', 'datamachine-bridge' ), 400 );
		}
		$visitor = Visitor::recognise();
		if ( is_wp_error( $visitor ) ) {
			return $visitor;
		}
		if ( 0 === $visitor ) {
			return $this->sign_in( $request );
		}
		if ( ! Access::permits() ) {
			return self::refused( 'access_denied', __( 'Only administrators connect this site with others.', 'datamachine-bridge' ), 403 );
		}
		$begun = '' === (string) $request['state'] ? null : Pending::take( (string) $request['state'] );
		if ( null === $begun ) {
			return self::refused( 'invalid_state', __( 'This answer belongs to no connection that was begun here, or came too late or twice. Begin again.', 'datamachine-bridge' ), 400 );
		}
		if ( 0 !== $begun->user_id && $begun->user_id !== $visitor ) {
			return self::refused( 'invalid_state', __( 'Somebody else has begun this connection. Begin again yourself.', 'datamachine-bridge' ), 403 );
		}
		if ( self::is_of_another( (string) $request['iss'], $begun ) ) {
			/* translators: 1: address of a site, 2: host name. */
			return self::refused( 'issuer_mismatch', sprintf( __( 'This answer comes from %1$s, not from %2$s. Begin again with that address if it is the one you mean.', 'datamachine-bridge' ), (string) $request['iss'], $begun->remote_site ), 400 );
		}
		$key = $this->receive( $request, $begun );
		return is_wp_error( $key ) ? $key : $this->pages->answer( self::page( $begun, $key ) );
	}

	/** A code is worth nothing without what we keep, so it may wait in an address until somebody has signed in. */
	private function sign_in( \WP_REST_Request $request ): \WP_REST_Response|\WP_Error {
		if ( '' !== (string) $request['token'] ) {
			return self::refused( 'not_authenticated', __( 'Sign in to this site as an administrator, and begin again.', 'datamachine-bridge' ), 401 );
		}
		$given = array(
			'code'  => (string) $request['code'],
			'error' => self::error( $request ),
			'state' => (string) $request['state'],
			'iss'   => (string) $request['iss'],
		);
		$here = add_query_arg( array_map( 'rawurlencode', array_filter( $given ) ), self::url() );
		return new \WP_REST_Response( null, 302, array( 'Location' => wp_login_url( $here ) ) );
	}

	/** A site that was asked could send the browser on to another one, and learn the code that this gives. */
	private static function is_of_another( string $issuer, Pending $begun ): bool {
		$place = untrailingslashit( (string) preg_replace( '~\Ahttps?://~i', '', $issuer ) );
		return '' !== $issuer && 0 !== strcasecmp( $place, $begun->remote_site );
	}

	/** Store what was brought; the key it is filed under. */
	private function receive( \WP_REST_Request $request, Pending $begun ): string|\WP_Error {
		$error = self::error( $request );
		if ( '' !== $error ) {
			return self::refused( 'authorization_failed', self::complaint( $error ), 400 );
		}
		if ( '' !== (string) $request['code'] ) {
			$given = self::exchange( $begun, (string) $request['code'] );
			if ( is_wp_error( $given ) ) {
				return $given;
			}
			return Store::put( $begun->remote_site, $begun->scheme, $begun->agent_slug, (int) $given['agent_id'], (string) $given['token'] );
		}
		// An older Data Machine knows no codes. Whose token it says it is, must be what was asked for.
		$token = (string) $request['token'];
		if ( 1 !== preg_match( self::TOKEN, $token ) || (string) $request['agent_slug'] !== $begun->agent_slug ) {
			return self::refused( 'invalid_request', __( 'The other site sent neither a code nor a token of the agent that was asked for.', 'datamachine-bridge' ), 400 );
		}
		return Store::put( $begun->remote_site, $begun->scheme, $begun->agent_slug, max( 0, (int) $request['agent_id'] ), $token );
	}

	/** @return array{token: string, agent_id: int}|\WP_Error */
	private static function exchange( Pending $begun, string $code ): array|\WP_Error {
		try {
			return Client::instance()->call(
				'external.exchange',
				array(
					'remote_site'   => $begun->remote_site,
					'scheme'        => $begun->scheme,
					'agent_slug'    => $begun->agent_slug,
					'code'          => $code,
					'code_verifier' => $begun->verifier,
					'redirect_uri'  => $begun->redirect_uri,
				),
				Client::MOST,
				Client::CONNECT_FOR_ANSWER
			);
		} catch ( RemoteError $error ) {
			/* translators: 1: host name, 2: what it said. */
			return self::refused( 'exchange_failed', sprintf( __( '%1$s gave no token for its code: %2$s', 'datamachine-bridge' ), $begun->remote_site, $error->public_message() ), 502 );
		} catch ( BridgeException $error ) {
			return self::refused( 'datamachine_sidecar_unavailable', __( 'The Data Machine sidecar does not answer. Begin again later.', 'datamachine-bridge' ), 503 );
		}
	}

	/** The parameter `error`. WordPress takes it out of every request that one of its rewrite rules fits. */
	private static function error( \WP_REST_Request $request ): string {
		$error = (string) $request['error'];
		if ( '' === $error ) {
			wp_parse_str( (string) ( $_SERVER['QUERY_STRING'] ?? '' ), $given ); // phpcs:ignore WordPress.Security.ValidatedSanitizedInput -- compared, or shown as a key.
			$error = is_string( $given['error'] ?? null ) ? $given['error'] : '';
		}
		return $error;
	}

	/** What the other site's error means. */
	private static function complaint( string $code ): string {
		$known = array(
			'access_denied'         => __( 'Access was denied at the other site.', 'datamachine-bridge' ),
			'not_authenticated'     => __( 'Nobody was signed in at the other site.', 'datamachine-bridge' ),
			'agent_not_found'       => __( 'The other site has no such agent.', 'datamachine-bridge' ),
			'token_creation_failed' => __( 'The other site could not make a token.', 'datamachine-bridge' ),
			'invalid_nonce'         => __( 'The form at the other site was too old.', 'datamachine-bridge' ),
		);
		/* translators: %s: a code. */
		return $known[ $code ] ?? sprintf( __( 'Authorization failed: %s', 'datamachine-bridge' ), sanitize_key( $code ) );
	}

	private static function page( Pending $begun, string $key ): string {
		/* translators: %s: host name. */
		$title = sprintf( __( 'Connected with %s', 'datamachine-bridge' ), $begun->remote_site );
		/* translators: 1: slug of an agent, 2: host name. */
		$text = sprintf( __( 'This site can now act as the agent "%1$s" at %2$s.', 'datamachine-bridge' ), $begun->agent_slug, $begun->remote_site );
		$body = '<p>' . esc_html( $text ) . '</p><p>' . esc_html__( 'Try it with:', 'datamachine-bridge' ) . ' <code>' . esc_html( "wp datamachine external test $key" ) . '</code></p>'
			. '<p>' . esc_html__( 'You can close this window.', 'datamachine-bridge' ) . '</p>';
		return Document::html( $title, $body );
	}

	private static function refused( string $code, string $message, int $status ): \WP_Error {
		return new \WP_Error( $code, $message, array( 'status' => $status ) );
	}
}
