<?php
/**
 * `GET` and `POST /datamachine/v1/agent/authorize`: a person lets a program act as an agent.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Authorize;

use DataMachine\Bridge\Rest\Module as Rest;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Endpoint {

	public const ROUTE = '/agent/authorize';

	private const PRE_TOKEN = 'datamachine_agent_authorize_pre_token';

	public function __construct( private readonly Pages $pages ) {
	}

	/** Callback of `rest_api_init`. */
	public function register(): void {
		$text     = array(
			'type'    => 'string',
			'default' => '',
		);
		$required = array(
			'type'     => 'string',
			'required' => true,
		);
		$asked    = array(
			'agent_slug'            => $required,
			'redirect_uri'          => $required,
			'label'                 => $text,
			'code_challenge'        => $text,
			'code_challenge_method' => $text,
			'state'                 => $text,
		);
		register_rest_route(
			Rest::NAMESPACE,
			self::ROUTE,
			array(
				array(
					'methods'             => \WP_REST_Server::READABLE,
					'args'                => $asked,
					// Public: visitors are sent to the login form, and the answers say who else may.
					'permission_callback' => '__return_true',
					'callback'            => $this->show( ... ),
				),
				array(
					'methods'             => \WP_REST_Server::CREATABLE,
					'args'                => $asked + array(
						'action'           => $required + array( 'enum' => array( 'authorize', 'deny' ) ),
						'_authorize_nonce' => $required,
						'scope_preset'     => $text,
					),
					'permission_callback' => '__return_true',
					'callback'            => $this->decide( ... ),
				),
			)
		);
	}

	public static function url(): string {
		return rest_url( Rest::NAMESPACE . self::ROUTE );
	}

	/** The page of consent. It never sends the browser to the client: nobody has decided anything yet. */
	private function show( \WP_REST_Request $request ): \WP_REST_Response|\WP_Error {
		$visitor = Visitor::recognise();
		if ( is_wp_error( $visitor ) ) {
			return $visitor;
		}
		$asked = Asked::by( $request );
		if ( is_wp_error( $asked ) ) {
			return $asked;
		}
		$objection = $asked->objection();
		if ( null !== $objection ) {
			return new \WP_Error( 'invalid_request', $objection, array( 'status' => 400 ) );
		}
		$here = add_query_arg( array_map( 'rawurlencode', $asked->parameters() ), self::url() );
		if ( 0 === $visitor ) {
			return $this->pages->redirect( wp_login_url( $here ) );
		}
		if ( ! $asked->may ) {
			return new \WP_Error(
				'access_denied',
				__( 'You do not have access to this agent.', 'datamachine-bridge' ),
				array(
					'status' => 403,
					'login'  => wp_login_url( $here, true ),
				)
			);
		}
		$presets = ScopePresets::for_agent( $asked->agent, $asked->uri->text );
		return $this->pages->answer( ConsentPage::html( $asked, $presets ) );
	}

	/** What the person decided. Once the client is known, every outcome goes to it. */
	private function decide( \WP_REST_Request $request ): \WP_REST_Response|\WP_Error {
		$visitor = Visitor::recognise();
		$asked   = Asked::by( $request );
		if ( is_wp_error( $asked ) ) {
			return $asked;
		}
		$answer = $this->outcome( $request, $asked, $visitor );
		if ( is_wp_error( $answer ) ) {
			$answer = $asked->reply( array( 'error' => self::code( $answer ) ) );
		}
		return $this->pages->redirect( $answer );
	}

	/** Where the browser goes, or the code of what is wrong. */
	private function outcome( \WP_REST_Request $request, Asked $asked, int|\WP_Error $visitor ): string|\WP_Error {
		if ( is_wp_error( $visitor ) ) {
			return $visitor;
		}
		if ( 0 === $visitor ) {
			return new \WP_Error( 'not_authenticated' );
		}
		if ( ! Visitor::consents( (string) $request['_authorize_nonce'] ) ) {
			return new \WP_Error( 'invalid_nonce' );
		}
		if ( 'authorize' !== $request['action'] || ! $asked->may ) {
			return new \WP_Error( 'access_denied' );
		}
		if ( null !== $asked->objection() ) {
			return new \WP_Error( 'invalid_request' );
		}
		$presets = ScopePresets::for_agent( $asked->agent, $asked->uri->text );
		$scope   = (string) $request['scope_preset'];
		$scope   = '' === $scope ? $presets->default : $scope;
		if ( ! $presets->has( $scope ) ) {
			return new \WP_Error( 'invalid_scope' );
		}
		$capabilities = $presets->payload( $scope );
		$elsewhere    = $this->pre_token( $request, $asked, $visitor );
		if ( is_wp_error( $elsewhere ) ) {
			return $elsewhere;
		}
		if ( null !== $elsewhere ) {
			// Whoever answers instead makes tokens of its own, and cannot say that it keeps the limit the person chose.
			return null === $capabilities ? $elsewhere : new \WP_Error( 'invalid_scope' );
		}
		$given = Sidecar::approve( $asked->agent_id(), $asked, $capabilities );
		return is_wp_error( $given ) ? $given : $asked->reply( $given );
	}

	/** The address another plugin wants instead; null when none does. */
	private function pre_token( \WP_REST_Request $request, Asked $asked, int $user_id ): string|\WP_Error|null {
		/**
		 * Filters where the browser goes after the person agreed, before a code or token is made.
		 *
		 * @param string|\WP_Error|null $redirect     An address, used as it is; an error, whose code the client is told; null to go on.
		 * @param array<string, mixed>  $agent        The agent's row.
		 * @param int                   $user_id      The person.
		 * @param string                $redirect_uri The client's address.
		 * @param string                $label        What the client calls itself.
		 * @param \WP_REST_Request      $request      The request.
		 */
		$redirect = apply_filters( self::PRE_TOKEN, null, $asked->agent, $user_id, $asked->uri->text, $asked->label, $request );
		if ( null === $redirect || is_wp_error( $redirect ) || ( is_string( $redirect ) && '' !== $redirect ) ) {
			return $redirect;
		}
		// Whatever it means, it is no permission.
		return new \WP_Error( 'access_denied' );
	}

	/** An error's code as a client is told it. */
	private static function code( \WP_Error $error ): string {
		$code = (string) $error->get_error_code();
		// What the sidecar could not do concerns the client no further.
		$known = ! in_array( $code, array( '', 'internal_error', 'datamachine_sidecar_unavailable' ), true );
		return $known ? $code : 'token_creation_failed';
	}
}
