<?php
/**
 * What WordPress says one user may do on the current blog, every filter of the site included.
 *
 * It is said of the user himself: what a token leaves of it is asked separately.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Identity;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Rights {

	/** Action keys; each stands for the capability with the prefix. */
	public const ACTIONS = array( 'manage_agents', 'manage_flows', 'manage_settings', 'chat', 'use_tools', 'view_logs', 'create_own_agent' );

	public const PREFIX = 'datamachine_';

	/** Questions about one post, user, ... rather than capabilities; some plugins give them to roles all the same. */
	private const QUESTIONS = '/^(edit|delete|read|publish|assign|promote|remove)_(post|page|user|comment|term|block_binding)$|_(post|comment|term|user)_meta$|_app_passwords?$/';

	private function __construct( private readonly ?\WP_User $user, public readonly bool $administrator, public readonly bool $network ) {
	}

	/** A user that does not exist, or is suspended on a network, has nothing. */
	public static function of( int $user_id ): self {
		$user = self::user( $user_id );
		if ( null === $user ) {
			return new self( null, false, false );
		}
		$administrator = self::holds( $user, 'manage_options' );
		return new self( $user, $administrator, is_multisite() ? is_super_admin( $user->ID ) : $administrator );
	}

	/** Whether there is such a user, who is not suspended. */
	public static function exist_for( int $user_id ): bool {
		return null !== self::user( $user_id );
	}

	/** The capability an action key stands for; null for an unknown one. */
	public static function capability( string $action ): ?string {
		return in_array( $action, self::ACTIONS, true ) ? self::PREFIX . $action : null;
	}

	/** Whether the user exists and is not suspended. */
	public function known(): bool {
		return null !== $this->user;
	}

	/** Administrators pass every known action. */
	public function can( string $action ): bool {
		$capability = self::capability( $action );
		return null !== $this->user && null !== $capability && ( $this->administrator || self::holds( $this->user, $capability ) );
	}

	/** @return list<string> */
	public function actions(): array {
		return array_values( array_filter( self::ACTIONS, $this->can( ... ) ) );
	}

	/**
	 * Names of all capabilities the user has.
	 *
	 * @return list<string>
	 */
	public function capabilities(): array {
		if ( null === $this->user ) {
			return array();
		}
		$known = Capabilities::ALL;
		foreach ( wp_roles()->roles as $role ) {
			$known = array_merge( $known, array_keys( $role['capabilities'] ) );
		}
		$known = array_unique( array_merge( $known, array_keys( $this->user->allcaps ) ) );
		$names = preg_grep( self::QUESTIONS, array_map( 'strval', $known ), PREG_GREP_INVERT );
		return array_values( array_filter( $names, fn( string $name ): bool => self::holds( $this->user, $name ) ) );
	}

	private static function holds( \WP_User $user, string $capability ): bool {
		return CeilingGuard::aside( static fn(): bool => user_can( $user, $capability ) );
	}

	private static function user( int $user_id ): ?\WP_User {
		$user = $user_id > 0 ? get_userdata( $user_id ) : false;
		if ( ! $user instanceof \WP_User ) {
			return null;
		}
		$suspended = is_multisite() && ( ! empty( $user->spam ) || ! empty( $user->deleted ) );
		return $suspended ? null : $user;
	}
}
