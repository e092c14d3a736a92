<?php
/**
 * The fence row: which site this is, who is the product on it, and since which switch.
 *
 * Workers read it in every claim; a higher epoch stops those that started before. The autoloaded copy of it lets a
 * page see, without a query, that the database belongs to another site.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Hooks;

use DataMachine\Bridge\Host\Acting;
use DataMachine\Bridge\Plugin;
use DataMachine\Bridge\Role;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Fence {

	public const OPTION   = 'datamachine_bridge_fence';
	public const INACTIVE = 'inactive';

	/** Follow the modes: activating or deactivating PHP Data Machine switches between product and companion. */
	public static function register( Plugin $plugin ): void {
		$own    = $plugin->basename();
		$follow = static function () use ( $own ): void {
			$active = Role::active_plugins();
			if ( in_array( $own, $active, true ) ) {
				self::follow( ( new Role( $own, $active ) )->mode() );
			}
		};
		add_action( 'update_option_active_plugins', $follow );
		// What a network activates is active on each of its sites.
		add_action( 'update_site_option_active_sitewide_plugins', static fn() => Plugin::on_sites( true, $follow ) );
	}

	/** True on a copy of the site (other address or other database): bridge and workers stay off until the operator decides. */
	public static function is_copy(): bool {
		static $copy = array();
		return $copy[ get_current_blog_id() ] ??= self::differs( get_option( self::OPTION ) );
	}

	/** @param mixed $known The option's value. */
	private static function differs( $known ): bool {
		return is_array( $known ) && isset( $known['home_url'], $known['database_name'] )
			&& ( self::home() !== $known['home_url'] || DB_NAME !== $known['database_name'] );
	}

	/** Switch the mode and begin a new epoch; the first switch gives the site its identity. */
	public static function switch_to( string $mode ): void {
		global $wpdb;
		// phpcs:disable WordPress.DB.DirectDatabaseQuery -- our own table, read by another process: never cached.
		$shown = $wpdb->hide_errors();
		$wpdb->query(
			$wpdb->prepare(
				'INSERT INTO %i (id, site_uuid, home_url, database_name, mode, epoch, updated_at) VALUES (1, %s, %s, %s, %s, 1, UTC_TIMESTAMP(6))'
					. ' ON DUPLICATE KEY UPDATE mode = VALUES(mode), epoch = epoch + 1, updated_at = VALUES(updated_at)',
				self::table(),
				wp_generate_uuid4(),
				self::home(),
				DB_NAME,
				$mode
			)
		);
		// phpcs:enable
		self::mirror();
		if ( $shown ) {
			$wpdb->show_errors();
		}
	}

	/** Only a real change of mode begins a new epoch. */
	private static function follow( string $mode ): void {
		$known = get_option( self::OPTION );
		if ( ! is_array( $known ) || $mode !== ( $known['mode'] ?? null ) ) {
			self::switch_to( $mode );
		}
	}

	/**
	 * Host operation `fence.adopt`: `{as: moved|copy}`. Moved keeps the site's identity, a copy gets one of its own.
	 *
	 * @param array<string, mixed> $params
	 * @return array<string, mixed> The row as it is now.
	 */
	public static function adopt( array $params ): array {
		global $wpdb;
		Acting::must( 'manage_options' );
		$values = array(
			'home_url'      => self::home(),
			'database_name' => DB_NAME,
		);
		if ( 'copy' === ( $params['as'] ?? '' ) ) {
			$values['site_uuid'] = wp_generate_uuid4();
		}
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- as above.
		$wpdb->update( self::table(), $values, array( 'id' => 1 ) );
		self::switch_to( Plugin::instance()->mode() );
		return (array) get_option( self::OPTION, array() );
	}

	private static function mirror(): void {
		global $wpdb;
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- as above.
		$row = $wpdb->get_row( $wpdb->prepare( 'SELECT site_uuid, home_url, database_name, mode, epoch FROM %i WHERE id = 1', self::table() ), ARRAY_A );
		if ( is_array( $row ) ) {
			update_option( self::OPTION, array( 'epoch' => (int) $row['epoch'] ) + $row, true );
		}
	}

	private static function table(): string {
		global $wpdb;
		return $wpdb->prefix . 'datamachine_bridge_sites';
	}

	/** The stored address, as the sidecar reads it: without constants of one wp-config.php and without other plugins' filters. */
	private static function home(): string {
		$options = wp_load_alloptions();
		return untrailingslashit( (string) ( $options['home'] ?? get_option( 'home' ) ) );
	}
}
