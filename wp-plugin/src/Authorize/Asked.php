<?php
/**
 * What a program asks of a person: to act as which agent, and where the answer goes. Checked as far as no login is needed.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Authorize;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Asked {

	/** Characters of a label; the column holds as many. */
	private const LONGEST_LABEL = 200;

	/**
	 * @param array<string, mixed> $agent     The agent's row.
	 * @param string               $owner     The owner's display name; empty when the account is gone.
	 * @param bool                 $may       Whether the current user may let others act as the agent.
	 * @param string               $challenge Empty without PKCE.
	 * @param string               $state     Given back to the client as it came; empty for none.
	 */
	private function __construct(
		public readonly array $agent,
		public readonly string $owner,
		public readonly bool $may,
		public readonly RedirectUri $uri,
		public readonly string $label,
		public readonly string $challenge,
		public readonly string $method,
		public readonly string $state
	) {
	}

	/**
	 * The first check that fails decides. Every error here is shown, and never sent anywhere: before the agent is known and
	 * the address is allowed, there is nobody to send it to.
	 */
	public static function by( \WP_REST_Request $request ): self|\WP_Error {
		$state = (string) $request['state'];
		if ( ! mb_check_encoding( $state, 'UTF-8' ) || preg_match( '/[\x00-\x1f\x7f]/', $state ) ) {
			// A form would bring back another text, and the client would not know its own state again.
			return new \WP_Error( 'invalid_request', __( 'state must be printable text.', 'datamachine-bridge' ), array( 'status' => 400 ) );
		}
		$slug  = (string) $request['agent_slug'];
		$found = Sidecar::agent( $slug );
		if ( is_wp_error( $found ) ) {
			return $found;
		}
		if ( ! is_array( $found ) ) {
			/* translators: %s: the slug of an agent. */
			return new \WP_Error( 'agent_not_found', sprintf( __( 'Agent "%s" not found.', 'datamachine-bridge' ), $slug ), array( 'status' => 404 ) );
		}
		$uri = self::redirect_uri( (string) $request['redirect_uri'], $found['agent'] );
		if ( is_wp_error( $uri ) ) {
			return $uri;
		}
		return new self(
			$found['agent'],
			(string) $found['owner'],
			true === $found['may'],
			$uri,
			mb_substr( sanitize_text_field( (string) $request['label'] ), 0, self::LONGEST_LABEL ),
			(string) $request['code_challenge'],
			(string) $request['code_challenge_method'],
			$state
		);
	}

	public function agent_id(): int {
		return (int) $this->agent['agent_id'];
	}

	public function slug(): string {
		return (string) $this->agent['agent_slug'];
	}

	/** Whether what is asked ends with the token in the address: no challenge came, and the site allows that. */
	public function objection(): ?string {
		return Pkce::objection( $this->challenge, $this->method, self::token_in_address_allowed() );
	}

	/**
	 * The parameters again, for a link or a form; empty ones are left out, but for those every request has.
	 *
	 * @return array<string, string>
	 */
	public function parameters(): array {
		return array(
			'agent_slug'   => $this->slug(),
			'redirect_uri' => $this->uri->text,
		) + array_filter(
			array(
				'label'                 => $this->label,
				'code_challenge'        => $this->challenge,
				'code_challenge_method' => $this->method,
				'state'                 => $this->state,
			),
			static fn( string $value ): bool => '' !== $value
		);
	}

	/**
	 * The address of the client with an answer for it; its `state` comes back on success and on every error. `iss` says which
	 * site answers (RFC 9207): a client of several sites must not take the code of one to another.
	 *
	 * @param array<string, string|int> $answer
	 */
	public function reply( array $answer ): string {
		$always = '' === $this->state ? array() : array( 'state' => $this->state );
		return $this->uri->with( $answer + $always + array( 'iss' => untrailingslashit( home_url() ) ) );
	}

	/** The older flow, off unless the site's settings say otherwise. */
	private static function token_in_address_allowed(): bool {
		$settings = get_option( 'datamachine_settings', array() );
		// Booleans of forms come as text; the sidecar reads the same.
		return is_array( $settings ) && in_array( $settings['legacy_token_redirect'] ?? false, array( true, 1, '1' ), true );
	}

	/** @param array<string, mixed> $agent */
	private static function redirect_uri( string $text, array $agent ): RedirectUri|\WP_Error {
		if ( '' === sanitize_url( $text, array( 'http', 'https' ) ) ) {
			return new \WP_Error( 'missing_redirect_uri', __( 'redirect_uri must be an http or https address.', 'datamachine-bridge' ), array( 'status' => 400 ) );
		}
		$uri = RedirectUri::parse( $text );
		if ( null === $uri ) {
			return self::invalid( __( 'redirect_uri must be a plain http or https address, without user name, fragment, backslash, dot segments or unescaped characters.', 'datamachine-bridge' ) );
		}
		$config  = is_array( $agent['agent_config'] ) ? $agent['agent_config'] : array();
		$entries = $config['allowed_redirect_uris'] ?? array();
		$rules   = new RedirectRules( network_home_url(), is_array( $entries ) ? $entries : array() );
		if ( ! $rules->allow( $uri ) ) {
			/* translators: 1: host name, 2: the slug of an agent. */
			return self::invalid( sprintf( __( 'redirect_uri host "%1$s" is not allowed for agent "%2$s". Register it in the agent\'s allowed_redirect_uris config.', 'datamachine-bridge' ), $uri->host, (string) $agent['agent_slug'] ) );
		}
		return $uri;
	}

	private static function invalid( string $message ): \WP_Error {
		return new \WP_Error( 'invalid_redirect_uri', $message, array( 'status' => 400 ) );
	}
}
