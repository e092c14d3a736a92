<?php
/**
 * What the sidecar must know of this blog to find its memory.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Memory;

use DataMachine\Engine\AI\MemoryFileRegistry;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Site {

	/** The folder below uploads that holds everything, unless the constant names another. */
	public const FOLDER = 'datamachine-files';

	/** Constant of wp-config.php: an absolute folder, outside the web root, in place of the one below uploads. */
	public const FILES_DIR = 'DATAMACHINE_FILES_DIR';

	/** @return array<string, mixed> Folders without a slash at the end, versions, and the registered memory files. */
	public static function facts( int $blog_id = 0 ): array {
		if ( $blog_id > 0 && get_current_blog_id() !== $blog_id && is_multisite() ) {
			switch_to_blog( $blog_id );
			try {
				return self::here();
			} finally {
				restore_current_blog();
			}
		}
		return self::here();
	}

	/** Where this blog's memory, flows' files and jobs' packets are. */
	public static function base(): string {
		$chosen = self::files_dir();
		if ( '' === $chosen ) {
			return self::uploads() . '/' . self::FOLDER;
		}
		return is_multisite() && ! is_main_site() ? "$chosen/sites/" . get_current_blog_id() : $chosen;
	}

	/** The same of the network's main site, where users and the network keep theirs. */
	public static function network_base(): string {
		$chosen = self::files_dir();
		return '' === $chosen ? self::network_uploads() . '/' . self::FOLDER : $chosen;
	}

	/** The folder that wp-config.php names; '' when it names none, or one that is not absolute. */
	public static function files_dir(): string {
		$chosen = defined( self::FILES_DIR ) ? constant( self::FILES_DIR ) : '';
		$chosen = is_string( $chosen ) ? rtrim( $chosen, '/' ) : '';
		return str_starts_with( $chosen, '/' ) ? $chosen : '';
	}

	public static function uploads(): string {
		return untrailingslashit( wp_upload_dir( null, false )['basedir'] );
	}

	/** Of the network's main site, where users and the network keep theirs. */
	public static function network_uploads(): string {
		if ( ! is_multisite() || is_main_site() ) {
			return self::uploads();
		}
		switch_to_blog( get_main_site_id() );
		try {
			return self::uploads();
		} finally {
			restore_current_blog();
		}
	}

	/** The address of network_uploads(). */
	public static function network_uploads_url(): string {
		if ( is_multisite() && ! is_main_site() ) {
			switch_to_blog( get_main_site_id() );
			try {
				return untrailingslashit( wp_upload_dir( null, false )['baseurl'] );
			} finally {
				restore_current_blog();
			}
		}
		return untrailingslashit( wp_upload_dir( null, false )['baseurl'] );
	}

	/** @return array<string, mixed> */
	private static function here(): array {
		$files = array();
		foreach ( MemoryFileRegistry::get_all() as $filename => $file ) {
			$files[] = array(
				'filename'        => (string) $filename,
				'layer'           => $file['layer'],
				'composable'      => $file['composable'],
				'convention_path' => $file['convention_path'],
				'priority'        => $file['priority'],
				'protected'       => $file['protected'],
				'editable'        => $file['editable'],
				'modes'           => $file['modes'],
				'label'           => $file['label'],
				'description'     => $file['description'],
			);
		}
		return array(
			'uploads'         => self::uploads(),
			'network_uploads' => self::network_uploads(),
			'base'            => self::base(),
			'network_base'    => self::network_base(),
			'abspath'         => untrailingslashit( ABSPATH ),
			'blog_id'         => get_current_blog_id(),
			'site_name'       => wp_specialchars_decode( (string) get_option( 'blogname' ), ENT_QUOTES ),
			'wordpress'       => (string) $GLOBALS['wp_version'],
			'php'             => PHP_VERSION,
			'plugin'          => DATAMACHINE_BRIDGE_VERSION,
			'files'           => $files,
			'store_filtered'  => self::is_store_filtered(),
		);
	}

	/** Whether anybody but this plugin hears `agents_api_memory_store`: without one, asking again is idle. */
	private static function is_store_filtered(): bool {
		global $wp_filter;
		if ( isset( $wp_filter['all'] ) && array() !== $wp_filter['all']->callbacks ) {
			return true;
		}
		foreach ( $wp_filter['agents_api_memory_store']->callbacks ?? array() as $callbacks ) {
			foreach ( $callbacks as $callback ) {
				if ( array( Module::class, 'offer' ) !== $callback['function'] ) {
					return true;
				}
			}
		}
		return false;
	}
}
