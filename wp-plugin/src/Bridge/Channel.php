<?php
/**
 * Calls in both directions over one connection, nested strictly last in, first out.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

/**
 * The first deadline, end of file or protocol error poisons the connection: every pending call throws, and nothing
 * more is executed or answered on it.
 *
 * For hooks PHP connects and calls; in a host unit Python connects and PHP serves. Either may call meanwhile.
 */
final class Channel {

	public const MAX_DEPTH = 8;

	private const CHUNK = 512 << 10;

	/** JSON of a large value needs this much memory for each byte: the text, and what it decodes to. */
	private const LARGE_GROWTH = 9;

	private readonly Handles $handles;

	private readonly Codec $codec;

	/** Made when the first value needs it: most are plain. */
	private ?Decoder $decoder = null;

	private int $number = 0;

	/** Calls under way in both directions. */
	private int $depth = 0;

	/** Calls of ours among them. */
	private int $pending = 0;

	private Deadline $deadline;

	/** The call of the other side that we serve, null outside. */
	private ?int $served = null;

	private ?string $poison = null;

	/** @var array<string, mixed> */
	private array $announced = array();

	/** @var array<string, mixed> */
	private array $peer_context = array();

	/** @param \Closure(string, array<string, mixed>): mixed $dispatch Answers calls of the other side: method, params. */
	public function __construct( private readonly Frame $frame, private readonly \Closure $dispatch ) {
		$this->deadline = Deadline::never();
		$this->handles  = new Handles();
		$this->codec    = new Codec( $this->handles );
	}

	/**
	 * Call the other side and wait for its value, serving what it asks meanwhile.
	 *
	 * @param array<string, mixed> $params
	 * @param array<string, mixed> $context Sent when it differs from what was sent before.
	 * @throws RemoteError  The other side's own error; the connection stays usable.
	 * @throws BridgeException Anything else; unless it is a CodecError, TooLarge or DepthExceeded the connection is dead.
	 */
	public function call( string $method, array $params, Deadline $deadline, array $context = array() ): mixed {
		if ( null !== $this->poison ) {
			throw new ConnectionLost( $this->poison );
		}
		if ( $this->depth >= self::MAX_DEPTH ) {
			throw new DepthExceeded( 'Too many calls inside calls.' );
		}
		$deadline = $deadline->within( $this->deadline );
		$mark     = $this->handles->mark();
		$number   = ++$this->number;
		$opening  = '{"jsonrpc":"2.0","id":' . $number;
		++$this->depth;
		++$this->pending;
		try {
			$this->frame->write( $opening . ',"method":"' . $method . '"' . $this->rest_of_call( $params, $deadline, $context ), $deadline );
			return $this->await( $number, $opening . ',"result":{"$s":0}}', $params, $deadline );
		} catch ( RemoteError | CodecError | TooLarge | DepthExceeded | HandleExpired $error ) {
			throw $error;
		} catch ( BridgeException $error ) {
			$this->poison( $error );
			throw $error;
		} finally {
			--$this->depth;
			--$this->pending;
			$this->handles->release( $mark );
		}
	}

	/**
	 * @param array<string, mixed> $params
	 * @param array<string, mixed> $context
	 */
	private function rest_of_call( array $params, Deadline $deadline, array $context ): string {
		$json = ',"params":' . ( array() === $params ? '{}' : $this->codec->encode( $params ) );
		if ( null !== $this->served ) {
			$json .= ',"parent":' . $this->served;
		}
		if ( PHP_INT_MAX !== $deadline->at ) {
			$json .= ',"budget":' . intdiv( max( 0, $deadline->left() ), 1000 ) / 1e6;
		}
		if ( array() !== $context && $context !== $this->announced ) {
			$json           .= ',"ctx":' . $this->codec->encode( $context );
			$this->announced = $context;
		}
		self::require_fit( $json );
		return $json . '}';
	}

	/** @throws TooLarge Before anything of it is sent. */
	private static function require_fit( string $json ): void {
		if ( strlen( $json ) > Frame::MAX_SENT - 1024 ) {
			throw new TooLarge( sprintf( 'A message of %d bytes is more than the other side reads.', strlen( $json ) ) );
		}
	}

	/** Answer calls until the other side hangs up or the connection is poisoned. */
	public function serve(): void {
		try {
			while ( null === $this->poison ) {
				$raw     = $this->frame->read( Deadline::never() );
				$message = $this->message( $raw );
				if ( ! isset( $message['method'] ) || isset( $message['parent'] ) ) {
					throw new ProtocolError( 'An answer or a nested call where a call was expected.' );
				}
				$this->answer( $message, $raw );
			}
		} catch ( BridgeException $error ) {
			$this->poison( $error );
		}
	}

	/** Why nothing goes over this connection any more, or null. */
	public function poisoned(): ?string {
		return $this->poison;
	}

	/** Whether no call is under way in either direction. */
	public function idle(): bool {
		return 0 === $this->depth;
	}

	/**
	 * What the other side said about its caller, last.
	 *
	 * @return array<string, mixed>
	 */
	public function peer_context(): array {
		return $this->peer_context;
	}

	/** The moment the call being served must be finished; never outside one. */
	public function deadline(): Deadline {
		return $this->deadline;
	}

	public function frame(): Frame {
		return $this->frame;
	}

	public function close(): void {
		$this->poison ??= 'The connection is closed.';
		$this->frame->close();
	}

	/**
	 * This process ends inside the call being served: answer it with an error and hang up.
	 *
	 * @param array<string, mixed> $data
	 */
	public function give_up( string $code, string $message, array $data = array() ): void {
		if ( null !== $this->served && null === $this->poison ) {
			try {
				$this->frame->write( $this->failure( $this->served, $code, $message, $data ), Deadline::after( 1.0 ) );
			} catch ( BridgeException ) {
				$this->poison = 'Nobody reads any more.';
			}
		}
		$this->close();
	}

	private function decoder(): Decoder {
		return $this->decoder ??= new Decoder( $this->handles, $this->invoke_remote( ... ), $this->read_large( ... ) );
	}

	/**
	 * Call a callable of the other side.
	 *
	 * @param list<mixed> $args
	 */
	private function invoke_remote( int $number, array $args ): mixed {
		$callable = new RemoteCallable( $number, '', $this->invoke_remote( ... ) );
		return $this->call( 'handle.invoke', array( 'handle' => $callable, 'args' => $args ), Deadline::never() );
	}

	private function poison( BridgeException $error ): void {
		$this->poison ??= $error->getMessage();
		$this->frame->close();
	}

	/** @param array<string, mixed> $params */
	private function await( int $number, string $same, array $params, Deadline $deadline ): mixed {
		while ( true ) {
			$raw = $this->frame->read( $deadline );
			if ( $raw === $same ) {
				return $params['args'][0] ?? null;
			}
			$message = $this->message( $raw );
			if ( isset( $message['method'] ) ) {
				if ( 'channel.closing' === $message['method'] ) {
					throw new Closing( 'The server closes.' );
				}
				if ( ( $message['parent'] ?? null ) !== $number ) {
					throw new ProtocolError( 'A nested call names another parent than the pending call.' );
				}
				$this->answer( $message, $raw, $deadline );
				continue;
			}
			if ( ( $message['id'] ?? null ) !== $number ) {
				throw new ProtocolError( 'An answer to another call than the pending one.' );
			}
			if ( isset( $message['error'] ) ) {
				throw $this->remote_error( $message['error'] );
			}
			$result = $message['result'] ?? null;
			return is_array( $result ) && str_contains( $raw, '"$' ) ? $this->with_deadline( $deadline, fn () => $this->decoder()->decode( $result ) ) : $result;
		}
	}

	/**
	 * Serve one call of the other side.
	 *
	 * @param array<string, mixed> $message
	 */
	private function answer( array $message, string $raw, ?Deadline $outer = null ): void {
		$number = $message['id'] ?? null;
		$params = $message['params'] ?? array();
		if ( ! is_int( $number ) || ! is_array( $params ) || ! is_string( $message['method'] ) ) {
			throw new ProtocolError( 'A call without a number, a method or params.' );
		}
		$this->peer_context = $message['ctx'] ?? $this->peer_context;
		$deadline           = isset( $message['budget'] ) ? Deadline::after( (float) $message['budget'] ) : Deadline::never();
		$deadline           = null === $outer ? $deadline : $deadline->within( $outer );
		if ( $this->depth >= self::MAX_DEPTH ) {
			$this->frame->write( $this->failure( $number, 'bridge_depth_exceeded', 'Too many calls inside calls.', array() ), $deadline );
			return;
		}
		$served       = $this->served;
		$this->served = $number;
		++$this->depth;
		try {
			$payload = $this->with_deadline( $deadline, fn (): string => $this->run( $number, $message['method'], $params, $raw ) );
		} finally {
			--$this->depth;
			$this->served = $served;
		}
		if ( null !== $this->poison ) {
			throw new ConnectionLost( $this->poison );
		}
		$this->frame->write( $payload, $deadline );
	}

	/** @param array<string, mixed> $params */
	private function run( int $number, string $method, array $params, string $raw ): string {
		try {
			$tagged = str_contains( $raw, '"$' );
			if ( $tagged ) {
				$params = $this->decoder()->decode( $params );
			}
			$result = match ( $method ) {
				'handle.invoke' => self::invoke( $params['handle'] ?? null, $params['args'] ?? array() ),
				'handle.method' => self::invoke( array( $params['handle'] ?? null, $params['name'] ?? '' ), $params['args'] ?? array() ),
				default         => ( $this->dispatch )( $method, $params ),
			};
			// An object may have changed in place, so only values without one can be called unchanged.
			if ( ! $tagged && null !== $result && ( $params['args'][0] ?? null ) === $result ) {
				return '{"jsonrpc":"2.0","id":' . $number . ',"result":{"$s":0}}';
			}
			$json = $this->codec->encode( $result, $this->pending > 0 );
			self::require_fit( $json );
			return '{"jsonrpc":"2.0","id":' . $number . ',"result":' . $json . '}';
		} catch ( RemoteError $error ) {
			return $this->failure( $number, $error->error_code(), $error->getMessage(), $error->data() );
		} catch ( \Throwable $error ) { // The other side gets every failure as an answer: nothing is thrown into WordPress.
			return $this->failure( $number, $error instanceof CodecError ? 'bridge_unserialisable' : 'php_exception', $error->getMessage(), array( 'class' => $error::class ) );
		}
	}

	/** @param array<mixed> $args */
	private static function invoke( mixed $target, array $args ): mixed {
		$object = is_array( $target ) ? $target[0] : $target;
		if ( ! is_object( $object ) || ! is_callable( $target ) ) {
			throw new CodecError( 'Only a live handle of this call can be called.' );
		}
		return $target( ...$args );
	}

	/** @param array<string, mixed> $data */
	private function failure( int $number, string $code, string $message, array $data ): string {
		$error = array( 'code' => -32000, 'message' => mb_strcut( mb_scrub( $message, 'UTF-8' ), 0, 4000, 'UTF-8' ), 'data' => array( 'code' => $code, 'data' => $data ) );
		try {
			$json = $this->codec->encode( $error );
		} catch ( CodecError ) {
			$error['data']['data'] = array();
			$json                  = $this->codec->encode( $error );
		}
		return '{"jsonrpc":"2.0","id":' . $number . ',"error":' . $json . '}';
	}

	/** @param mixed $error */
	private function remote_error( $error ): RemoteError {
		$data = $error['data']['data'] ?? array();
		$data = is_array( $data ) ? $this->decoder()->decode( $data ) : array();
		return new RemoteError( (string) ( $error['data']['code'] ?? 'remote_error' ), (string) ( $error['message'] ?? '' ), is_array( $data ) ? $data : array() );
	}

	/** @return array<string, mixed> */
	private function message( string $raw ): array {
		$message = json_decode( $raw, true );
		if ( ! is_array( $message ) || '2.0' !== ( $message['jsonrpc'] ?? null ) ) {
			throw new ProtocolError( 'Not a message: ' . ( JSON_ERROR_NONE === json_last_error() ? 'no JSON-RPC 2.0' : json_last_error_msg() ) . '.' );
		}
		return $message;
	}

	private function with_deadline( Deadline $deadline, \Closure $work ): mixed {
		$outer          = $this->deadline;
		$this->deadline = $deadline;
		try {
			return $work();
		} finally {
			$this->deadline = $outer;
		}
	}

	/** Fetch a value too large for a frame, piece by piece, after a look at what memory is left. */
	private function read_large( int $number, int $bytes, string $kind ): mixed {
		Frame::require_memory( $bytes, 'json' === $kind ? self::LARGE_GROWTH : 2 );
		$data = '';
		while ( strlen( $data ) < $bytes ) {
			$message = '{"jsonrpc":"2.0","id":' . ( ++$this->number ) . ',"method":"value.read","params":{"l":' . $number . ',"o":' . strlen( $data ) . ',"n":' . self::CHUNK . '}';
			$message .= ( null === $this->served ? '' : ',"parent":' . $this->served ) . '}';
			try {
				$this->frame->write( $message, $this->deadline );
				$raw = $this->frame->read( $this->deadline );
				if ( "\0" !== ( $raw[0] ?? '' ) || strlen( $raw ) < 2 ) {
					throw new ProtocolError( 'Not a piece of a large value.' );
				}
			} catch ( BridgeException $error ) {
				$this->poison( $error );
				throw new ConnectionLost( $error->getMessage(), 0, $error );
			}
			$data .= substr( $raw, 1 );
		}
		if ( 'json' !== $kind ) {
			return $data;
		}
		$value = json_decode( $data, true );
		return is_array( $value ) ? $this->decoder()->decode( $value ) : $value;
	}
}
