<?php
/**
 * WordPress's filesystem, initialised once.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\FilesRepository;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class FilesystemHelper {

	/** The web server and coding agents of its group both write memory. */
	public const AGENT_FILE_PERMISSIONS = 0664;
	public const AGENT_DIR_PERMISSIONS  = 0775;

	private static bool $initialised = false;

	/** Whether files can be used without asking for credentials. */
	public static function init(): bool {
		if ( ! self::$initialised ) {
			require_once ABSPATH . 'wp-admin/includes/file.php';
			self::$initialised = true === WP_Filesystem();
		}
		return self::$initialised;
	}

	public static function get(): ?\WP_Filesystem_Base {
		global $wp_filesystem;
		return self::init() && $wp_filesystem instanceof \WP_Filesystem_Base ? $wp_filesystem : null;
	}

	/** Lets the file's group write it too. */
	public static function make_group_writable( string $filepath ): bool {
		return is_file( $filepath ) && chmod( $filepath, self::AGENT_FILE_PERMISSIONS ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- the very thing that was asked for.
	}

	public static function reset(): void {
		self::$initialised = false;
	}
}
