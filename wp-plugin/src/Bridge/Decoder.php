<?php
/**
 * From the wire to values of PHP.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

/**
 * The way back of {@see Codec}. Objects are only ever built from its list of value objects.
 */
final class Decoder {

	/** @var array<int, \WeakReference<RemoteCallable>> One object for each callable of the other side. */
	private array $callables = array();

	/**
	 * @param \Closure(int, list<mixed>): mixed  $invoke     Calls a callable of the other side.
	 * @param \Closure(int, int, string): mixed  $read_large Fetches a value that travels in chunks: number, bytes, kind.
	 */
	public function __construct(
		private readonly Handles $handles,
		private readonly \Closure $invoke,
		private readonly \Closure $read_large
	) {}

	/** @throws CodecError|HandleExpired|BridgeException */
	public function decode( mixed $wire ): mixed {
		return $this->unpack( $wire );
	}

	private function unpack( mixed $wire ): mixed {
		if ( ! is_array( $wire ) || array() === $wire ) {
			return $wire;
		}
		$first = array_key_first( $wire );
		if ( is_string( $first ) && '' !== $first && '$' === $first[0] ) {
			return $this->tagged( $first, $wire );
		}
		foreach ( $wire as $key => $item ) {
			if ( is_array( $item ) ) {
				$wire[ $key ] = $this->unpack( $item );
			}
		}
		return $wire;
	}

	/** @param array<string, mixed> $wire */
	private function tagged( string $tag, array $wire ): mixed {
		try {
			return match ( $tag ) {
				'$b'    => $this->bytes( $wire['$b'] ),
				'$f'    => array( 'NaN' => NAN, 'INF' => INF, '-INF' => -INF )[ $wire['$f'] ],
				'$a'    => $this->pairs( $wire['$a'] ),
				'$o'    => $this->value_object( $wire['$o'], $this->pairs( $wire['p'] ) ),
				'$e'    => $this->error( $wire['$e'] ),
				'$t'    => $this->date( $wire['$t'], $wire['z'], $wire['c'] ),
				'$n'    => $this->enum( $wire['$n'], $wire['v'] ),
				'$h'    => $this->handles->get( $wire['$h'] ),
				'$r'    => $this->known( $wire['$r'], $wire['p'] ?? array() ),
				'$p'    => $this->callable( $wire['$p'], $wire['n'] ?? '' ),
				'$l'    => ( $this->read_large )( $wire['$l'], $wire['n'], $wire['k'] ),
				'$m'    => NamedObjects::build( $wire['$m'], $wire['n'] ),
				'$x'    => null,
				default => throw new CodecError( 'Unknown kind of value ' . $tag . '.' ),
			};
		} catch ( \TypeError | \ValueError | \ErrorException $error ) {
			throw new CodecError( 'A value of kind ' . $tag . ' is malformed.', 0, $error );
		}
	}

	private function bytes( string $text ): string {
		$bytes = base64_decode( $text, true ); // phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions -- bytes in JSON.
		return false === $bytes ? throw new CodecError( 'Bytes that are not base64.' ) : $bytes;
	}

	/**
	 * @param list<array{0: mixed, 1: mixed}> $pairs
	 * @return array<mixed>
	 */
	private function pairs( array $pairs ): array {
		$array = array();
		foreach ( $pairs as list( $key, $item ) ) {
			$array[ $this->unpack( $key ) ] = $this->unpack( $item );
		}
		return $array;
	}

	/** @param array<mixed> $properties */
	private function value_object( string $class, array $properties ): object {
		if ( ! in_array( $class, Codec::VALUE_OBJECTS, true ) || ! class_exists( $class ) ) {
			throw new CodecError( 'An object of class ' . $class . ' is not built from the wire.' );
		}
		if ( Codec::SCOPE === $class ) {
			return new $class( ...$properties );
		}
		$plain = (object) $properties;
		return 'stdClass' === $class ? $plain : new $class( $plain );
	}

	/** @param list<array{0: mixed, 1: list<mixed>, 2: list<mixed>}> $codes */
	private function error( array $codes ): \WP_Error {
		$error = new \WP_Error();
		foreach ( $codes as list( $code, $messages, $data ) ) {
			$code = $this->unpack( $code );
			foreach ( $messages as $message ) {
				$error->add( $code, $this->unpack( $message ) );
			}
			foreach ( $data as $item ) {
				$error->add_data( $this->unpack( $item ), $code );
			}
		}
		return $error;
	}

	private function date( string $iso, string $zone, string $class ): \DateTimeInterface {
		try {
			$date = 'DateTime' === $class ? new \DateTime( $iso ) : new \DateTimeImmutable( $iso );
			return $date->setTimezone( new \DateTimeZone( $zone ) );
		} catch ( \Exception $error ) {
			throw new CodecError( 'A date that is not one.', 0, $error );
		}
	}

	private function enum( string $class, string $case ): \UnitEnum {
		if ( ! enum_exists( $class ) || ! defined( $class . '::' . $case ) ) {
			throw new CodecError( 'There is no ' . $class . '::' . $case . '.' );
		}
		return constant( $class . '::' . $case );
	}

	/**
	 * An object of ours that comes back, with the properties the other side changed.
	 *
	 * @param list<array{0: mixed, 1: mixed}> $changed
	 * @return object|resource
	 */
	private function known( int $number, array $changed ) {
		$object = $this->handles->get( $number );
		if ( array() !== $changed && Codec::SCOPE === $object::class ) {
			return $this->value_object( Codec::SCOPE, $this->pairs( $changed ) + get_object_vars( $object ) );
		}
		foreach ( $changed as list( $name, $item ) ) {
			$object->{$this->unpack( $name )} = $this->unpack( $item );
		}
		return $object;
	}

	private function callable( int $number, string $name ): RemoteCallable {
		$callable = isset( $this->callables[ $number ] ) ? $this->callables[ $number ]->get() : null;
		if ( null === $callable ) {
			$callable                   = new RemoteCallable( $number, $name, $this->invoke );
			$this->callables[ $number ] = \WeakReference::create( $callable );
		}
		return $callable;
	}
}
