<?php
/**
 * Values on the wire: plain JSON, plus forms tagged with a `$` key for what JSON cannot say.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

/**
 * Encoding. The forms are listed in the Python module `sidecar.bridge.codec`; {@see Decoder} is the way back.
 */
final class Codec {

	/** Value objects: rebuilt from their public properties on either side. */
	public const VALUE_OBJECTS = array( 'stdClass', 'WP_Post', 'WP_Comment', 'WP_Term', 'WP_Site', self::SCOPE );

	/** The address of a memory file; its constructor takes its properties, and nothing changes them. */
	public const SCOPE = 'AgentsAPI\\Core\\FilesRepository\\AgentMemoryScope';

	public const MAX_DEPTH = 60;

	private const FLAGS = JSON_PRESERVE_ZERO_FRACTION | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR;

	/** @var array<int, true> Objects of the message being encoded. */
	private array $seen = array();

	/** @var array<int, int>|null Numbers of value objects that mean nothing after the message, null to lend them. */
	private ?array $passing = null;

	public function __construct( private readonly Handles $handles ) {}

	/**
	 * One value as JSON.
	 *
	 * @param bool $lend Whether value objects may come back as themselves. Outside any call of ours nothing would ever
	 *                   release them: their numbers are negative then and good for this message only.
	 * @throws CodecError
	 */
	public function encode( mixed $value, bool $lend = true ): string {
		try {
			if ( self::is_plain( $value, 0 ) ) {
				return json_encode( $value, self::FLAGS ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- works without WordPress, and throws.
			}
		} catch ( \JsonException ) { // phpcs:ignore Generic.CodeAnalysis.EmptyStatement -- bytes or a float that is not finite: tagged below.
		}
		$this->seen    = array();
		$this->passing = $lend ? null : array();
		try {
			return json_encode( $this->pack( $value, 0 ), self::FLAGS ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- as above.
		} catch ( \JsonException $error ) {
			throw new CodecError( 'A value has no form on the wire: ' . $error->getMessage(), 0, $error );
		}
	}

	/** Whether JSON says all there is to say, strings and floats aside: those `json_encode` itself refuses. */
	private static function is_plain( mixed $value, int $depth ): bool {
		if ( ! is_array( $value ) ) {
			return null === $value || is_scalar( $value );
		}
		if ( $depth > self::MAX_DEPTH ) {
			return false;
		}
		if ( array_is_list( $value ) ) {
			foreach ( $value as $item ) {
				if ( ! is_scalar( $item ) && null !== $item && ! ( is_array( $item ) && self::is_plain( $item, $depth + 1 ) ) ) {
					return false;
				}
			}
			return true;
		}
		foreach ( $value as $key => $item ) {
			if ( is_int( $key ) || '' === $key || '$' === $key[0] ) {
				return false;
			}
			if ( ! is_scalar( $item ) && null !== $item && ! ( is_array( $item ) && self::is_plain( $item, $depth + 1 ) ) ) {
				return false;
			}
		}
		return true;
	}

	/** A value as something `json_encode` writes truthfully. */
	private function pack( mixed $value, int $depth ): mixed {
		if ( is_string( $value ) ) {
			// The pattern is empty: only the check of the subject for UTF-8 matters.
			return 1 === preg_match( '//u', $value ) ? $value : array( '$b' => base64_encode( $value ) ); // phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions -- bytes in JSON.
		}
		if ( is_float( $value ) && ! is_finite( $value ) ) {
			return array( '$f' => is_nan( $value ) ? 'NaN' : ( $value > 0 ? 'INF' : '-INF' ) );
		}
		if ( null === $value || is_scalar( $value ) ) {
			return $value;
		}
		if ( $depth > self::MAX_DEPTH ) {
			return array( '$x' => 'depth' );
		}
		if ( is_array( $value ) ) {
			return $this->pack_array( $value, $depth + 1 );
		}
		return $this->pack_object( $value, $depth + 1 );
	}

	/** @param array<mixed> $value */
	private function pack_array( array $value, int $depth ): mixed {
		if ( array_is_list( $value ) ) {
			$list = array();
			foreach ( $value as $item ) {
				$list[] = $this->pack( $item, $depth );
			}
			return $list;
		}
		$map = true;
		foreach ( $value as $key => $_ ) {
			if ( is_int( $key ) || '' === $key || '$' === $key[0] || 1 !== preg_match( '//u', $key ) ) {
				$map = false;
				break;
			}
		}
		$packed = array();
		foreach ( $value as $key => $item ) {
			if ( $map ) {
				$packed[ $key ] = $this->pack( $item, $depth );
			} else {
				$packed[] = array( $this->pack( $key, $depth ), $this->pack( $item, $depth ) );
			}
		}
		return $map ? $packed : array( '$a' => $packed );
	}

	/** @param object|resource $value */
	private function pack_object( $value, int $depth ): array {
		if ( $value instanceof RemoteCallable ) {
			return array( '$p' => $value->number, 'n' => $value->name );
		}
		if ( $value instanceof NamedObject ) {
			return array( '$m' => $value->bridge_kind(), 'n' => $value->bridge_name() );
		}
		if ( $value instanceof \UnitEnum ) {
			return array( '$n' => $value::class, 'v' => $value->name );
		}
		$number = null !== $this->passing && self::is_value( $value )
			? $this->passing[ spl_object_id( $value ) ] ??= -1 - count( $this->passing )
			: $this->handles->lend( $value );
		if ( isset( $this->seen[ $number ] ) ) {
			return array( '$r' => $number );
		}
		$this->seen[ $number ] = true;
		if ( ! is_object( $value ) ) {
			return array( '$h' => $number, 'c' => 'resource:' . get_resource_type( $value ), 'p' => new \stdClass() );
		}
		if ( in_array( $value::class, self::VALUE_OBJECTS, true ) ) {
			$properties = array();
			foreach ( get_object_vars( $value ) as $name => $item ) {
				$properties[] = array( $this->pack( (string) $name, $depth ), $this->pack( $item, $depth ) );
			}
			return array( '$o' => $value::class, 'p' => $properties, '#' => $number );
		}
		if ( $value instanceof \WP_Error ) {
			return array( '$e' => $this->pack_error( $value, $depth ), '#' => $number );
		}
		if ( $value instanceof \DateTimeInterface ) {
			return array(
				'$t' => $value->format( 'Y-m-d\TH:i:s.uP' ),
				'z'  => $value->getTimezone()->getName(),
				'c'  => $value::class,
				'#'  => $number,
			);
		}
		$scalars = new \stdClass();
		if ( ! $value instanceof \Closure ) {
			foreach ( get_object_vars( $value ) as $name => $item ) {
				if ( is_scalar( $item ) && '' !== (string) $name && '$' !== ( (string) $name )[0] ) {
					$scalars->{$name} = $this->pack( $item, $depth );
				}
			}
		}
		return array( '$h' => $number, 'c' => $value::class, 'p' => $scalars );
	}

	/**
	 * Whether everything about it travels.
	 *
	 * @param object|resource $value
	 */
	private static function is_value( $value ): bool {
		return is_object( $value ) && ( in_array( $value::class, self::VALUE_OBJECTS, true ) || $value instanceof \WP_Error || $value instanceof \DateTimeInterface );
	}

	/** @return list<array{0: mixed, 1: list<mixed>, 2: list<mixed>}> Every code with all its messages and all its data. */
	private function pack_error( \WP_Error $error, int $depth ): array {
		$packed = array();
		$codes  = array_unique( array_merge( array_keys( $error->errors ), array_keys( $error->error_data ) ), SORT_REGULAR );
		foreach ( $codes as $code ) {
			$messages = array();
			foreach ( $error->errors[ $code ] ?? array() as $message ) {
				$messages[] = $this->pack( $message, $depth );
			}
			$data = array();
			foreach ( $error->get_all_error_data( $code ) as $item ) {
				$data[] = $this->pack( $item, $depth );
			}
			$packed[] = array( $this->pack( $code, $depth ), $messages, $data );
		}
		return $packed;
	}
}
