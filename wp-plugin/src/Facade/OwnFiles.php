<?php
/**
 * Which files of this server a run may hand on: those below the uploads and the product's own folder.
 *
 * A path in engine data may come from whoever started the run. Without this, it could name wp-config.php.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Facade;

use DataMachine\Bridge\Memory\Site;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class OwnFiles {

	/** Types that are no pictures or films, wherever they lie. */
	private const NEVER = '/\.(?:php\d?|phtml|phar|json|md|txt|log|sql|sqlite3?|htaccess|env|ini|ya?ml)$/i';

	/** The path as it was given; null for a file elsewhere, and for one that is not there. */
	public static function medium( ?string $path ): ?string {
		$real = null === $path || '' === $path ? false : realpath( $path );
		if ( false === $real || ! is_file( $real ) || 1 === preg_match( self::NEVER, $real ) ) {
			return null;
		}
		foreach ( array( (string) wp_upload_dir( null, false )['basedir'], Site::base() ) as $base ) {
			$base = realpath( $base );
			if ( false !== $base && str_starts_with( $real, $base . '/' ) ) {
				return $path;
			}
		}
		return null;
	}
}
