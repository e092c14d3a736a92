<?php
/**
 * One unit of work in a PHP process of its own: opened, asked for operations, ended.
 *
 * The process is a fork of the zygote or a request of PHP-FPM. It serves one client and dies; nothing it does to users,
 * privileges, caches or globals is seen by anybody else.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Host;

use DataMachine\Bridge\Bridge\Channel;
use DataMachine\Bridge\Bridge\Client;
use DataMachine\Bridge\Bridge\Deadline;
use DataMachine\Bridge\Bridge\Frame;
use DataMachine\Bridge\Bridge\Handshake;
use DataMachine\Bridge\Bridge\RemoteError;

final class Unit {

	/** Seconds a client has for its handshake. */
	private const HANDSHAKE = 5.0;

	/** Seconds an idle database connection is kept: a unit may wait long for a model's answer. */
	private const DATABASE_IDLE = 28800;

	/** Kept free for the answer of a process that ran out of memory. */
	private static ?string $reserve = null;

	private static bool $expected = false;

	private static ?Channel $channel = null;

	private static bool $opened = false;

	private static bool $closing = false;

	/** What wp_die() was told. */
	private static ?string $died = null;

	private static int $died_status = 500;

	private static string $generation = '';

	/** @var array{global: list<string>, local: list<string>} Groups of the object cache that plugins declared as they loaded. */
	private static array $groups = array(
		'global' => array(),
		'local'  => array(),
	);

	/** This process will serve a unit: from here on wp_die() ends it with a sentence instead of a page. */
	public static function expect(): void {
		self::$expected = true;
		foreach ( array( '', '_ajax', '_json', '_jsonp', '_xmlrpc', '_xml' ) as $kind ) {
			// WordPress has not loaded: this is the form in which it takes over early hooks.
			$GLOBALS['wp_filter'][ "wp_die{$kind}_handler" ][ PHP_INT_MAX ][] = array(
				'function'      => static fn(): array => array( self::class, 'wp_die' ),
				'accepted_args' => 0,
			);
		}
	}

	/** Whether this process serves units of work, not a page: known before WordPress loads. */
	public static function expected(): bool {
		return self::$expected;
	}

	/** Let go of what must not be shared by children: the database and the object cache's connection. */
	public static function let_go(): void {
		global $wpdb;
		Client::instance()->close();
		self::$groups = self::declared_groups();
		if ( wp_using_ext_object_cache() ) {
			wp_cache_close();
			// Drop-ins whose close does nothing hang up when they are gone, and only then is another one made.
			$GLOBALS['wp_object_cache'] = null;
		}
		$wpdb->close();
	}

	/**
	 * Serve one client and end.
	 *
	 * @param resource $stream     Connected.
	 * @param string   $generation What the process was loaded with; empty when it was loaded for this client alone.
	 */
	public static function serve( $stream, string $site, string $secret_file, string $generation ): never {
		self::$generation = $generation;
		try {
			$frame  = new Frame( $stream );
			$secret = trim( (string) file_get_contents( $secret_file ) );
			if ( strlen( $secret ) < 32 ) {
				throw new \RuntimeException( 'PHP cannot read the secret of the bridge.' );
			}
			Handshake::server( $frame, $site, $secret, Deadline::after( self::HANDSHAKE ) );
		} catch ( \Throwable $error ) {
			self::log( $error->getMessage() );
			self::abandon();
		}
		Client::reset();
		self::$channel = new Channel( $frame, self::dispatch( ... ) );
		Client::use_channel( self::$channel, 'host' );
		self::$channel->serve();
		// The client went away without closing: whatever is left to do here, nobody wants it any more.
		self::abandon();
	}

	/**
	 * First of all shutdown functions. When the process ends inside an operation, its caller hears why.
	 */
	public static function on_shutdown(): void {
		self::$reserve = null;
		if ( self::$closing ) {
			return;
		}
		ini_set( 'memory_limit', '-1' ); // phpcs:ignore WordPress.PHP.IniSet -- this process ends now.
		$error = error_get_last();
		$fatal = null !== $error && ( $error['type'] & ( E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR | E_RECOVERABLE_ERROR ) );
		if ( null === self::$channel ) {
			// WordPress did not load: its own page about it would be nobody's.
			self::log( self::$died ?? ( $fatal ? sprintf( '%s in %s:%d', strtok( $error['message'], "\n" ), $error['file'], $error['line'] ) : 'PHP ended while WordPress loaded.' ) );
			return;
		}
		if ( null !== self::$died ) {
			self::$channel->give_up( self::database_is_gone() ? 'database_lost' : 'wp_die', self::$died, array( 'status' => self::$died_status ) );
		} elseif ( $fatal ) {
			self::$channel->give_up( 'host_fatal', strtok( $error['message'], "\n" ), array( 'file' => $error['file'], 'line' => $error['line'] ) );
		} else {
			self::$channel->give_up( 'host_exit', 'PHP ended the process with exit().' );
		}
	}

	/**
	 * The handler of wp_die() in a unit.
	 *
	 * @param mixed $message
	 * @param mixed $title
	 * @param mixed $args
	 */
	public static function wp_die( $message, $title = '', $args = array() ): void {
		if ( is_wp_error( $message ) ) {
			$message = $message->get_error_message();
		}
		$text              = html_entity_decode( trim( strip_tags( is_scalar( $message ) ? (string) $message : '' ) ), ENT_QUOTES ); // phpcs:ignore -- nobody renders it.
		self::$died        = '' === $text ? 'wp_die() was called.' : $text;
		self::$died_status = is_array( $args ) && is_int( $args['response'] ?? null ) ? $args['response'] : 500;
		unset( $title );
		if ( is_array( $args ) && false === ( $args['exit'] ?? true ) ) {
			self::$died = null;
			return;
		}
		exit;
	}

	/** @param array<string, mixed> $params */
	private static function dispatch( string $method, array $params ): mixed {
		if ( 'unit.open' === $method ) {
			return self::guarded( static fn(): array => self::open( $params ) );
		}
		if ( 'unit.close' === $method ) {
			// No answer: WordPress's shutdown runs inside this call, and the end of the process ends it.
			self::$closing = true;
			exit;
		}
		if ( ! self::$opened ) {
			throw new RemoteError( 'host_not_open', 'A unit begins with unit.open.' );
		}
		return Operations::dispatch( $method, $params );
	}

	private static function guarded( callable $work ): mixed {
		try {
			return $work();
		} catch ( Failure $error ) {
			throw $error->remote();
		}
	}

	/**
	 * @param array<string, mixed> $params `{user_id, blog_id, locale, system, stale}`; `stale` takes the process as it is.
	 * @return array{pid: int, connection_id: int, generation: string, wordpress: string}
	 */
	private static function open( array $params ): array {
		self::$reserve = str_repeat( 'x', 1 << 20 );
		// First: whatever happens then, WordPress has a cache to ask.
		self::forget();
		self::connect();
		$generation = Generation::current();
		if ( '' !== self::$generation && $generation !== self::$generation && true !== ( $params['stale'] ?? false ) ) {
			throw new Failure( 'host_stale', 'Plugins, theme, roles or addresses have changed since WordPress was loaded.', 503 );
		}
		self::$opened = true;
		Acting::as_system( true === ( $params['system'] ?? false ) );
		$blog = Params::id( $params, 'blog_id', 1 );
		if ( is_multisite() && get_current_blog_id() !== $blog ) {
			Operation\Users::blog( array( 'blog_id' => $blog ) );
		}
		$user = Params::id( $params, 'user_id', 0 );
		if ( 0 !== $user ) {
			Operation\Users::become( array( 'user_id' => $user ) );
		}
		$locale = $params['locale'] ?? '';
		if ( is_string( $locale ) && '' !== $locale && get_locale() !== $locale ) {
			switch_to_locale( $locale );
		}
		return array(
			'pid'           => getmypid(),
			'connection_id' => self::connection_id(),
			'generation'    => $generation,
			'wordpress'     => (string) $GLOBALS['wp_version'],
		);
	}

	/** A database connection of this process's own, which is never silently replaced by another one. */
	private static function connect(): void {
		global $wpdb;
		if ( '' !== self::$generation && ! $wpdb->db_connect( false ) ) {
			throw new Failure( 'database_unavailable', 'WordPress cannot connect to its database.', 503 );
		}
		if ( $wpdb->dbh instanceof \mysqli ) {
			mysqli_query( $wpdb->dbh, 'SET SESSION wait_timeout = ' . self::DATABASE_IDLE );
			// Whoever takes this work over ends our connection by its id: a new one would go on unseen.
			$wpdb->reconnect_retries = 0;
		}
	}

	/** Forget what the zygote knew when it was loaded, and do not roll the dice it would have rolled. */
	private static function forget(): void {
		global $wpdb, $timestart;
		if ( '' === self::$generation ) {
			return;
		}
		wp_cache_init();
		if ( function_exists( 'wp_cache_add_global_groups' ) ) {
			wp_cache_add_global_groups( array_merge( self::GLOBAL_GROUPS, self::$groups['global'] ) );
			wp_cache_add_non_persistent_groups( array_merge( array( 'counts', 'plugins', 'theme_json' ), self::$groups['local'] ) );
		}
		mt_srand( random_int( 0, PHP_INT_MAX ) );
		$wpdb->num_queries               = 0;
		$wpdb->queries                   = array();
		$wpdb->insert_id                 = 0;
		$wpdb->last_query                = null;
		$wpdb->last_error                = '';
		$timestart                       = microtime( true ); // phpcs:ignore WordPress.WP.GlobalVariablesOverride -- this request begins now.
		$_SERVER['REQUEST_TIME_FLOAT'] = $timestart;
		$_SERVER['REQUEST_TIME']       = (int) $timestart;
	}

	/** What wp_start_object_cache() declares, which can be called only once. */
	private const GLOBAL_GROUPS = array(
		'blog-details',
		'blog-id-cache',
		'blog-lookup',
		'blog_meta',
		'global-posts',
		'image_editor',
		'networks',
		'network-queries',
		'sites',
		'site-details',
		'site-options',
		'site-queries',
		'site-transient',
		'theme_files',
		'translation_files',
		'rss',
		'users',
		'user-queries',
		'user_meta',
		'useremail',
		'userlogins',
		'userslugs',
	);

	/**
	 * WordPress keeps no list of them: drop-ins do, under names of their own.
	 *
	 * @return array{global: list<string>, local: list<string>}
	 */
	private static function declared_groups(): array {
		$cache = $GLOBALS['wp_object_cache'] ?? null;
		$found = array(
			'global' => array(),
			'local'  => array(),
		);
		if ( ! is_object( $cache ) ) {
			return $found;
		}
		$own = ( fn (): array => get_object_vars( $this ) )->call( $cache ); // phpcs:ignore -- bound to the cache.
		foreach ( $own as $name => $value ) {
			$kind = preg_match( '/^_?global_?groups$/i', $name ) ? 'global' : ( preg_match( '/^_?(?:non_?persistent|no_(?:mc|redis)|ignored)_?groups$/i', $name ) ? 'local' : null );
			if ( null !== $kind && is_array( $value ) ) {
				$names          = array_is_list( $value ) ? $value : array_keys( $value );
				$found[ $kind ] = array_values( array_filter( $names, 'is_string' ) );
			}
		}
		return $found;
	}

	private static function connection_id(): int {
		global $wpdb;
		return $wpdb->dbh instanceof \mysqli ? (int) mysqli_thread_id( $wpdb->dbh ) : 0;
	}

	private static function database_is_gone(): bool {
		global $wpdb;
		$lost = array( 2006, 2013 );
		return null === $wpdb->dbh || ( $wpdb->dbh instanceof \mysqli && in_array( mysqli_errno( $wpdb->dbh ), $lost, true ) );
	}

	private static function log( string $message ): void {
		// The sidecar's log; in PHP-FPM the answer, which only the sidecar gets.
		file_put_contents( 'cli' === PHP_SAPI ? 'php://stderr' : 'php://output', $message . "\n" ); // phpcs:ignore WordPress.WP.AlternativeFunctions
	}

	/** End without WordPress's shutdown. */
	private static function abandon(): never {
		self::$closing = true;
		if ( 'cli' === PHP_SAPI ) {
			posix_kill( getmypid(), SIGKILL );
		}
		remove_all_actions( 'shutdown' );
		exit;
	}
}
