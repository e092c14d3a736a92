<?php
/**
 * Connections that an administrator has begun: what the browser brings back is believed only with their `state`.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\External;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Pending {

	/** Seconds in which the browser must come back. */
	public const LIFETIME = 600;

	/** Before the hash of the state, one option each: deleting a row is what makes a state work once. */
	public const PREFIX = 'datamachine_external_state_';

	private function __construct(
		public readonly string $remote_site,
		public readonly string $scheme,
		public readonly string $agent_slug,
		public readonly string $redirect_uri,
		public readonly int $user_id,
		#[\SensitiveParameter]
		public readonly string $verifier
	) {
	}

	/**
	 * Begin to connect.
	 *
	 * The state goes into our address too: an older Data Machine does not give it back by itself.
	 *
	 * @param string $redirect_uri Our callback as the other site knows it; empty for what WordPress says.
	 * @param int    $user_id      Who must bring the answer; 0 for any administrator.
	 * @return array{authorize_url: string, redirect_uri: string, expires_in: int}
	 */
	public static function begin( string $remote_site, string $scheme, string $agent_slug, string $label, string $redirect_uri, int $user_id ): array {
		self::sweep();
		$state        = self::random();
		$verifier     = self::random();
		$redirect_uri = '' === $redirect_uri ? add_query_arg( 'state', $state, Callback::url() ) : $redirect_uri;
		$name         = self::name( $state );
		add_option(
			$name,
			array(
				'remote_site' => $remote_site,
				'scheme'      => $scheme,
				'agent_slug'  => $agent_slug,
				'user_id'     => $user_id,
				// The address holds the state.
				'secrets'     => Cipher::encrypt( (string) wp_json_encode( array( $verifier, $redirect_uri ) ), $name ),
				'expires'     => time() + self::LIFETIME,
			),
			'',
			false
		);
		$query = array(
			'agent_slug'            => $agent_slug,
			'redirect_uri'          => $redirect_uri,
			'label'                 => '' === $label ? (string) wp_parse_url( home_url(), PHP_URL_HOST ) : $label,
			'code_challenge'        => self::base64url( hash( 'sha256', $verifier, true ) ),
			'code_challenge_method' => 'S256',
			'state'                 => $state,
		);
		return array(
			'authorize_url' => "$scheme://$remote_site/wp-json/datamachine/v1/agent/authorize?" . http_build_query( $query, '', '&', PHP_QUERY_RFC3986 ),
			'redirect_uri'  => $redirect_uri,
			'expires_in'    => self::LIFETIME,
		);
	}

	/** What was begun with a state, once; null for a state that is unknown, used or too old. */
	public static function take( #[\SensitiveParameter] string $state ): ?self {
		$name  = self::name( $state );
		$begun = get_option( $name );
		// The row is what counts: of several requests with one state, one deletes it.
		if ( ! is_array( $begun ) || ! delete_option( $name ) || (int) $begun['expires'] <= time() ) {
			return null;
		}
		$secrets = json_decode( (string) Cipher::decrypt( (string) $begun['secrets'], $name ), true );
		return ! is_array( $secrets ) ? null : new self(
			(string) $begun['remote_site'],
			(string) $begun['scheme'],
			(string) $begun['agent_slug'],
			(string) $secrets[1],
			(int) $begun['user_id'],
			(string) $secrets[0]
		);
	}

	/** Delete what nobody came back with. */
	private static function sweep(): void {
		global $wpdb;
		$names = $wpdb->get_col( $wpdb->prepare( "SELECT option_name FROM {$wpdb->options} WHERE option_name LIKE %s LIMIT 100", $wpdb->esc_like( self::PREFIX ) . '%' ) );
		foreach ( $names as $name ) {
			$begun = get_option( $name );
			if ( ! is_array( $begun ) || (int) ( $begun['expires'] ?? 0 ) <= time() ) {
				delete_option( $name );
			}
		}
	}

	/** Whoever reads the database must not learn a state. */
	private static function name( #[\SensitiveParameter] string $state ): string {
		return self::PREFIX . hash( 'sha256', $state );
	}

	/** 256 bits, 43 characters: a state and a verifier. */
	private static function random(): string {
		return self::base64url( random_bytes( 32 ) );
	}

	private static function base64url( string $bytes ): string {
		return rtrim( strtr( base64_encode( $bytes ), '+/', '-_' ), '=' );
	}
}
