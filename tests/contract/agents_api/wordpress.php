<?php
/**
 * The few WordPress functions the public contracts call, in plain PHP, with a counter of notices.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

defined( 'ABSPATH' ) || define( 'ABSPATH', __DIR__ . '/' );

$GLOBALS['contract_hooks']   = array();
$GLOBALS['contract_did']     = array();
$GLOBALS['contract_doing']   = array();
$GLOBALS['contract_notices'] = array();

if ( ! function_exists( 'add_action' ) ) {
	function add_action( string $hook, $callback, int $priority = 10, int $accepted_args = 1 ): bool {
		$GLOBALS['contract_hooks'][ $hook ][ $priority ][] = array( $callback, $accepted_args );
		return true;
	}
}
if ( ! function_exists( 'do_action' ) ) {
	function do_action( string $hook, ...$args ): void {
		$GLOBALS['contract_did'][ $hook ] = ( $GLOBALS['contract_did'][ $hook ] ?? 0 ) + 1;
		$GLOBALS['contract_doing'][]      = $hook;
		$callbacks                        = $GLOBALS['contract_hooks'][ $hook ] ?? array();
		ksort( $callbacks );
		foreach ( array_merge( ...array_values( $callbacks ) ) as list( $callback, $accepted ) ) {
			call_user_func_array( $callback, array_slice( $args, 0, $accepted ) );
		}
		array_pop( $GLOBALS['contract_doing'] );
	}
}
if ( ! function_exists( 'did_action' ) ) {
	function did_action( string $hook ): int {
		return $GLOBALS['contract_did'][ $hook ] ?? 0;
	}
}
if ( ! function_exists( 'doing_action' ) ) {
	function doing_action( ?string $hook = null ): bool {
		return null === $hook ? array() !== $GLOBALS['contract_doing'] : in_array( $hook, $GLOBALS['contract_doing'], true );
	}
}
if ( ! function_exists( '_doing_it_wrong' ) ) {
	function _doing_it_wrong( $function_name, $message, $version ): void {
		$GLOBALS['contract_notices'][] = array( $function_name, $message, $version );
	}
}
if ( ! function_exists( 'esc_html' ) ) {
	function esc_html( $text ): string {
		return htmlspecialchars( (string) $text, ENT_QUOTES );
	}
}
if ( ! function_exists( 'sanitize_title' ) ) {
	function sanitize_title( $title ): string {
		return trim( preg_replace( '/-+/', '-', preg_replace( '/[^a-z0-9_]+/', '-', strtolower( (string) $title ) ) ), '-' );
	}
}
if ( ! function_exists( 'sanitize_file_name' ) ) {
	function sanitize_file_name( $name ): string {
		return basename( (string) $name );
	}
}

require_once dirname( __DIR__, 3 ) . '/wp-plugin/src/AgentsApi/bootstrap.php';
