<?php
/**
 * Time frames and keywords of fetch handlers, and the tool by which a model skips what was fetched.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Facade;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class FetchRules {

	/** Seconds by name. */
	private const SECONDS = array(
		'24_hours' => 86400,
		'72_hours' => 259200,
		'7_days'   => 604800,
		'30_days'  => 2592000,
		'90_days'  => 7776000,
		'6_months' => 15552000,
		'1_year'   => 31536000,
	);

	/** What the rules are on filters: other plugins ask there, and answer. */
	public static function register(): void {
		add_filter( 'datamachine_timeframe_limit', array( self::class, 'limit' ), 10, 2 );
		add_filter( 'datamachine_keyword_search_match', array( self::class, 'match' ), 10, 3 );
	}

	/**
	 * Without a name, the names that a setting offers with their labels; with one, the earliest second it lets through.
	 *
	 * @param mixed $value     An array, or null.
	 * @param mixed $timeframe A name, or null.
	 * @return mixed
	 */
	public static function limit( $value, $timeframe = null ) {
		if ( null === $timeframe ) {
			return is_array( $value ) ? $value + self::labels() : $value;
		}
		$seconds = is_string( $timeframe ) ? ( self::SECONDS[ $timeframe ] ?? null ) : null;
		return null !== $value || null === $seconds ? $value : time() - $seconds;
	}

	/**
	 * @param mixed $found  What others found.
	 * @param mixed $text   Searched.
	 * @param mixed $search Comma-separated terms.
	 * @return mixed
	 */
	public static function match( $found, $text = '', $search = '' ) {
		return $found || ( is_string( $text ) && is_string( $search ) && self::occurs( $text, $search ) );
	}

	/** @return array<string, string> Names that a setting offers, with their labels. */
	public static function timeframes(): array {
		/** This filter is documented in hooks/product.json */
		$found = apply_filters( 'datamachine_timeframe_limit', array(), null );
		return is_array( $found ) ? array_map( 'strval', $found ) : self::labels();
	}

	/** The earliest second a time frame lets through; null for no limit. */
	public static function cutoff( string $timeframe ): ?int {
		/** This filter is documented in hooks/product.json */
		$answer = apply_filters( 'datamachine_timeframe_limit', null, $timeframe );
		return is_numeric( $answer ) ? (int) $answer : null;
	}

	/** Whether any comma-separated term occurs, or there is none. */
	public static function matches( string $text, string $search ): bool {
		/** This filter is documented in hooks/product.json */
		return array() === self::terms( $search ) || apply_filters( 'datamachine_keyword_search_match', false, $text, $search );
	}

	/** Only ASCII letters are compared without case. */
	public static function occurs( string $text, string $search ): bool {
		foreach ( self::terms( $search ) as $term ) {
			if ( false !== stripos( $text, $term ) ) {
				return true;
			}
		}
		return false;
	}

	/**
	 * @param array<string, mixed> $config
	 * @return array<string, array<string, mixed>>
	 */
	public static function skip_item( string $slug, array $config ): array {
		return array(
			'skip_item' => array(
				'class'          => 'DataMachine\\Core\\Steps\\Fetch\\Tools\\SkipItemTool',
				'method'         => 'handle_tool_call',
				'handler'        => $slug,
				'handler_config' => $config,
				'description'    => 'Passes over the item at hand: it counts as processed, and the run ends without publishing it.',
				'parameters'     => array(
					'reason' => array(
						'type'        => 'string',
						'required'    => true,
						'description' => 'Why, in a few words.',
					),
				),
				'modes'          => array( 'pipeline' ),
				'access_level'   => 'admin',
			),
		);
	}

	/** @return array<string, string> */
	private static function labels(): array {
		return array(
			'all_time' => __( 'All Time', 'data-machine' ),
			'24_hours' => __( 'Last 24 Hours', 'data-machine' ),
			'72_hours' => __( 'Last 72 Hours', 'data-machine' ),
			'7_days'   => __( 'Last 7 Days', 'data-machine' ),
			'30_days'  => __( 'Last 30 Days', 'data-machine' ),
		);
	}

	/** @return list<string> */
	private static function terms( string $search ): array {
		return array_values( array_filter( array_map( 'trim', explode( ',', $search ) ), 'strlen' ) );
	}
}
