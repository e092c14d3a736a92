<?php
/**
 * Bounds everything WordPress allows the owner of an agent while the agent acts through a token.
 *
 * Its filters exist only as long as such an agent acts: pages have none of them.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Identity;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class CeilingGuard {

	/**
	 * Routes that ask about the agent's rights themselves, and the one that only carries others. All others may ask for no
	 * more than a login, as WordPress does for a comment. Routes have no case.
	 */
	private const ASKING = '#\A/(datamachine|wp-abilities/v1/abilities/datamachine/|batch/v1\z)#i';

	/** What a limited token must list to write through the others. */
	private const LEAST = 'read';

	private const READING = array( 'GET', 'HEAD', 'OPTIONS' );

	/** What WordPress does at `set_current_user`; the later ones came with later versions. */
	private const HTML = array( 'kses_init', '_wp_footnotes_kses_init', 'wp_custom_css_kses_init' );

	private static ?Ceiling $ceiling = null;

	private static int $owner = 0;

	private static int $aside = 0;

	/** From here on, until {@see release()}. Begins before the owner becomes the current user, so that WordPress filters his HTML. */
	public static function hold( Ceiling $ceiling, int $owner ): void {
		if ( null === self::$ceiling ) {
			add_filter( 'map_meta_cap', array( self::class, 'capability' ), PHP_INT_MAX, 3 );
			add_filter( 'rest_request_before_callbacks', array( self::class, 'route' ), PHP_INT_MAX, 3 );
			add_filter( 'wp_ability_permission_result', array( self::class, 'ability' ), PHP_INT_MAX, 4 );
		}
		self::$ceiling = $ceiling;
		self::$owner   = $owner;
		self::judge_html( $owner );
	}

	public static function release(): void {
		if ( null === self::$ceiling ) {
			return;
		}
		self::$ceiling = null;
		remove_filter( 'map_meta_cap', array( self::class, 'capability' ), PHP_INT_MAX );
		remove_filter( 'rest_request_before_callbacks', array( self::class, 'route' ), PHP_INT_MAX );
		remove_filter( 'wp_ability_permission_result', array( self::class, 'ability' ), PHP_INT_MAX );
		self::judge_html( self::$owner );
	}

	/**
	 * Ask what WordPress says of the owner himself.
	 *
	 * @template T
	 * @param callable(): T $question
	 * @return T
	 */
	public static function aside( callable $question ): mixed {
		++self::$aside;
		try {
			return $question();
		} finally {
			--self::$aside;
		}
	}

	/**
	 * Filter `map_meta_cap`: what is beyond the ceiling nobody may, not even who administers a network.
	 *
	 * @param mixed $needed     Primitive capabilities.
	 * @param mixed $capability What was asked.
	 * @param mixed $user_id    Of whom.
	 */
	public static function capability( $needed, $capability, $user_id ): mixed {
		if ( null === self::$ceiling || self::$aside > 0 || (int) $user_id !== self::$owner ) {
			return $needed;
		}
		return self::$ceiling->allows( (string) $capability, (array) $needed ) ? $needed : array( 'do_not_allow' );
	}

	/**
	 * Filter `rest_request_before_callbacks`, for each request of a batch too: writing, and reading what only editors see, takes
	 * a capability even where a route asks for none but a login.
	 *
	 * @param mixed            $response An answer somebody gave already.
	 * @param mixed            $handler  The route's.
	 * @param \WP_REST_Request $request
	 */
	public static function route( $response, $handler, $request ): mixed {
		unset( $handler );
		if ( is_wp_error( $response ) || null === self::$ceiling || self::$ceiling->lists( self::LEAST ) || 1 === preg_match( self::ASKING, $request->get_route() ) ) {
			return $response;
		}
		if ( in_array( $request->get_method(), self::READING, true ) && 'edit' !== $request['context'] ) {
			return $response;
		}
		return new \WP_Error( 'rest_forbidden', __( 'Sorry, you are not allowed to do that.' ), array( 'status' => 403 ) ); // phpcs:ignore WordPress.WP.I18n.MissingArgDomain -- WordPress's own words.
	}

	/**
	 * Filter `wp_ability_permission_result`.
	 *
	 * @param mixed       $permission What the ability itself says.
	 * @param mixed       $name       For example `datamachine/get-flows`.
	 * @param mixed       $input      What it would be executed with.
	 * @param \WP_Ability $ability
	 */
	public static function ability( $permission, $name, $input, $ability ): mixed {
		unset( $input );
		return true === $permission ? self::ability_refusal( (string) $name, $ability->get_category() ) ?? true : $permission;
	}

	/** Why the acting token does not leave an ability; null when it does, and when no token acts. */
	public static function ability_refusal( string $name, string $category ): ?\WP_Error {
		if ( null === self::$ceiling || self::$ceiling->allows_ability( $name, $category ) ) {
			return null;
		}
		return new \WP_Error(
			'datamachine_ability_scope_denied',
			__( 'The active agent token is not allowed to execute this Data Machine ability.', 'datamachine-bridge' ),
			array(
				'status'  => 403,
				'ability' => $name,
			)
		);
	}

	/** WordPress decides who may store any HTML when the current user changes; now it is his rights that have. */
	private static function judge_html( int $owner ): void {
		$user = $GLOBALS['current_user'] ?? null;
		if ( ! $user instanceof \WP_User || $user->ID !== $owner ) {
			return;
		}
		foreach ( self::HTML as $decide ) {
			if ( function_exists( $decide ) ) {
				$decide();
			}
		}
	}
}
