<?php
/**
 * Agents' tokens on every REST route of WordPress: who presents one acts as its agent, or is refused. No sidecar is asked.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Identity;

use DataMachine\Abilities\PermissionHelper;
use DataMachine\Core\Auth\CallerContext;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Bearer {

	/** As PHP names the header for servers that hide `Authorization`. */
	private const FALLBACK = 'HTTP_X_DATAMACHINE_AUTHORIZATION';

	/** What a caller may say; the class that reads it is loaded when one does. */
	private const CALLER = array(
		'X-Datamachine-Caller-Site',
		'X-Datamachine-Caller-Agent',
		'X-Datamachine-Chain-Id',
		'X-Datamachine-Chain-Depth',
		'X-Agents-Api-Caller-Agent',
		'X-Agents-Api-Caller-Host',
		'X-Agents-Api-Chain-Root',
		'X-Agents-Api-Chain-Depth',
	);

	/** Characters of a refused token's name that are logged; none of its secret. */
	private const LOGGED = 20;

	private const MESSAGES = array(
		Tokens::INVALID  => 'Invalid or expired agent token.',
		Tokens::NO_AGENT => 'Agent associated with this token no longer exists.',
		Tokens::NO_OWNER => 'Agent owner account no longer exists.',
	);

	/**
	 * Filter `rest_authentication_errors`. Leaves alone what was refused already, and requests without a token of ours. Whoever
	 * else was let in, and sends a token, is the agent.
	 *
	 * @param mixed $decided Null while nobody has.
	 * @return mixed True when an agent acts from here on.
	 */
	public static function authenticate( $decided ): mixed {
		if ( is_wp_error( $decided ) ) {
			return $decided;
		}
		$headers = array( self::authorization(), self::server( self::FALLBACK ) );
		$token   = array( null, null ) === $headers ? null : Tokens::presented( ...$headers );
		if ( null === $token ) {
			return $decided;
		}
		$row = false === $token ? Tokens::INVALID : self::row( $token );
		if ( is_string( $row ) ) {
			return self::failed( $row, (string) $token );
		}
		TokenRows::touch( $row );
		$caller = self::caller();
		return self::too_deep( $row, $caller ) ?? self::act( $row, $caller );
	}

	/**
	 * What stands behind a token that is accepted, else the code of refusal.
	 *
	 * @return array<string, string|null>|string
	 */
	public static function row( string $token ): array|string {
		$row   = TokenRows::by_hash( Tokens::hash( $token ) );
		$agent = null !== $row && TokenRows::here( $row );
		// WordPress needs the user anyway, and keeps him.
		$owner = $agent && Rights::exist_for( (int) $row['owner_id'] );
		return Tokens::refusal( $token, $row, $agent, $owner, TokenRows::now() ) ?? $row;
	}

	/** @param array<string, string|null> $row From here on its agent acts, below the token's ceiling. */
	public static function act( array $row, ?CallerContext $caller = null ): bool {
		$owner = (int) $row['owner_id'];
		// In this order: WordPress decides about HTML when the user changes.
		PermissionHelper::act( (int) $row['agent_id'], $owner, Ceiling::of_column( $row['capabilities'] ), (int) $row['token_id'] );
		wp_set_current_user( $owner );
		if ( null !== $caller ) {
			PermissionHelper::set_caller_context( $caller );
		}
		return true;
	}

	public static function message( string $code ): string {
		return self::MESSAGES[ $code ];
	}

	private static function failed( string $code, string $token ): \WP_Error {
		$wait = Attempts::failed( (string) self::server( 'REMOTE_ADDR' ), $token );
		if ( $wait > 0 ) {
			return self::busy( new \WP_Error( 'datamachine_too_many_attempts', 'Too many failed attempts.', array( 'status' => 429, 'retry_after' => $wait ) ) );
		}
		/** This action is documented in hooks/product.json */
		do_action(
			'datamachine_log',
			'warning',
			'Agent auth: invalid or expired token presented',
			array( 'token_prefix' => substr( Tokens::name( $token ), 0, self::LOGGED ) . '...' )
		);
		return new \WP_Error( $code, self::message( $code ), array( 'status' => 401 ) );
	}

	/** @param array<string, string|null> $row Whose token it is. */
	private static function too_deep( array $row, ?CallerContext $caller ): ?\WP_Error {
		$depth = null === $caller ? 0 : $caller->chainDepth();
		if ( 0 === $depth ) {
			return null;
		}
		$settings = get_option( 'datamachine_settings' );
		$ceiling  = CallerContext::ceiling( is_array( $settings ) ? $settings['max_chain_depth'] ?? null : null );
		if ( $depth < $ceiling ) {
			return null;
		}
		/** This action is documented in hooks/product.json */
		do_action(
			'datamachine_log',
			'warning',
			'Agent auth: chain depth exceeded',
			array(
				'agent_id'     => (int) $row['agent_id'],
				'agent_slug'   => $row['agent_slug'],
				'budget'       => 'chain_depth',
				'ceiling'      => $ceiling,
				'current'      => $depth,
				'caller_site'  => $caller->callerSite(),
				'caller_agent' => $caller->callerAgent(),
				'chain_id'     => $caller->chainId(),
			)
		);
		return self::busy(
			new \WP_Error(
				'datamachine_chain_depth_exceeded',
				sprintf( 'A2A chain depth (%d) exceeded. Refusing to extend the chain further.', $depth ),
				array(
					'status'      => 429,
					'retry_after' => CallerContext::RETRY_AFTER,
					'chain_id'    => $caller->chainId(),
					'chain_depth' => $depth,
					'ceiling'     => $ceiling,
				)
			)
		);
	}

	/** The answer to this request says in a header too when to come back. */
	private static function busy( \WP_Error $error ): \WP_Error {
		$seconds = (string) $error->get_error_data()['retry_after'];
		add_filter(
			'rest_post_dispatch',
			static function ( mixed $response ) use ( $seconds ): mixed {
				if ( $response instanceof \WP_HTTP_Response ) {
					$response->header( 'Retry-After', $seconds );
				}
				return $response;
			}
		);
		return $error;
	}

	/** Web servers hand it over in different places, and some leave the first one empty. */
	private static function authorization(): ?string {
		foreach ( array( 'HTTP_AUTHORIZATION', 'REDIRECT_HTTP_AUTHORIZATION' ) as $name ) {
			$value = self::server( $name );
			if ( null !== $value && '' !== $value ) {
				return $value;
			}
		}
		foreach ( function_exists( 'getallheaders' ) ? getallheaders() : array() as $name => $value ) {
			if ( 'authorization' === strtolower( (string) $name ) ) {
				return (string) $value;
			}
		}
		return null;
	}

	/** What an agent of another site says about itself; null when it says nothing, as most callers do. */
	private static function caller(): ?CallerContext {
		$headers = array();
		foreach ( self::CALLER as $name ) {
			$value = self::server( 'HTTP_' . strtoupper( strtr( $name, '-', '_' ) ) );
			if ( null !== $value ) {
				$headers[ $name ] = $value;
			}
		}
		return array() === $headers ? null : CallerContext::fromRequest( $headers );
	}

	private static function server( string $name ): ?string {
		$value = $_SERVER[ $name ] ?? null; // phpcs:ignore WordPress.Security.ValidatedSanitizedInput -- judged as it is.
		return is_string( $value ) ? wp_unslash( $value ) : null;
	}
}
