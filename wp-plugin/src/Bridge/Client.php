<?php
/**
 * The way from WordPress to Python: one lazy connection a request.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

/**
 * Inside a host unit the calls go over the unit's own channel instead. {@see Client::call()} throws nothing but
 * {@see BridgeException}.
 */
final class Client {

	/** Seconds for connecting and the handshake together. */
	public const CONNECT = 0.05;

	/** The same where there is no page to be shown without the answer: REST routes and abilities. */
	public const CONNECT_FOR_ANSWER = 1.0;

	/** The same for the first connection of a WP-CLI command, which does not ask the breaker: the answer is worth a wait. */
	public const CONNECT_PATIENTLY = 5.0;

	/** Seconds a call may take in a web request. */
	public const CALL = 0.25;

	/** Seconds all calls of a web request may take together, those that asked for their own time aside. */
	public const TOTAL = 1.0;

	/** The most a call in a web request may ask for. */
	public const MOST = 30.0;

	private static ?self $instance = null;

	/** Set inside a host unit. */
	private static ?Channel $host = null;

	private static string $source = 'host';

	private ?Channel $channel = null;

	private ?Breaker $breaker = null;

	/** Seconds spent waiting in this request. */
	private float $spent = 0.0;

	private bool $proven = false;

	/** Whether a call of this request has failed already. */
	private bool $failed = false;

	/** @var \Closure(string, array<string, mixed>): mixed */
	private readonly \Closure $dispatch;

	/**
	 * @param ?\Closure(string, array<string, mixed>): mixed $dispatch Serves Python's calls while we wait; the host operations by default.
	 * @param ?string                                         $kind     What kind of request this is: a source of {@see Context}; null to find out.
	 */
	public function __construct( private readonly ?Config $config, ?\Closure $dispatch = null, private readonly ?string $kind = null ) {
		$this->dispatch = $dispatch ?? self::operations( ... );
	}

	public static function instance(): self {
		return self::$instance ??= new self( Config::load() );
	}

	/**
	 * From now on all calls go over this channel: a host unit's own. Null: over a connection of our own again.
	 *
	 * @param string $source What Python is told about where calls come from: `host` or `queue`.
	 */
	public static function use_channel( ?Channel $channel, string $source = 'host' ): void {
		self::$host   = $channel;
		self::$source = $source;
	}

	/** Forget connection, configuration and request: after a fork, or when the configuration has changed. */
	public static function reset(): void {
		self::$instance = null;
		self::$host     = null;
		Context::reset();
	}

	/** Whether there is anybody to call: the site was initialised, or this is a host unit. */
	public function configured(): bool {
		return null !== $this->config || null !== self::$host;
	}

	/** Seconds spent waiting for Python in this request. */
	public function spent(): float {
		return $this->spent;
	}

	/**
	 * Call Python and wait for its answer.
	 *
	 * @param array<string, mixed> $params
	 * @param ?float               $budget Seconds; null for the default of this kind of request: 250 ms within a second a web
	 *                                     request, no limit in WP-CLI, host units and queue runs.
	 * @param float                $patience Seconds for connecting and the handshake.
	 * @throws RemoteError     Python answered with an error.
	 * @throws BridgeException It could not be asked, or did not answer.
	 */
	public function call( string $method, array $params = array(), ?float $budget = null, float $patience = self::CONNECT ): mixed {
		if ( null !== self::$host ) {
			return self::$host->call( $method, $params, self::deadline( $budget ), Context::now( self::$source ) );
		}
		if ( null === $this->config ) {
			throw new Unavailable( 'The bridge is not configured; run `datamachine init`.' );
		}
		$source = $this->kind ?? Context::source();
		if ( 'cli' !== $source ) {
			$budget = $this->web_budget( $budget, ! in_array( $source, array( 'cron', 'queue' ), true ) );
		}
		if ( null !== $this->channel && ! $this->channel->idle() ) {
			// Inside another call, whose time counts already.
			return $this->attempt( $method, $params, $budget, $source, $patience );
		}
		$started = hrtime( true );
		try {
			return $this->attempt( $method, $params, $budget, $source, $patience );
		} finally {
			$this->spent += ( hrtime( true ) - $started ) / 1e9;
			if ( class_exists( \DataMachine\Bridge\Host\Acting::class, false ) ) {
				\DataMachine\Bridge\Host\Acting::restore();
			}
		}
	}

	/** Hang up; the next call connects again. */
	public function close(): void {
		if ( null !== $this->channel && $this->channel->idle() ) {
			$this->channel->close();
			$this->channel = null;
		}
	}

	private static function deadline( ?float $budget ): Deadline {
		return null === $budget ? Deadline::never() : Deadline::after( $budget );
	}

	private function web_budget( ?float $budget, bool $total ): float {
		if ( null !== $budget ) {
			return min( $budget, self::MOST );
		}
		$left = $total ? min( self::CALL, self::TOTAL - $this->spent ) : self::CALL;
		return $left > 0.0 ? $left : throw new TimedOut( 'This request has used up its time for calls to Python.' );
	}

	/** @param array<string, mixed> $params */
	private function attempt( string $method, array $params, ?float $budget, string $source, float $patience ): mixed {
		for ( $tries = 3; ; --$tries ) {
			$fresh = null === $this->channel || ( null !== $this->channel->poisoned() && $this->channel->idle() );
			try {
				if ( $fresh ) {
					$this->connect( $patience );
				}
				$value = $this->channel->call( $method, $params, self::deadline( $budget ), Context::now( $source ) );
				$this->proven || $this->prove();
				return $value;
			} catch ( RemoteError $error ) {
				$this->proven || $this->prove();
				throw $error;
			} catch ( Closing $error ) {
				// Not executed: the server is being replaced. A nested call has no other connection to go to.
				if ( null !== $this->channel && ! $this->channel->idle() ) {
					throw new ConnectionLost( $error->getMessage(), 0, $error );
				}
				if ( 1 === $tries ) {
					$this->fail();
					throw new Unavailable( $error->getMessage(), 0, $error );
				}
			} catch ( TimedOut | ConnectionLost | ProtocolError | HandshakeFailed $error ) {
				$this->fail();
				throw $error;
			}
		}
	}

	/** @param float $patience Seconds. */
	private function connect( float $patience ): void {
		$this->channel   = null;
		$this->proven    = false;
		$this->breaker ??= new Breaker( $this->config->breaker );
		// Once: a command that crosses many hooks must not wait at each of them.
		$patient = ! $this->failed && 'cli' === ( $this->kind ?? Context::source() );
		if ( ! $patient && ! $this->breaker->permits() ) {
			throw new Unavailable( 'The bridge does not answer; its breaker is open.' );
		}
		if ( function_exists( 'get_option' ) && \DataMachine\Bridge\Hooks\Fence::is_copy() ) {
			throw new Unavailable( 'This database was copied or its site moved; say `datamachine site moved` or `datamachine site copy`.' );
		}
		if ( Context::chain_ends( $this->config ) ) {
			throw new DepthExceeded( 'WordPress and Python have called each other too often in one chain.' );
		}
		// Somebody at a terminal waits for a sidecar that is just starting; a page does not.
		$patience = $patient ? self::CONNECT_PATIENTLY : $patience;
		$deadline = Deadline::after( $patience );
		$stream   = @stream_socket_client( 'unix://' . $this->config->socket, $code, $text, $patience ); // phpcs:ignore WordPress.PHP.NoSilencedErrors -- nobody listening is an answer.
		if ( false === $stream ) {
			$this->fail();
			throw new Unavailable( 'Nobody answers on the bridge\'s socket: ' . $text . '.' );
		}
		$frame = new Frame( $stream );
		try {
			$handshake = Handshake::begin( $frame, $this->config->site, $deadline );
			$channel   = new Channel( $frame, $this->dispatch );
			$handshake->finish( $this->config->secret(), $deadline );
		} catch ( BridgeException $error ) {
			$frame->close();
			throw $error;
		}
		$this->channel = $channel;
	}

	private function prove(): void {
		$this->proven = true;
		$this->breaker?->succeeded();
	}

	/** The other side failed us; calls around this one fail with it and are not counted again. */
	private function fail(): void {
		$this->failed = true;
		if ( null === $this->channel || $this->channel->idle() ) {
			$this->breaker?->failed();
		}
	}

	/** @param array<string, mixed> $params */
	private static function operations( string $method, array $params ): mixed {
		if ( ! class_exists( \DataMachine\Bridge\Host\Operations::class ) ) {
			throw new RemoteError( 'bridge_method_not_found', 'This process serves no operations.' );
		}
		return \DataMachine\Bridge\Host\Operations::dispatch( $method, $params );
	}
}
