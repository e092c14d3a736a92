<?php
/**
 * Operations on who acts, and what a user may do.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Host\Operation;

use DataMachine\Bridge\Host\Acting;
use DataMachine\Bridge\Host\Failure;
use DataMachine\Bridge\Host\Params;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Users {

	/**
	 * Whether a user has a capability: `{user_id, capability, args?}` gives a boolean. User 0 is an anonymous visitor.
	 *
	 * @param array<string, mixed> $params
	 */
	public static function can( array $params ): bool {
		$user       = Params::id( $params, 'user_id', get_current_user_id() );
		$capability = Params::text( $params, 'capability' );
		$args       = array_values( Params::items( $params, 'args' ) );
		return 0 === $user ? user_can( new \WP_User( 0 ), $capability, ...$args ) : user_can( $user, $capability, ...$args );
	}

	/**
	 * `{user_id}` gives `{id, login, nicename, email, display_name, registered, locale, roles, capabilities}` or null.
	 *
	 * @param array<string, mixed> $params
	 * @return array<string, mixed>|null
	 */
	public static function get( array $params ): ?array {
		$id = Params::id( $params, 'user_id' );
		if ( get_current_user_id() !== $id || 0 === $id ) {
			Acting::must( 'list_users' );
		}
		$user = get_userdata( $id );
		if ( ! $user instanceof \WP_User ) {
			return null;
		}
		return array(
			'id'           => $user->ID,
			'login'        => $user->user_login,
			'nicename'     => $user->user_nicename,
			'email'        => $user->user_email,
			'display_name' => $user->display_name,
			'registered'   => $user->user_registered,
			'locale'       => get_user_locale( $user ),
			'roles'        => array_values( $user->roles ),
			'capabilities' => array_keys( array_filter( $user->allcaps ) ),
		);
	}

	/**
	 * Act as another user from here on: `{user_id}` gives the previous id.
	 *
	 * @param array<string, mixed> $params
	 */
	public static function become( array $params ): int {
		$id       = Params::id( $params, 'user_id' );
		$previous = get_current_user_id();
		if ( $id === $previous ) {
			return $previous;
		}
		if ( 0 !== $id && ! get_userdata( $id ) instanceof \WP_User ) {
			throw new Failure( 'user_not_found', sprintf( 'There is no user %d.', $id ), 404 );
		}
		Acting::remember();
		wp_set_current_user( $id );
		return $previous;
	}

	/**
	 * Work on another blog of the network: `{blog_id}` gives the previous id. 0 goes back to the blog before.
	 *
	 * @param array<string, mixed> $params
	 */
	public static function blog( array $params ): int {
		$id       = Params::id( $params, 'blog_id' );
		$previous = get_current_blog_id();
		if ( 0 === $id ) {
			if ( is_multisite() ) {
				restore_current_blog();
			}
			return $previous;
		}
		if ( $id === $previous ) {
			return $previous;
		}
		// switch_to_blog() accepts any number and fails later, in SQL; a blog that is being made has no tables yet.
		if ( ! is_multisite() || null === get_site( $id ) || ! wp_is_site_initialized( $id ) ) {
			throw new Failure( 'blog_not_found', sprintf( 'There is no blog %d.', $id ), 404 );
		}
		Acting::remember();
		switch_to_blog( $id );
		return $previous;
	}
}
