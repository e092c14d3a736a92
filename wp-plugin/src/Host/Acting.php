<?php
/**
 * As whom this process acts for Python: the current user, or the system.
 *
 * The system is WordPress acting for itself, as in WP-Cron or WP-CLI: a unit opened for nobody in the cron context, or
 * an operator's command. Everybody else needs the capability an operation names, judged by WordPress for the current
 * user and blog.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Host;

final class Acting {

	private static bool $system = false;

	/** @var array{0: int, 1: int, 2: int}|null User, depth of switched blogs, depth of switched locales. */
	private static ?array $before = null;

	/** A unit says so once, before its first operation. */
	public static function as_system( bool $system ): void {
		self::$system = $system;
	}

	/** True while nobody's capabilities limit us; naming a user ends it for as long as that user is current. */
	public static function is_system(): bool {
		return 0 === get_current_user_id() && ( self::$system || self::is_operator() );
	}

	/** The site's own queue runs, in the library's runner or in a unit of ours that nobody was named for. */
	public static function is_site(): bool {
		return doing_action( 'action_scheduler_run_queue' ) || ( self::$system && 0 === get_current_user_id() );
	}

	/** A command line may do everything, unless a filter of the site has ended that. */
	public static function is_operator(): bool {
		/** This filter is documented in hooks/product.json */
		return defined( 'WP_CLI' ) && WP_CLI && apply_filters( 'datamachine_cli_bypass_permissions', true );
	}

	/** @throws Failure When the current user may not. */
	public static function must( string $capability, mixed ...$args ): void {
		if ( self::is_system() || current_user_can( $capability, ...$args ) ) {
			return;
		}
		throw new Failure(
			'forbidden',
			sprintf( 'User %d lacks the capability "%s".', get_current_user_id(), $capability ),
			is_user_logged_in() ? 403 : 401,
			array( 'capability' => $capability )
		);
	}

	/**
	 * Remember user, blog and locale before the first change a call of Python makes to them.
	 *
	 * A PHP request that waits on Python must find itself unchanged when the answer is there.
	 */
	public static function remember(): void {
		self::$before ??= array( get_current_user_id(), self::blog_depth(), self::locale_depth() );
	}

	/** Put back what was remembered; the bridge's client does this when its outermost call ends. */
	public static function restore(): void {
		if ( null === self::$before ) {
			return;
		}
		list( $user, $blogs, $locales ) = self::$before;
		self::$before                   = null;
		while ( self::blog_depth() > $blogs && restore_current_blog() ) {
			continue;
		}
		while ( self::locale_depth() > $locales && false !== restore_previous_locale() ) {
			continue;
		}
		if ( get_current_user_id() !== $user ) {
			wp_set_current_user( $user );
		}
	}

	private static function blog_depth(): int {
		return count( $GLOBALS['_wp_switched_stack'] ?? array() );
	}

	private static function locale_depth(): int {
		$switcher = $GLOBALS['wp_locale_switcher'] ?? null;
		if ( ! $switcher instanceof \WP_Locale_Switcher || ! $switcher->is_switched() ) {
			return 0;
		}
		// The stack is private; its depth is what a restore needs.
		return count( ( static fn( \WP_Locale_Switcher $s ): array => $s->stack )->bindTo( null, \WP_Locale_Switcher::class )( $switcher ) );
	}
}
