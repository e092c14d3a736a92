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

	/** A frame up to this size fits into an empty socket buffer, so one write sends it whole. */
	private const ONE_WRITE = 32 << 10;

	private const ONE_READ = 8 << 10;

	/** Bytes of memory a decoded frame may need for each of its own. */
	private const GROWTH = 16;

	private string $pending = '';

	private string $held = '';

	/** @param resource $stream A connected stream socket. */
	public function __construct( private $stream, private readonly int $limit = self::MAX ) {
		stream_set_blocking( $stream, true );
		stream_set_read_buffer( $stream, 0 );
		stream_set_write_buffer( $stream, 0 );
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
		if ( $size > self::ONE_WRITE ) {
			$this->write_in_pieces( $data, $deadline );
			return;
		}
		$this->limit_wait( $deadline );
		$sent = @fwrite( $this->stream, $data ); // phpcs:ignore WordPress.PHP.NoSilencedErrors -- a broken pipe is an answer, not a notice.
		if ( $sent !== $size ) {
			throw stream_get_meta_data( $this->stream )['timed_out']
				? new TimedOut( 'The other side did not take the call in time.' )
				: ( $sent ? new ConnectionLost( 'The other side hung up.' ) : new Closing( 'The other side had hung up.' ) );
		}
	}

	/**
	 * The payload of the next frame.
	 *
	 * @throws TimedOut
	 * @throws ConnectionLost
	 * @throws ProtocolError
	 * @throws TooLarge
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
		self::require_memory( $length );
	}

	private function receive( Deadline $deadline, int $most ): string {
		$this->limit_wait( $deadline );
		$data = @fread( $this->stream, $most ); // phpcs:ignore WordPress.PHP.NoSilencedErrors -- a reset is an answer, not a notice.
		if ( false === $data || '' === $data ) {
			throw stream_get_meta_data( $this->stream )['timed_out']
				? new TimedOut( 'The other side did not answer in time; the outcome is unknown.' )
				: new ConnectionLost( 'The other side hung up; the outcome is unknown.' );
		}
		return $data;
	}

	/** One read or write waits no longer than what is left until the deadline. */
	private function limit_wait( Deadline $deadline ): void {
		if ( PHP_INT_MAX === $deadline->at ) {
			stream_set_timeout( $this->stream, -1 );
			return;
		}
		$left = intdiv( $deadline->at - hrtime( true ), 1000 );
		if ( $left <= 0 ) {
			throw new TimedOut( 'The time is used up; the outcome is unknown.' );
		}
		$left += 999; // PHP waits in whole milliseconds and drops the rest, which would end the wait too early.
		stream_set_timeout( $this->stream, intdiv( $left, 1000000 ), $left % 1000000 );
	}

	private function write_in_pieces( string $data, Deadline $deadline ): void {
		stream_set_blocking( $this->stream, false );
		$size = strlen( $data );
		$done = 0;
		while ( $done < $size ) {
			$read  = null;
			$write = array( $this->stream );
			$none  = null;
			$left  = $deadline->is_never() ? null : intdiv( $deadline->left(), 1000 );
			if ( null !== $left && $left <= 0 ) {
				throw new TimedOut( 'The other side did not take the call in time.' );
			}
			$ready = @stream_select( $read, $write, $none, null === $left ? null : intdiv( $left, 1000000 ), null === $left ? null : $left % 1000000 ); // phpcs:ignore WordPress.PHP.NoSilencedErrors -- interrupted by a signal.
			if ( ! $ready ) {
				continue;
			}
			$sent = @fwrite( $this->stream, substr( $data, $done, 65536 ) ); // phpcs:ignore WordPress.PHP.NoSilencedErrors -- a broken pipe is an answer.
			if ( false === $sent || ( 0 === $sent && feof( $this->stream ) ) ) {
				throw 0 === $done ? new Closing( 'The other side had hung up.' ) : new ConnectionLost( 'The other side hung up.' );
			}
			$done += $sent;
		}
		stream_set_blocking( $this->stream, true );
	}
}
