<?php
/**
 * What Python asks WordPress about users, slugs and declared agents.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Identity;

use DataMachine\Abilities\PermissionHelper;
use DataMachine\Bridge\Host\Failure;
use DataMachine\Bridge\Host\Operations;
use DataMachine\Bridge\Host\Params;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class HostOperations {

	public static function register(): void {
		foreach ( array( 'answers', 'slug', 'declared', 'removed', 'forget', 'act_as', 'capabilities' ) as $operation ) {
			Operations::register( "identity.$operation", array( self::class, $operation ) );
		}
	}

	/**
	 * `{user_id, fresh?}` gives `{actions, administrator, network, known}`: what the user may do on the current blog;
	 * `fresh` for a process that may be older than the last change of rights.
	 *
	 * @param array<string, mixed> $params
	 * @return array{actions: list<string>, administrator: bool, network: bool, known: bool}
	 */
	public static function answers( array $params ): array {
		$user_id = Params::id( $params, 'user_id' );
		// A process may serve Python for longer than what it remembers of a user holds.
		wp_cache_delete( $user_id, 'users' );
		wp_cache_delete( $user_id, 'user_meta' );
		if ( true === ( $params['fresh'] ?? false ) ) {
			// Roles are an option that autoloads; a cache that cannot forget can at least be asked again.
			wp_cache_supports( 'flush_runtime' ) ? wp_cache_flush_runtime() : wp_cache_get( 'alloptions', 'options', true );
			wp_roles()->for_site();
		}
		$rights = Rights::of( $user_id );
		return array(
			'actions'       => $rights->actions(),
			'administrator' => $rights->administrator,
			'network'       => $rights->network,
			'known'         => $rights->known(),
		);
	}

	/**
	 * `{text, name?}` gives `{slug, name}` as WordPress makes them, accents folded; either may come out empty.
	 *
	 * WordPress cuts a slug at 200 bytes without a word. A longer one is given whole, so that it can be refused.
	 *
	 * @param array<string, mixed> $params
	 * @return array{slug: string, name: string}
	 */
	public static function slug( array $params ): array {
		$text  = self::optional( $params, 'text' );
		$whole = utf8_uri_encode( remove_accents( wp_strip_all_tags( $text ) ) );
		return array(
			'slug' => strlen( $whole ) > 200 ? strtolower( $whole ) : sanitize_title( $text ),
			'name' => sanitize_text_field( self::optional( $params, 'name' ) ),
		);
	}

	/**
	 * `{slug}`: whether a plugin, or this one, declares an agent of that slug.
	 *
	 * @param array<string, mixed> $params
	 */
	public static function declared( array $params ): bool {
		return function_exists( 'wp_has_agent' ) && did_action( 'init' ) > 0 && wp_has_agent( Params::text( $params, 'slug' ) );
	}

	/**
	 * `{slug, user_id}` remembers that somebody removed a declared agent; without a user, that it may come back.
	 *
	 * @param array<string, mixed> $params
	 * @throws Failure
	 */
	public static function removed( array $params ): bool {
		$slug = Params::text( $params, 'slug' );
		if ( isset( $params['user_id'] ) ) {
			self::must( 'manage_agents' );
			RemovedAgents::add( $slug, Params::id( $params, 'user_id' ) );
		} else {
			// Whoever may create an agent of that slug brings it back by doing so.
			self::must( 'manage_agents', 'create_own_agent' );
			RemovedAgents::forget( $slug );
		}
		Materializer::forget();
		return true;
	}

	/**
	 * `{}`: the next request hands the declared agents to the sidecar again. Costs one call, so anybody may.
	 *
	 * @param array<string, mixed> $params
	 */
	public static function forget( array $params ): bool {
		unset( $params );
		Materializer::forget();
		return true;
	}

	/**
	 * `{agent_id, token_id, capabilities}`: from here on the current user, its owner, acts as the agent, below what the token
	 * leaves, and below `capabilities` unless they are null. Both rows are read again.
	 *
	 * @param array<string, mixed> $params
	 * @throws Failure `forbidden` when agent or token are gone, or somebody else's.
	 */
	public static function act_as( array $params ): bool {
		$agent_id = Params::id( $params, 'agent_id' );
		$token_id = isset( $params['token_id'] ) ? Params::id( $params, 'token_id' ) : null;
		$limit    = isset( $params['capabilities'] ) ? Params::items( $params, 'capabilities' ) : null;
		$row      = null === $token_id ? TokenRows::agent( $agent_id ) : TokenRows::by_id( $token_id );
		$user_id  = get_current_user_id();
		$usable   = null !== $row && (int) $row['agent_id'] === $agent_id && $user_id > 0 && (int) $row['owner_id'] === $user_id
			&& TokenRows::here( $row ) && ( null === $token_id || ! Tokens::ended( $row['expires_at'], TokenRows::now() ) );
		if ( ! $usable ) {
			throw new Failure( 'forbidden', sprintf( 'User %d does not act as agent %d.', $user_id, $agent_id ), 403 );
		}
		$ceiling = Ceiling::of_column( null === $token_id ? null : $row['capabilities'] );
		PermissionHelper::act( $agent_id, $user_id, $ceiling->within( $limit ), $token_id );
		return true;
	}

	/**
	 * `{user_id}` gives the names of all capabilities the user holds on the current blog, whatever acts now.
	 *
	 * @param array<string, mixed> $params
	 * @return list<string>
	 */
	public static function capabilities( array $params ): array {
		return Rights::of( Params::id( $params, 'user_id' ) )->capabilities();
	}

	/** @throws Failure */
	private static function must( string ...$actions ): void {
		foreach ( $actions as $action ) {
			if ( PermissionHelper::can( $action ) ) {
				return;
			}
		}
		throw new Failure(
			'forbidden',
			sprintf( 'User %d lacks the capability "%s".', PermissionHelper::acting_user_id(), Rights::capability( $actions[0] ) ),
			is_user_logged_in() ? 403 : 401
		);
	}

	/** @param array<string, mixed> $params */
	private static function optional( array $params, string $name ): string {
		$value = $params[ $name ] ?? '';
		if ( ! is_string( $value ) ) {
			throw new Failure( 'invalid_parameter', sprintf( 'Parameter "%s" must be a string.', $name ), 400 );
		}
		return $value;
	}
}
