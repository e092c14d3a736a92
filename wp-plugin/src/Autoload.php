<?php
/**
 * Class files of this plugin: DataMachine\Bridge\Area\Thing is src/Area/Thing.php.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge;

final class Autoload {
	private const PREFIX = 'DataMachine\\Bridge\\';

	public static function register( string $folder ): void {
		spl_autoload_register(
			static function ( string $name ) use ( $folder ): void {
				if ( str_starts_with( $name, self::PREFIX ) ) {
					$file = $folder . '/' . strtr( substr( $name, strlen( self::PREFIX ) ), '\\', '/' ) . '.php';
					if ( is_file( $file ) ) {
						require $file;
					}
				}
			}
		);
	}
}
