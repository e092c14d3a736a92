<?php
/**
 * A circuit breaker in one small file, shared by all PHP processes of the site.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

/**
 * Three failures in ten seconds open it for five; then one process probes while the others still go without. It never
 * makes a page wait: reading is one small file, a lock that is not free at once is not waited for, and a file that
 * cannot be written means no breaker.
 */
final class Breaker {

	public const FAILURES = 3;
	public const WINDOW   = 10.0;
	public const OPEN     = 5.0;

	/** @param ?\Closure(): float $clock Seconds, the same in all processes. */
	public function __construct( private readonly string $file, private readonly ?\Closure $clock = null ) {}

	/** Whether to try: true while closed, and for the one process that probes when the time is over. */
	public function permits(): bool {
		if ( $this->is_empty() ) {
			return true;
		}
		$now   = $this->now();
		$known = $this->parse( (string) @file_get_contents( $this->file ) ); // phpcs:ignore WordPress.PHP.NoSilencedErrors, WordPress.WP.AlternativeFunctions -- as above.
		if ( ! self::is_open( $known, $now ) ) {
			return true;
		}
		$probing = false;
		$written = $this->change(
			static function ( array $state ) use ( $now, &$probing ): array {
				if ( $state['until'] > 0.0 && $now >= $state['until'] ) {
					$probing        = true;
					$state['until'] = $now + self::OPEN;
				}
				return $state;
			}
		);
		// Who cannot say that he probes cannot close it either: what another user wrote must not shut him out for good.
		return $written ? $probing : $now >= $known['until'];
	}

	/** A connection or a call failed because of the other side. */
	public function failed(): void {
		$now = $this->now();
		$this->change(
			static function ( array $state ) use ( $now ): array {
				$state['failures'] = array_values( array_filter( $state['failures'], static fn ( float $at ): bool => $at <= $now && $at > $now - self::WINDOW ) );
				$state['failures'] = array_slice( array( ...$state['failures'], $now ), -self::FAILURES );
				if ( count( $state['failures'] ) >= self::FAILURES ) {
					$state['until'] = $now + self::OPEN;
				}
				return $state;
			}
		);
	}

	/** A call came back: forget the failures. Costs a look at the file's size while there are none. */
	public function succeeded(): void {
		if ( $this->is_empty() ) {
			return;
		}
		$now = $this->now();
		$this->change(
			// Failures of others stay counted while it is closed: a sidecar that answers every second call is no good.
			static fn ( array $state ): array => $state['until'] > 0.0 || $now - ( end( $state['failures'] ) ?: 0.0 ) > self::WINDOW
				? array( 'until' => 0.0, 'failures' => array() )
				: $state
		);
	}

	/**
	 * Until somebody has probed, also when its time is over.
	 *
	 * @param array{until: float, failures: list<float>} $state
	 */
	private static function is_open( array $state, float $now ): bool {
		// A moment further away than it can be was written by a clock that has been set back since.
		return $state['until'] > 0.0 && $state['until'] <= $now + self::OPEN + 1.0;
	}

	/** The usual state: an absent or empty file. */
	private function is_empty(): bool {
		if ( '' === $this->file ) {
			return true;
		}
		clearstatcache( false, $this->file );
		return ! @is_file( $this->file ) || 0 === @filesize( $this->file ); // phpcs:ignore WordPress.PHP.NoSilencedErrors -- it may lie outside of open_basedir.
	}

	/**
	 * @param \Closure(array{until: float, failures: list<float>}): array{until: float, failures: list<float>} $edit
	 * @return bool False when this process may not write the file.
	 */
	private function change( \Closure $edit ): bool {
		$file = $this->open();
		if ( null === $file ) {
			return false;
		}
		if ( flock( $file, LOCK_EX | LOCK_NB ) ) {
			$state = $edit( $this->parse( (string) stream_get_contents( $file ) ) );
			ftruncate( $file, 0 );
			rewind( $file );
			if ( $state['until'] > 0.0 || array() !== $state['failures'] ) {
				fwrite( $file, json_encode( $state ) ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- works without WordPress.
			}
			fflush( $file );
			flock( $file, LOCK_UN );
		}
		fclose( $file );
		return true;
	}

	/**
	 * The file, made where it is missing. Its folder is private; in there it is everybody's, as PHP of the web server and
	 * WP-CLI of root share it.
	 *
	 * @return resource|null
	 */
	private function open() {
		if ( '' === $this->file ) {
			return null;
		}
		// phpcs:disable WordPress.PHP.NoSilencedErrors, WordPress.WP.AlternativeFunctions -- no breaker without a file.
		if ( @is_file( $this->file ) ) {
			// Not by a mode that may create it: systems refuse that in a sticky folder for a file of another user.
			return @fopen( $this->file, 'r+' ) ?: null;
		}
		$file = @fopen( $this->file, 'c+' );
		if ( false !== $file ) {
			@chmod( $this->file, 0666 );
		}
		// phpcs:enable
		return $file ?: null;
	}

	/** @return array{until: float, failures: list<float>} */
	private function parse( string $text ): array {
		$state = '' === $text ? null : json_decode( $text, true );
		return array(
			'until'    => (float) ( is_array( $state ) ? $state['until'] ?? 0.0 : 0.0 ),
			'failures' => array_map( 'floatval', array_values( is_array( $state ) ? (array) ( $state['failures'] ?? array() ) : array() ) ),
		);
	}

	private function now(): float {
		return null === $this->clock ? microtime( true ) : ( $this->clock )();
	}
}
