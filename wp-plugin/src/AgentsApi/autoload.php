<?php
/**
 * Finds the types of the contracts when they are first used. A type that exists already is never loaded again.
 *
 * @package AgentsAPI
 */

declare(strict_types=1);

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

spl_autoload_register(
	static function ( string $name ): void {
		if ( str_starts_with( $name, 'AgentsAPI\\' ) ) {
			$file = __DIR__ . '/inc/' . strtr( substr( $name, 10 ), '\\', '/' ) . '.php';
		} elseif ( str_starts_with( $name, 'WP_Agent_Package' ) ) {
			$file = __DIR__ . "/inc/Packages/$name.php";
		} elseif ( 'WP_Agent' === $name || 'WP_Agents_Registry' === $name ) {
			$file = __DIR__ . "/inc/Registry/$name.php";
		} else {
			return;
		}
		if ( is_file( $file ) ) {
			require_once $file;
		}
	}
);
