<?php
/**
 * Notes that composed files are due: once a request, at its end, as a durable event.
 *
 * The sidecar composes them afterwards in a process that has loaded what is active then. Whatever happens in between is
 * an event of its own: nothing is lost.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Memory;

use DataMachine\Bridge\Hooks\Outbox;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Invalidation {

	/** The event; its one argument is a list of names. */
	public const EVENT = 'datamachine_bridge_memory_due';

	/** Stands for every file that the registry calls composable. */
	public const COMPOSABLE = '*';

	/** Files a site starts with, where they are missing; existing ones stay as they are. */
	public const DEFAULTS = 'defaults';

	private const SITE    = 'SITE.md';
	private const NETWORK = 'NETWORK.md';

	private const PLUGINS = array( 'activated_plugin', 'deactivated_plugin' );

	private const SITE_EVENTS = array(
		'switch_theme',
		'update_option_blogname',
		'update_option_blogdescription',
		'update_option_home',
		'update_option_siteurl',
		'update_option_permalink_structure',
		'update_option_page_on_front',
		'update_option_page_for_posts',
		'update_option_show_on_front',
		'wp_update_nav_menu',
		'wp_delete_nav_menu',
		'wp_update_nav_menu_item',
	);

	private const NETWORK_EVENTS = array(
		'switch_theme',
		'update_option_siteurl',
		'update_option_home',
		'update_option_blogname',
		'wp_initialize_site',
		'wp_delete_site',
		'wp_uninitialize_site',
	);

	/** @var array<int, array<string, true>> Files by the blog whose worker composes them. */
	private static array $due = array();

	/** Nobody will be there to compose anything: this plugin is being deactivated. */
	private static bool $stopped = false;

	/** At `init`: hooks that fire before it are none of these. */
	public static function register(): void {
		foreach ( self::PLUGINS as $hook ) {
			self::listen( $hook, array( self::COMPOSABLE, self::SITE, self::NETWORK ) );
		}
		foreach ( self::SITE_EVENTS as $hook ) {
			self::listen( $hook, array( self::SITE ) );
		}
		foreach ( self::NETWORK_EVENTS as $hook ) {
			self::listen( $hook, array( self::NETWORK ) );
		}
		/** Names of further hooks after which composable files are composed again. */
		$hooks = apply_filters( 'datamachine_composable_invalidation_hooks', array() );
		foreach ( is_array( $hooks ) ? array_unique( array_filter( $hooks, 'is_string' ) ) : array() as $hook ) {
			if ( '' !== $hook ) {
				self::listen( $hook, array( self::COMPOSABLE ) );
			}
		}
	}

	/** Note that a file is due when this request ends. */
	public static function note( string $filename ): void {
		if ( self::$stopped || ( self::NETWORK === $filename && ! is_multisite() ) ) {
			return;
		}
		if ( array() === self::$due ) {
			add_action( 'shutdown', array( self::class, 'flush' ), 5, 0 );
		}
		// What lies in WordPress's root or belongs to the network is the main site's to compose.
		$blog = self::SITE === $filename || self::DEFAULTS === $filename ? get_current_blog_id() : get_main_site_id();

		self::$due[ $blog ][ $filename ] = true;
	}

	public static function stop(): void {
		self::$stopped = true;
		self::$due     = array();
	}

	/** At `shutdown`. */
	public static function flush(): void {
		$due       = self::$due;
		self::$due = array();
		foreach ( $due as $blog => $files ) {
			$switched = is_multisite() && get_current_blog_id() !== $blog;
			if ( $switched && null === get_site( $blog ) ) {
				continue;
			}
			if ( $switched ) {
				switch_to_blog( $blog );
			}
			try {
				$files = array_map( 'strval', array_keys( $files ) );
				sort( $files, SORT_STRING );
				if ( ! self::waits( $files ) ) {
					Outbox::record( self::EVENT, 10, 'durable', array( $files ) );
				}
			} finally {
				if ( $switched ) {
					restore_current_blog();
				}
			}
		}
	}

	/** @param list<string> $files */
	private static function listen( string $hook, array $files ): void {
		$callback = static function ( mixed $value = null ) use ( $files ): mixed {
			foreach ( $files as $filename ) {
				self::note( $filename );
			}
			// A plugin may have named a filter.
			return $value;
		};
		add_filter( $hook, $callback, PHP_INT_MAX, 1 );
	}

	/**
	 * Whether the same event stands there and nobody has begun with it: what it will compose includes this change.
	 *
	 * @param list<string> $files
	 */
	private static function waits( array $files ): bool {
		global $wpdb;
		$shown = $wpdb->hide_errors();
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- our own table; what waits now is asked for.
		$found = $wpdb->get_var(
			$wpdb->prepare(
				"SELECT event_id FROM %i WHERE status = 'pending' AND hook = %s AND attempts = 0 AND args LIKE %s LIMIT 1",
				$wpdb->prefix . 'datamachine_bridge_events',
				self::EVENT,
				'%' . $wpdb->esc_like( (string) wp_json_encode( array( $files ) ) ) . '%'
			)
		);
		if ( $shown ) {
			$wpdb->show_errors();
		}
		return null !== $found;
	}
}
