<?php
/**
 * The times a five-field cron expression names, in UTC.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Queue;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class CronTimes {

	private const RANGES = array( array( 0, 59 ), array( 0, 23 ), array( 1, 31 ), array( 1, 12 ), array( 0, 7 ) );
	private const NAMES  = array(
		3 => array( 'jan' => 1, 'feb' => 2, 'mar' => 3, 'apr' => 4, 'may' => 5, 'jun' => 6, 'jul' => 7, 'aug' => 8, 'sep' => 9, 'oct' => 10, 'nov' => 11, 'dec' => 12 ), // phpcs:ignore WordPress.Arrays
		4 => array( 'sun' => 0, 'mon' => 1, 'tue' => 2, 'wed' => 3, 'thu' => 4, 'fri' => 5, 'sat' => 6 ), // phpcs:ignore WordPress.Arrays
	);

	/** Days to look ahead: a 29 February may be eight years away. */
	private const HORIZON = 3000;

	/** @var list<array<int, true>> */
	private array $sets = array();

	/** Both day fields are restricted: then either may match, as cron has it. */
	private bool $either_day;

	/** @throws \InvalidArgumentException When it is not a cron expression. */
	public function __construct( string $expression ) {
		$fields = preg_split( '/\s+/', trim( $expression ) );
		if ( 5 !== count( $fields ) ) {
			throw new \InvalidArgumentException( sprintf( '"%s" is not a cron expression of five fields.', $expression ) );
		}
		foreach ( $fields as $index => $field ) {
			$this->sets[] = self::set( strtolower( $field ), $index );
		}
		if ( isset( $this->sets[4][7] ) ) {
			$this->sets[4][0] = true;
		}
		$this->either_day = ! in_array( $fields[2], array( '*', '?' ), true ) && ! in_array( $fields[4], array( '*', '?' ), true );
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
		list( $month, $day, $weekday ) = array_map( 'intval', explode( ' ', gmdate( 'n j w', $midnight ) ) );
		if ( ! isset( $this->sets[3][ $month ] ) ) {
			return false;
		}
		$by_day     = isset( $this->sets[2][ $day ] );
		$by_weekday = isset( $this->sets[4][ $weekday ] );
		return $this->either_day ? $by_day || $by_weekday : $by_day && $by_weekday;
	}

	/** @return array<int, true> */
	private static function set( string $field, int $index ): array {
		list( $low, $high ) = self::RANGES[ $index ];
		$set                = array();
		foreach ( explode( ',', strtr( $field, self::NAMES[ $index ] ?? array() ) ) as $part ) {
			if ( 1 !== preg_match( '#^(?:[*?]|(\d+)(?:-(\d+))?)(?:/(\d+))?$#', $part, $match ) ) {
				throw new \InvalidArgumentException( sprintf( '"%s" is not a field of a cron expression.', $field ) );
			}
			$from = '' === ( $match[1] ?? '' ) ? $low : (int) $match[1];
			$step = (int) ( $match[3] ?? 1 );
			$open = '' === ( $match[1] ?? '' ) || isset( $match[3] );
			$to   = '' !== ( $match[2] ?? '' ) ? (int) $match[2] : ( $open ? $high : $from );
			if ( $step < 1 || $from < $low || $to > $high || $from > $to ) {
				throw new \InvalidArgumentException( sprintf( '"%s" is outside its range.', $field ) );
			}
			for ( $value = $from; $value <= $to; $value += $step ) {
				$set[ $value ] = true;
			}
		}
		return $set;
	}
}
