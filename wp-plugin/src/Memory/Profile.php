<?php
/**
 * What USER.md begins with: what WordPress knows about a person.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Memory;

use DataMachine\Bridge\Host\Params;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Profile {

	/**
	 * Host operation `memory.profile`: `{user_id}` gives `{name, login, role, since, posts, bio}`, or null for nobody.
	 *
	 * @param array<string, mixed> $params
	 * @return array{name: string, login: string, role: string, since: string, posts: int, bio: string}|null
	 */
	public static function of( array $params ): ?array {
		$user = get_userdata( Params::id( $params, 'user_id' ) );
		if ( ! $user instanceof \WP_User ) {
			return null;
		}
		$roles = array_values( $user->roles );
		return array(
			'name'  => Markdown::line( $user->display_name ),
			'login' => Markdown::line( $user->user_login ),
			'role'  => ucfirst( (string) ( $roles[0] ?? '' ) ),
			// Not in the language of whoever asks.
			'since' => gmdate( 'F Y', (int) strtotime( $user->user_registered . ' UTC' ) ),
			'posts' => (int) count_user_posts( $user->ID, 'post', true ),
			'bio'   => trim( wp_strip_all_tags( (string) $user->description ) ),
		);
	}
}
