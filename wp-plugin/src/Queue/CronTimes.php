<?php
/**
 * The times a five-field cron expression names, in UTC, as Action Scheduler's library reads it: all fields must agree,
 * and a step after `*` names what it divides. The workers read them the same way (sidecar/queue/cron.py).
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Queue;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class CronTimes {

	private const WORDS  = array(
		'@yearly'   => '0 0 1 1 *',
		'@annually' => '0 0 1 1 *',
		'@monthly'  => '0 0 1 * *',
		'@weekly'   => '0 0 * * 0',
		'@daily'    => '0 0 * * *',
		'@midnight' => '0 0 * * *',
		'@hourly'   => '0 * * * *',
	);
	private const RANGES = array( array( 0, 59 ), array( 0, 23 ), array( 1, 31 ), array( 1, 12 ), array( 0, 7 ) );
	private const NAMES  = array(
		3 => array( 'jan' => 1, 'feb' => 2, 'mar' => 3, 'apr' => 4, 'may' => 5, 'jun' => 6, 'jul' => 7, 'aug' => 8, 'sep' => 9, 'oct' => 10, 'nov' => 11, 'dec' => 12 ), // phpcs:ignore WordPress.Arrays
		4 => array( 'sun' => 0, 'mon' => 1, 'tue' => 2, 'wed' => 3, 'thu' => 4, 'fri' => 5, 'sat' => 6 ), // phpcs:ignore WordPress.Arrays
	);

	/** Days to look ahead: a 29 February that is a Monday may be 40 years away. */
	private const HORIZON = 14700;

	/** @var array{0: array<int, true>, 1: array<int, true>, 3: array<int, true>} Minutes, hours, months. */
	private array $sets = array();

	/** @var list<string> Alternatives of the day of the month, in lower case. */
	private array $days;

	/** @var list<string> Alternatives of the day of the week, names and Sundays resolved. */
	private array $weekdays;

	/** @throws \InvalidArgumentException When it is not a cron expression. */
	public function __construct( string $expression ) {
		$fields = array_map( 'strtolower', self::five( $expression ) );
		foreach ( array( 0, 1, 3 ) as $index ) {
			list( $low, $high )   = self::RANGES[ $index ];
			$this->sets[ $index ] = array();
			foreach ( explode( ',', strtr( $fields[ $index ], self::NAMES[ $index ] ?? array() ) ) as $part ) {
				$this->sets[ $index ] += self::values( $part, $low, $high );
			}
		}
		$this->days     = explode( ',', $fields[2] );
		$this->weekdays = array_map( array( self::class, 'around_sunday' ), explode( ',', strtr( $fields[4], self::NAMES[4] ) ) );
		// Whether every alternative can be read shows at any day.
		foreach ( $this->days as $part ) {
			self::is_day( $part, 1, 31, 1 );
		}
		foreach ( $this->weekdays as $part ) {
			self::is_weekday( $part, 0, 1, 31 );
		}
	}

	/**
	 * The fields of an expression: what an `@` word stands for, and no sixth that names any year.
	 *
	 * @return list<string>
	 * @throws \InvalidArgumentException When there are not five.
	 */
	public static function five( string $expression ): array {
		$expression = trim( $expression );
		$fields     = preg_split( '/\s+/', self::WORDS[ strtolower( $expression ) ] ?? $expression );
		if ( 6 === count( $fields ) && in_array( $fields[5], array( '*', '?' ), true ) ) {
			array_pop( $fields );
		}
		if ( 5 !== count( $fields ) ) {
			throw new \InvalidArgumentException( sprintf( '"%s" is not a cron expression of five fields.', $expression ) );
		}
		return $fields;
	}

	public function at_or_after( int $timestamp ): int {
		$timestamp = (int) ceil( $timestamp / 60 ) * 60;
		for ( $day = 0; $day <= self::HORIZON; ++$day ) {
			$midnight = strtotime( gmdate( 'Y-m-d', $timestamp ) . ' 00:00:00 UTC' );
			if ( $this->names_day( $midnight ) ) {
				for ( $minute = intdiv( $timestamp - $midnight, 60 ); $minute < 1440; ++$minute ) {
					if ( isset( $this->sets[1][ intdiv( $minute, 60 ) ], $this->sets[0][ $minute % 60 ] ) ) {
						return $midnight + 60 * $minute;
					}
				}
			}
			$timestamp = $midnight + DAY_IN_SECONDS;
		}
		throw new \InvalidArgumentException( 'The cron expression never comes true.' );
	}

	private function names_day( int $midnight ): bool {
		list( $month, $day, $last, $weekday ) = array_map( 'intval', explode( ' ', gmdate( 'n j t w', $midnight ) ) );
		if ( ! isset( $this->sets[3][ $month ] ) ) {
			return false;
		}
		$first = ( $weekday - $day + 36 ) % 7;
		foreach ( $this->days as $part ) {
			if ( ! self::is_day( $part, $day, $last, $first ) ) {
				continue;
			}
			foreach ( $this->weekdays as $other ) {
				if ( self::is_weekday( $other, $weekday, $day, $last ) ) {
					return true;
				}
			}
			return false;
		}
		return false;
	}

	/** @param int $first Day of the week of the month's first day. */
	private static function is_day( string $part, int $day, int $last, int $first ): bool {
		if ( 'l' === $part ) {
			return $day === $last;
		}
		if ( 1 !== preg_match( '/^([1-9]|[12]\d|3[01])w$/', $part, $match ) ) {
			return isset( self::values( $part, 1, 31, true )[ $day ] );
		}
		$wished = (int) $match[1];
		foreach ( array( $wished, $wished - 1, $wished + 1, $wished - 2, $wished + 2 ) as $near ) {
			if ( $wished <= $last && $near >= 1 && $near <= $last && ! in_array( ( $first + $near - 1 ) % 7, array( 0, 6 ), true ) ) {
				return $day === $near;
			}
		}
		return false;
	}

	private static function is_weekday( string $part, int $weekday, int $day, int $last ): bool {
		if ( 1 === preg_match( '/^([0-7])l$/', $part, $match ) ) {
			return $weekday === (int) $match[1] % 7 && $day > $last - 7;
		}
		if ( 1 === preg_match( '/^([0-7])#([1-5])$/', $part, $match ) ) {
			return $weekday === (int) $match[1] % 7 && intdiv( $day - 1, 7 ) + 1 === (int) $match[2];
		}
		// A part that names a 7 counts from Monday, 1 to 7; any other from Sunday, 0 to 6.
		$sunday = str_contains( $part, '7' ) ? 7 : 0;
		return isset( self::values( $part, min( 1, $sunday ), max( 6, $sunday ), true, 0 )[ 0 === $weekday ? $sunday : $weekday ] );
	}

	/** A range from or to Sunday, by the number that makes it one. */
	private static function around_sunday( string $part ): string {
		list( $low, $high ) = array_pad( explode( '-', $part, 2 ), 2, null );
		if ( null === $high ) {
			return $part;
		}
		if ( '7' === $low ) {
			return "0-$high";
		}
		return '0' === $high ? "$low-7" : $part;
	}

	/**
	 * What one alternative of a field names.
	 *
	 * @param bool     $days   Whether `?` may stand for `*`.
	 * @param int|null $lowest The least value a range may begin with, if that is not `$low`.
	 * @return array<int, true>
	 */
	private static function values( string $part, int $low, int $high, bool $days = false, ?int $lowest = null ): array {
		$any = $days ? '[*?]' : '\*';
		if ( 1 !== preg_match( "#^(?:$any|(\\d{1,2})(?:-(\\d{1,2}))?)(?:/(\\d{1,3}))?\$#", $part, $match ) ) {
			throw new \InvalidArgumentException( sprintf( '"%s" is not a field of a cron expression.', $part ) );
		}
		$from = $match[1] ?? '';
		$to   = $match[2] ?? '';
		$step = (int) ( $match[3] ?? 1 );
		if ( $step < 1 ) {
			throw new \InvalidArgumentException( sprintf( '"%s" has a step of nothing.', $part ) );
		}
		if ( '' === $from || ( '0' === $from && '' === $to && isset( $match[3] ) ) ) {
			return array_fill_keys( array_filter( range( $low, $high ), static fn( int $value ): bool => 0 === $value % $step ), true );
		}
		$start = (int) $from;
		$end   = '' !== $to ? (int) $to : ( isset( $match[3] ) ? $high : $start );
		if ( $start < ( $lowest ?? $low ) || $end > $high || $start > $end ) {
			throw new \InvalidArgumentException( sprintf( '"%s" is outside its range.', $part ) );
		}
		$values = array();
		for ( $value = $start; $value <= $end; $value += $step ) {
			$values[ $value ] = true;
		}
		return $values;
	}
}
