<?php
/**
 * Tells WordPress where the sidecar is: run once by `datamachine init`, which hands this text to PHP.
 *
 * Plain PHP, no WP-CLI. The answer goes to a descriptor of its own: plugins may print what they like.
 */

declare(strict_types=1);

if ( 'cli' !== PHP_SAPI || ! isset( $argv[1] ) ) {
	exit( 2 );
}

$_SERVER += array(
	'HTTP_HOST'       => 'localhost',
	'SERVER_NAME'     => 'localhost',
	'REQUEST_METHOD'  => 'POST',
	'REQUEST_URI'     => '/wp-cron.php',
	'SERVER_PROTOCOL' => 'HTTP/1.1',
	'REMOTE_ADDR'     => '127.0.0.1',
);
define( 'DOING_CRON', true );
$datamachine_orders = json_decode( $argv[1], true, 8, JSON_THROW_ON_ERROR );
register_shutdown_function(
	static function () use ( $datamachine_orders ): void {
		$error = error_get_last();
		if ( null !== $error && ( $error['type'] & ( E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR ) ) ) {
			// WordPress would answer with a page for visitors.
			$message = sprintf( '%s in %s:%d', strtok( $error['message'], "\n" ), $error['file'], $error['line'] );
			file_put_contents( 'php://fd/' . $datamachine_orders['answer'], json_encode( array( 'error' => $message ), JSON_INVALID_UTF8_SUBSTITUTE ) );
		}
	}
);
// A network answers only to its own name, which is a constant of the configuration that is about to be read.
foreach ( array( $datamachine_orders['wp_path'], dirname( $datamachine_orders['wp_path'] ) ) as $datamachine_folder ) {
	if ( is_file( "$datamachine_folder/wp-config.php" ) && preg_match( '/DOMAIN_CURRENT_SITE[\'"]\s*,\s*[\'"]([^\'"]+)/', (string) file_get_contents( "$datamachine_folder/wp-config.php" ), $datamachine_found ) ) {
		$_SERVER['HTTP_HOST'] = $_SERVER['SERVER_NAME'] = $datamachine_found[1];
	}
}
require $datamachine_orders['wp_path'] . '/wp-load.php';

( static function ( array $orders ): void {
	$write = static function () use ( $orders ): void {
		if ( get_option( 'datamachine_bridge' ) !== $orders['option'] ) {
			update_option( 'datamachine_bridge', $orders['option'], true );
		}
	};
	if ( is_multisite() ) {
		foreach ( get_sites( array( 'fields' => 'ids', 'number' => 0 ) ) as $blog ) {
			switch_to_blog( (int) $blog );
			$write();
			restore_current_blog();
		}
	} else {
		$write();
	}
	$plugins = array_merge(
		(array) get_option( 'active_plugins', array() ),
		is_multisite() ? array_keys( (array) get_site_option( 'active_sitewide_plugins', array() ) ) : array()
	);
	file_put_contents(
		'php://fd/' . $orders['answer'],
		json_encode(
			array(
				'home_url'      => home_url(),
				'wordpress'     => $GLOBALS['wp_version'],
				'php'           => PHP_VERSION,
				'multisite'     => is_multisite(),
				'plugin_path'   => WP_PLUGIN_DIR . '/datamachine-bridge',
				'plugin_exists' => is_file( WP_PLUGIN_DIR . '/datamachine-bridge/datamachine-bridge.php' ),
				'plugin_active' => in_array( 'datamachine-bridge/datamachine-bridge.php', $plugins, true ),
				'pcntl'         => function_exists( 'pcntl_fork' ) && function_exists( 'posix_kill' ),
				'written'       => get_option( 'datamachine_bridge' ) === $orders['option'],
			),
			JSON_THROW_ON_ERROR
		)
	);
} )( $datamachine_orders );
