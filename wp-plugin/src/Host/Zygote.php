<?php
/**
 * The parent: WordPress loaded, no database connection, one child for every client that connects.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Host;

final class Zygote {

	/** Seconds after which a loop that was not woken looks for ended children anyway. */
	private const TICK = 5;

	/** @var resource */
	private static $control;

	/** @var resource|null */
	private static $listener;

	/** @var array<int, true> Living children by pid. */
	private static array $children = array();

	/** @var array{wp_path: string, home_url: string, context: string, listen: string, site: string, secret_file: string, private: bool} */
	private static array $orders;

	private static string $generation = '';

	private static bool $retired = false;

	/** Read the orders and get ready for WordPress; the next thing is to load it. */
	public static function begin(): void {
		foreach ( array( 'pcntl_fork', 'pcntl_waitpid', 'pcntl_async_signals', 'posix_kill' ) as $needed ) {
			if ( ! function_exists( $needed ) ) {
				self::fail( sprintf( 'PHP lacks %s(): install pcntl and posix, or configure `fastcgi`.', $needed ) );
			}
		}
		$control = fopen( 'php://fd/0', 'r+' );
		$line    = false === $control ? false : fgets( $control );
		$orders  = is_string( $line ) ? json_decode( $line, true ) : null;
		if ( ! is_array( $orders ) ) {
			self::fail( 'The zygote is started by `datamachine host` only.' );
		}
		self::$control = $control;
		self::$orders  = $orders;
		// First of all shutdown functions, so that a child that dies says so before WordPress's own shutdown.
		register_shutdown_function( array( Unit::class, 'on_shutdown' ) );
		Environment::prepare( $orders['context'], $orders['home_url'] );
		Unit::expect();
	}

	public static function wp_load(): string {
		return self::$orders['wp_path'] . '/wp-load.php';
	}

	/** WordPress is loaded: serve until told to stop. */
	public static function run(): never {
		Environment::complete( self::$orders['context'] );
		self::$generation = Generation::current();
		$watch            = Generation::files();
		Unit::let_go();
		// What pages would print is nobody's here, and headers must stay unsent.
		ob_start( static fn(): string => '', 4096 );

		self::listen();
		pcntl_async_signals( true );
		// Interrupts the wait below; children are counted there.
		pcntl_signal( SIGCHLD, static function (): void {}, false );
		pcntl_signal( SIGTERM, static fn() => self::leave() );
		pcntl_signal( SIGINT, SIG_IGN );
		gc_collect_cycles();
		self::tell(
			array(
				'ready' => array(
					'watch'      => $watch,
					'generation' => self::$generation,
					'wordpress'  => $GLOBALS['wp_version'],
				),
			)
		);
		while ( true ) {
			self::reap();
			if ( self::$retired && array() === self::$children ) {
				self::leave();
			}
			self::wait();
		}
	}

	private static function listen(): void {
		$old            = umask( 0117 );
		self::$listener = stream_socket_server( 'unix://' . self::$orders['listen'], $code, $message ) ?: null;
		umask( $old );
		if ( null === self::$listener ) {
			self::fail( 'Cannot listen: ' . $message );
		}
		stream_set_blocking( self::$listener, false );
	}

	private static function wait(): void {
		$read = array( self::$control );
		if ( null !== self::$listener ) {
			$read[] = self::$listener;
		}
		$write = null;
		$other = null;
		// A child may have ended just before the wait began: its signal is gone, so the wait is short while any live.
		$ready = @stream_select( $read, $write, $other, array() === self::$children ? self::TICK : 0, 200000 ); // phpcs:ignore -- a signal interrupts it.
		if ( ! $ready ) {
			return;
		}
		if ( in_array( self::$control, $read, true ) ) {
			self::obey();
		}
		if ( null !== self::$listener && in_array( self::$listener, $read, true ) ) {
			$client = @stream_socket_accept( self::$listener, 0 ); // phpcs:ignore -- the client may be gone already.
			if ( false !== $client ) {
				self::fork( $client );
			}
		}
	}

	private static function obey(): void {
		$line = fgets( self::$control );
		if ( false === $line ) {
			// The host process is gone. Children end with their clients, which it may have been itself.
			foreach ( self::$orders['private'] ? array_keys( self::$children ) : array() as $pid ) {
				posix_kill( $pid, SIGKILL );
			}
			self::leave();
		}
		$order = json_decode( $line, true );
		if ( isset( $order['kill'] ) && isset( self::$children[ $order['kill'] ] ) ) {
			posix_kill( $order['kill'], SIGKILL );
		}
		if ( ! empty( $order['retire'] ) ) {
			self::$retired = true;
			self::close_listener();
		}
	}

	/** @param resource $client */
	private static function fork( $client ): void {
		$pid = pcntl_fork();
		if ( -1 === $pid ) {
			fclose( $client );
			return;
		}
		if ( $pid > 0 ) {
			self::$children[ $pid ] = true;
			self::tell( array( 'forked' => $pid ) );
			fclose( $client );
			return;
		}
		fclose( self::$listener );
		fclose( self::$control );
		pcntl_signal( SIGCHLD, SIG_DFL );
		pcntl_signal( SIGTERM, SIG_DFL );
		pcntl_async_signals( false );
		self::$children = array();
		Unit::serve( $client, self::$orders['site'], self::$orders['secret_file'], self::$generation );
	}

	private static function reap(): void {
		while ( array() !== self::$children ) {
			$pid = pcntl_waitpid( -1, $status, WNOHANG );
			if ( $pid <= 0 ) {
				return;
			}
			unset( self::$children[ $pid ] );
			self::tell(
				array(
					'exited' => $pid,
					'code'   => pcntl_wifexited( $status ) ? pcntl_wexitstatus( $status ) : null,
					'signal' => pcntl_wifsignaled( $status ) ? pcntl_wtermsig( $status ) : null,
				)
			);
		}
	}

	/** @param array<string, mixed> $message */
	private static function tell( array $message ): void {
		if ( false === @fwrite( self::$control, json_encode( $message, JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE ) . "\n" ) ) { // phpcs:ignore -- a broken pipe means that the host process is gone.
			self::leave();
		}
	}

	private static function close_listener(): void {
		if ( null !== self::$listener ) {
			fclose( self::$listener );
			self::$listener = null;
			@unlink( self::$orders['listen'] ); // phpcs:ignore -- the host process may have been faster.
		}
	}

	/** End without WordPress's shutdown: this process has no database and belongs to no request. */
	private static function leave(): never {
		self::close_listener();
		posix_kill( getmypid(), SIGKILL );
		exit;
	}

	private static function fail( string $message ): never {
		fwrite( STDERR, $message . "\n" );
		exit( 1 );
	}
}
