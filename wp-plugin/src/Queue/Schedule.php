<?php
/**
 * When an action is due, in the bytes the Action Scheduler library serializes its schedule objects to.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Queue;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Schedule {

	private const CRON_FIELDS = array( 'Minutes', 'Hours', 'DayOfMonth', 'Month', 'DayOfWeek' );

	private function __construct( public readonly int $timestamp, public readonly string $serialized ) {
	}

	/** As soon as a runner comes by. */
	public static function async(): self {
		return new self( time(), self::instance( 'ActionScheduler_NullSchedule' ) );
	}

	public static function single( int $timestamp ): self {
		$name = 'ActionScheduler_SimpleSchedule';
		return new self(
			$timestamp,
			self::instance(
				$name,
				self::property( '*', 'scheduled_timestamp', "i:$timestamp;" ),
				self::property( $name, 'timestamp', "i:$timestamp;" )
			)
		);
	}

	public static function interval( int $timestamp, int $seconds ): self {
		$name = 'ActionScheduler_IntervalSchedule';
		return new self(
			$timestamp,
			self::instance(
				$name,
				self::property( '*', 'scheduled_timestamp', "i:$timestamp;" ),
				self::property( '*', 'first_timestamp', "i:$timestamp;" ),
				self::property( '*', 'recurrence', "i:$seconds;" ),
				self::property( $name, 'start_timestamp', "i:$timestamp;" ),
				self::property( $name, 'interval_in_seconds', "i:$seconds;" )
			)
		);
	}

	/** The first time at or after `$from` that the expression names. */
	public static function cron( int $from, string $expression ): self {
		$timestamp = ( new CronTimes( $expression ) )->at_or_after( $from );
		$parts     = CronTimes::five( $expression );
		$listed    = '';
		$fields    = '';
		foreach ( $parts as $index => $part ) {
			$listed .= "i:$index;" . serialize( $part );
		}
		foreach ( self::CRON_FIELDS as $index => $field ) {
			$fields .= "i:$index;" . self::instance( "CronExpression_{$field}Field" );
		}
		$name    = 'ActionScheduler_CronSchedule';
		$factory = 'CronExpression_FieldFactory';
		$cron    = self::instance(
			'CronExpression',
			self::property( 'CronExpression', 'cronParts', sprintf( 'a:%d:{%s}', count( $parts ), $listed ) ),
			self::property( 'CronExpression', 'fieldFactory', self::instance( $factory, self::property( $factory, 'fields', "a:5:{{$fields}}" ) ) )
		);
		return new self(
			$timestamp,
			self::instance(
				$name,
				self::property( '*', 'scheduled_timestamp', "i:$timestamp;" ),
				self::property( '*', 'first_timestamp', "i:$timestamp;" ),
				self::property( '*', 'recurrence', $cron ),
				self::property( $name, 'start_timestamp', "i:$timestamp;" ),
				// The fourth value of the document, the expression: one object is stored once.
				self::property( $name, 'cron', 'r:4;' )
			)
		);
	}

	private static function instance( string $name, string ...$properties ): string {
		return sprintf( 'O:%d:"%s":%d:{%s}', strlen( $name ), $name, count( $properties ), implode( '', $properties ) );
	}

	private static function property( string $owner, string $name, string $value ): string {
		$key = "\0$owner\0$name";
		return sprintf( 's:%d:"%s";%s', strlen( $key ), $key, $value );
	}
}
