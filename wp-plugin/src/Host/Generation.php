<?php
/**
 * What a loaded WordPress depends on: when it differs from what the database says now, it must be loaded again.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Host;

final class Generation {

	/** Options that decide which code is loaded and what it assumes; all of them autoload. */
	private const OPTIONS = array(
		'active_plugins',
		'template',
		'stylesheet',
		'siteurl',
		'home',
		'upload_path',
		'upload_url_path',
		'WPLANG',
		'timezone_string',
		'gmt_offset',
		'permalink_structure',
		'datamachine_bridge',
		'datamachine_bridge_manifest',
	);

	/** From the database of this moment; costs nothing beyond the autoloaded options. */
	public static function current(): string {
		global $wpdb;
		$options = wp_load_alloptions();
		$facts   = array( $options[ $wpdb->prefix . 'user_roles' ] ?? '' );
		foreach ( self::OPTIONS as $name ) {
			$facts[] = $options[ $name ] ?? '';
		}
		if ( is_multisite() ) {
			$facts[] = serialize( get_site_option( 'active_sitewide_plugins', array() ) ); // phpcs:ignore -- compared, never read back.
		}
		return md5( implode( "\0", array_map( 'strval', $facts ) ) );
	}

	/**
	 * Files whose change means other code: what plugins, themes and must-use plugins have loaded, and where new ones
	 * would appear.
	 *
	 * @return list<string>
	 */
	public static function files(): array {
		$core  = array( ABSPATH . WPINC . '/', ABSPATH . 'wp-admin/' );
		$files = array( ABSPATH . WPINC . '/version.php' );
		foreach ( get_included_files() as $file ) {
			if ( ! str_starts_with( $file, $core[0] ) && ! str_starts_with( $file, $core[1] ) ) {
				$files[] = $file;
			}
		}
		// Unresolved paths as well: a deployment may turn a link to another folder.
		foreach ( wp_get_active_and_valid_plugins() as $file ) {
			$files[] = $file;
		}
		foreach ( array( 'object-cache.php', 'db.php', 'advanced-cache.php' ) as $drop_in ) {
			$files[] = WP_CONTENT_DIR . '/' . $drop_in;
		}
		$files[] = WPMU_PLUGIN_DIR;
		return array_values( array_unique( $files ) );
	}
}
