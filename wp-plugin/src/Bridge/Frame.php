<?php
/**
 * Frames on a stream socket: a 4-byte big-endian length, then that many bytes. One write and one read each.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

/**
 * Not usable after an exception: the stream is out of step then.
 */
final class Frame {

	/** A larger frame is refused from its length alone: reading it could be a fatal error nobody can catch. */
	public const MAX = 1 << 20;

	/** What Python reads at most. */
	public const MAX_SENT = 64 << 20;

	/** Bytes handed to one write: most frames whole. */
	private const PIECE = 64 << 10;

	private const ONE_READ = 8 << 10;

	/** Bytes of memory a decoded frame may need for each of its own. */
	private const GROWTH = 16;

	/**
	 * Nanoseconds to look for bytes before going to sleep. On an idle virtual machine being woken costs 20 to 25 µs, each
	 * way, and looking saves that. On a busy one looking only takes the processor from the other side (measured: 124 µs a
	 * round trip instead of 12), so each look in vain lets more waits pass before the next, up to MOST_SKIPPED.
	 */
	private const LOOK          = 60_000;
	private const LOOK_LONGER   = 250_000;
	private const FIRST_SKIPPED = 8;
	private const MOST_SKIPPED  = 32;

	private int $skip = 0;

	private int $in_vain = 0;

	/** Looks that may take longer: the handshake and the first call, for which the other side has to wake up. */
	private int $longer = 2;

	private string $pending = '';

	private string $held = '';

	/** @param resource $stream A connected stream socket. */
	public function __construct( private $stream, private readonly int $limit = self::MAX ) {
		stream_set_blocking( $stream, false );
		stream_set_read_buffer( $stream, 0 );
	}

	/** @return resource */
	public function stream() {
		return $this->stream;
	}

	/** Send this frame in one write with the next one. */
	public function hold( string $payload ): void {
		$this->held .= pack( 'N', strlen( $payload ) ) . $payload;
	}

	/**
	 * @throws TimedOut
	 * @throws Closing        Nothing was sent, the other side had closed before.
	 * @throws ConnectionLost
	 */
	public function write( string $payload, Deadline $deadline ): void {
		$data = pack( 'N', strlen( $payload ) ) . $payload;
		if ( '' !== $this->held ) {
			$data       = $this->held . $data;
			$this->held = '';
		}
		$size = strlen( $data );
		$sent = @fwrite( $this->stream, $size > self::PIECE ? substr( $data, 0, self::PIECE ) : $data ); // phpcs:ignore WordPress.PHP.NoSilencedErrors -- a broken pipe is an answer, not a notice.
		if ( $sent !== $size ) {
			if ( false === $sent ) {
				throw new Closing( 'The other side had hung up.' );
			}
			$this->write_rest( $data, $sent, $deadline );
		}
	}

	/**
	 * The payload of the next frame.
	 *
	 * @throws TimedOut
	 * @throws ConnectionLost
	 * @throws ProtocolError Also when this process may not use the memory it takes.
	 */
	public function read( Deadline $deadline ): string {
		if ( '' !== $this->pending ) {
			$data          = $this->pending;
			$this->pending = '';
		} else {
			$data = $this->receive( $deadline, self::ONE_READ );
		}
		while ( strlen( $data ) < 4 ) {
			$data .= $this->receive( $deadline, self::ONE_READ );
		}
		$length = unpack( 'N', $data )[1];
		$have   = strlen( $data ) - 4;
		if ( $have === $length ) {
			return substr( $data, 4 );
		}
		if ( 0 === $length ) {
			throw new ProtocolError( 'An empty frame.' );
		}
		if ( $have > $length ) {
			$this->pending = substr( $data, 4 + $length );
			return substr( $data, 4, $length );
		}
		$this->admit( $length );
		while ( $have < $length ) {
			$more  = $this->receive( $deadline, $length - $have );
			$data .= $more;
			$have += strlen( $more );
		}
		return substr( $data, 4 );
	}

	/** @throws TooLarge When this process may not use the memory that decoding so many bytes can take. */
	public static function require_memory( int $bytes, int $growth = self::GROWTH ): void {
		if ( $bytes < 65536 ) {
			return;
		}
		$limit = self::memory_limit();
		if ( $limit > 0 && memory_get_usage() + $bytes * $growth > $limit ) {
			throw new TooLarge( sprintf( 'A value of %d bytes needs more memory than is left.', $bytes ) );
		}
	}

	/** Bytes this process may use; not positive without limit. */
	private static function memory_limit(): int {
		$text = trim( (string) ini_get( 'memory_limit' ) );
		$unit = array( 'K' => 10, 'M' => 20, 'G' => 30 )[ strtoupper( substr( $text, -1 ) ) ] ?? 0;
		return (int) $text << $unit;
	}

	public function close(): void {
		if ( is_resource( $this->stream ) ) {
			fclose( $this->stream );
		}
	}

	private function admit( int $length ): void {
		if ( $length > $this->limit ) {
			throw new ProtocolError( sprintf( 'A frame of %d bytes is larger than %d.', $length, $this->limit ) );
		}
		try {
			self::require_memory( $length );
		} catch ( TooLarge $error ) {
			throw new ProtocolError( $error->getMessage(), 0, $error ); // Not read, so the stream is out of step.
		}
	}

	private function receive( Deadline $deadline, int $most ): string {
		if ( $this->skip > 0 ) {
			--$this->skip;
		} else {
			$until = hrtime( true ) + ( --$this->longer >= 0 ? self::LOOK_LONGER : self::LOOK );
			do {
				$data = @fread( $this->stream, $most ); // phpcs:ignore WordPress.PHP.NoSilencedErrors -- a reset is an answer, not a notice.
				if ( '' !== $data && false !== $data ) {
					$this->in_vain = 0;
					return $data;
				}
			} while ( hrtime( true ) < $until );
			$this->in_vain = min( 2 * $this->in_vain ?: self::FIRST_SKIPPED, self::MOST_SKIPPED );
			$this->skip    = $this->in_vain;
		}
		$this->wait( $deadline, false );
		$data = @fread( $this->stream, $most ); // phpcs:ignore WordPress.PHP.NoSilencedErrors -- as above.
		if ( false === $data || '' === $data ) {
			throw new ConnectionLost( 'The other side hung up; the outcome is unknown.' );
		}
		return $data;
	}

	/** Sleep until the stream can be read or written; its timeouts are no help, they count for each read anew. */
	private function wait( Deadline $deadline, bool $to_write ): void {
		do {
			$read  = $to_write ? null : array( $this->stream );
			$write = $to_write ? array( $this->stream ) : null;
			$none  = null;
			if ( PHP_INT_MAX === $deadline->at ) {
				$ready = @stream_select( $read, $write, $none, null ); // phpcs:ignore WordPress.PHP.NoSilencedErrors -- interrupted by a signal: wait on.
				continue;
			}
			$left = intdiv( $deadline->at - hrtime( true ), 1000 );
			if ( $left <= 0 ) {
				throw new TimedOut( 'The other side did not answer in time; the outcome is unknown.' );
			}
			$ready = @stream_select( $read, $write, $none, intdiv( $left, 1000000 ), $left % 1000000 ); // phpcs:ignore WordPress.PHP.NoSilencedErrors -- as above.
		} while ( ! $ready );
	}

	private function write_rest( string $data, int $done, Deadline $deadline ): void {
		$size = strlen( $data );
		while ( $done < $size ) {
			$this->wait( $deadline, true );
			$sent = @fwrite( $this->stream, substr( $data, $done, self::PIECE ) ); // phpcs:ignore WordPress.PHP.NoSilencedErrors -- a broken pipe is an answer.
			if ( false === $sent ) {
				throw new ConnectionLost( 'The other side hung up.' );
			}
			$done += $sent;
		}
	}
}
