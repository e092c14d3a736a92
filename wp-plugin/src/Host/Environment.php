<?php
/**
 * The request a unit pretends to be while WordPress loads: WP-Cron, or a REST request.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Host;

final class Environment {

	private const URIS = array(
		// WordPress spawns no cron from this address.
		'cron' => '/wp-cron.php',
		'rest' => '/wp-json/',
	);

	/** Before wp-load.php. */
	public static function prepare( string $context, string $home_url ): void {
		if ( ! isset( self::URIS[ $context ] ) ) {
			throw new \InvalidArgumentException( 'A unit runs in the context cron or rest.' );
		}
		$home   = parse_url( '' === $home_url ? 'http://localhost' : $home_url );
		$scheme = $home['scheme'] ?? 'http';
		$host   = ( $home['host'] ?? 'localhost' ) . ( isset( $home['port'] ) ? ':' . $home['port'] : '' );
		$path   = rtrim( $home['path'] ?? '', '/' );
		$now    = microtime( true );
		$_SERVER = array_merge(
			$_SERVER,
			array(
				'REQUEST_METHOD'     => 'POST',
				'REQUEST_URI'        => $path . self::URIS[ $context ],
				'SCRIPT_NAME'        => $path . ( 'cron' === $context ? '/wp-cron.php' : '/index.php' ),
				'PHP_SELF'           => $path . ( 'cron' === $context ? '/wp-cron.php' : '/index.php' ),
				'QUERY_STRING'       => '',
				'SERVER_NAME'        => $home['host'] ?? 'localhost',
				'SERVER_PORT'        => (string) ( $home['port'] ?? ( 'https' === $scheme ? 443 : 80 ) ),
				'SERVER_PROTOCOL'    => 'HTTP/1.1',
				'SERVER_SOFTWARE'    => '',
				'HTTP_HOST'          => $host,
				'REMOTE_ADDR'        => '127.0.0.1',
				'REQUEST_TIME'       => (int) $now,
				'REQUEST_TIME_FLOAT' => $now,
			)
		);
		if ( 'https' === $scheme ) {
			$_SERVER['HTTPS'] = 'on';
		}
		define( 'cron' === $context ? 'DOING_CRON' : 'REST_REQUEST', true );
		define( 'DATAMACHINE_BRIDGE_UNIT', $context );
		ignore_user_abort( true );
		set_time_limit( 0 );
	}

	/** After wp-load.php: what a request of this kind would have done by now. */
	public static function complete( string $context ): void {
		if ( ! defined( 'DISABLE_WP_CRON' ) ) {
			define( 'DISABLE_WP_CRON', true );
		}
		remove_action( 'shutdown', '_wp_cron' );
		if ( 'rest' === $context ) {
			// Listeners that wait for rest_api_init are there in every REST request.
			rest_get_server();
		}
	}
}
