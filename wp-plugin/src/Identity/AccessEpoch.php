<?php
/**
 * Says when rights have changed, so that nobody goes by an older answer.
 *
 * The sidecar remembers for a short while what WordPress said about a user. A random text in one row of the main site's
 * options becomes another one with every change of users, roles, capabilities and code that judges them, before the
 * request that made the change goes on. Readers compare it and drop what they remember.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Identity;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class AccessEpoch {

	/** The sidecar reads it. */
	public const OPTION = 'datamachine_bridge_access_epoch';

	/** Roles, what code there is that may filter capabilities, and how dates are written, which the sidecar remembers too. */
	private const OPTIONS = '/(^|_)user_roles$|^(active_plugins|stylesheet|template|date_format|time_format|timezone_string|gmt_offset)$/';

	/** WordPress keeps a user's roles and capabilities of each blog under `{prefix}capabilities`. */
	private const META = '/capabilities$/';

	/** Changes that are no user meta and no option of a blog. */
	private const EVENTS = array(
		'deleted_user',
		'make_spam_user',
		'make_ham_user',
		'make_delete_user',
		'make_undelete_user',
		'granted_super_admin',
		'revoked_super_admin',
		'add_site_option_site_admins',
		'update_site_option_site_admins',
		'delete_site_option_site_admins',
		'add_site_option_active_sitewide_plugins',
		'update_site_option_active_sitewide_plugins',
	);

	public static function register(): void {
		foreach ( self::EVENTS as $event ) {
			add_action( $event, array( self::class, 'bump' ), 10, 0 );
		}
		foreach ( array( 'added_user_meta', 'updated_user_meta', 'deleted_user_meta' ) as $event ) {
			add_action( $event, array( self::class, 'meta_changed' ), 10, 3 );
		}
		foreach ( array( 'added_option', 'updated_option', 'deleted_option' ) as $event ) {
			add_action( $event, array( self::class, 'option_changed' ) );
		}
	}

	/**
	 * @param mixed $meta_id Or several.
	 * @param mixed $user_id Whose.
	 * @param mixed $key     The meta key.
	 */
	public static function meta_changed( $meta_id, $user_id, $key ): void {
		if ( is_string( $key ) && 1 === preg_match( self::META, $key ) ) {
			self::bump();
		}
	}

	/** @param mixed $name The option. */
	public static function option_changed( $name ): void {
		if ( is_string( $name ) && 1 === preg_match( self::OPTIONS, $name ) ) {
			self::bump();
		}
	}

	/**
	 * A new epoch, at every change: between two changes of one request somebody may have asked.
	 *
	 * Past WordPress's caches, as it is read: no other code of WordPress knows this row.
	 */
	public static function bump(): void {
		global $wpdb;
		// phpcs:disable WordPress.DB.DirectDatabaseQuery -- see above.
		$shown = $wpdb->suppress_errors();
		$wpdb->query(
			$wpdb->prepare(
				'INSERT INTO %i (option_name, option_value, autoload) VALUES (%s, %s, %s) ON DUPLICATE KEY UPDATE option_value = VALUES(option_value)',
				$wpdb->base_prefix . 'options',
				self::OPTION,
				bin2hex( random_bytes( 16 ) ),
				'off'
			)
		);
		$wpdb->suppress_errors( $shown );
		// phpcs:enable
	}
}
