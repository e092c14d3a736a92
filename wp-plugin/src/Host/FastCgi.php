<?php
/**
 * A unit as one request of PHP-FPM: connects back to the socket the sidecar waits on, loads WordPress, serves, ends.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Host;

final class FastCgi {

	private const CONNECT = 5.0;

	/** @var resource */
	private static $stream;

	/** Connect before WordPress loads, so that whatever happens then is seen. */
	public static function begin(): void {
		$stream = @stream_socket_client( 'unix://' . self::param( 'SOCKET' ), $code, $message, self::CONNECT ); // phpcs:ignore -- the sidecar may have given up.
		if ( false === $stream ) {
			http_response_code( 503 );
			exit;
		}
		self::$stream = $stream;
		register_shutdown_function( array( Unit::class, 'on_shutdown' ) );
		Environment::prepare( self::param( 'CONTEXT' ), self::param( 'HOME_URL' ) );
		Unit::expect();
	}

	public static function wp_load(): string {
		return self::param( 'WP_PATH' ) . '/wp-load.php';
	}

	/** WordPress is loaded: serve the one client. */
	public static function run(): never {
		Environment::complete( self::param( 'CONTEXT' ) );
		ob_start( static fn(): string => '', 4096 );
		Unit::serve( self::$stream, self::param( 'SITE' ), self::param( 'SECRET_FILE' ), '' );
	}

	private static function param( string $name ): string {
		$value = $_SERVER[ 'DATAMACHINE_UNIT_' . $name ] ?? ''; // phpcs:ignore WordPress.Security -- a FastCGI parameter, not a header.
		return is_string( $value ) ? $value : '';
	}
}
