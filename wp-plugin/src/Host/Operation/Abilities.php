<?php
/**
 * Operations on abilities.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Host\Operation;

use DataMachine\Bridge\Host\Failure;
use DataMachine\Bridge\Host\Params;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Abilities {

	/**
	 * Execute a registered ability: `{name, input}` gives its result; an error is a value, as in PHP. The ability's own
	 * permission callback judges the current user.
	 *
	 * @param array<string, mixed> $params
	 */
	public static function execute( array $params ): mixed {
		return self::ability( Params::text( $params, 'name' ) )->execute( $params['input'] ?? null );
	}

	/**
	 * `{names}`: the categories of those abilities, each once; abilities that are not registered have none.
	 *
	 * @param array<string, mixed> $params
	 * @return list<string>
	 */
	public static function categories( array $params ): array {
		$found = array();
		foreach ( Params::items( $params, 'names' ) as $name ) {
			if ( is_string( $name ) && wp_has_ability( $name ) ) {
				$found[ (string) wp_get_ability( $name )?->get_category() ] = true;
			}
		}
		return array_map( 'strval', array_keys( $found ) );
	}

	/**
	 * Tell listeners that Python runs an ability itself: `{phase: before|after, name, input, result?}`.
	 *
	 * Fires what WP_Ability::execute() fires, with the input as it stands. Gives false when nobody listens.
	 *
	 * @param array<string, mixed> $params
	 * @throws Failure A plugin of the site does not let it happen.
	 */
	public static function event( array $params ): bool {
		$name  = Params::text( $params, 'name' );
		$input = $params['input'] ?? null;
		$after = 'after' === ( $params['phase'] ?? '' );
		$hook  = $after ? 'wp_after_execute_ability' : 'wp_before_execute_ability';
		if ( ! $after ) {
			self::must_be_let( $name, $input );
		}
		if ( ! has_action( $hook ) && ! has_filter( 'all' ) ) {
			return false;
		}
		$ability = self::ability( $name );
		if ( $after ) {
			/** This action is documented in wp-includes/abilities-api/class-wp-ability.php */
			do_action( 'wp_after_execute_ability', $name, $input, $params['result'] ?? null, $ability );
		} else {
			/** This action is documented in wp-includes/abilities-api/class-wp-ability.php */
			do_action( 'wp_before_execute_ability', $name, $input, $ability );
		}
		return true;
	}

	/**
	 * Plugins that gate abilities (approval, rate limits, maintenance) gate Python's too.
	 *
	 * @throws Failure
	 */
	private static function must_be_let( string $name, mixed $input ): void {
		if ( class_exists( \WP_Filter_Sentinel::class ) && has_filter( 'wp_pre_execute_ability' ) ) {
			$untouched = new \WP_Filter_Sentinel();
			/** This filter is documented in wp-includes/abilities-api/class-wp-ability.php */
			$instead = apply_filters( 'wp_pre_execute_ability', $untouched, $name, $input, self::ability( $name ) );
			if ( $instead !== $untouched ) {
				throw self::refusal( $name, $instead );
			}
		}
		if ( has_filter( 'wp_ability_permission_result' ) ) {
			/** This filter is documented in wp-includes/abilities-api/class-wp-ability.php */
			$permitted = apply_filters( 'wp_ability_permission_result', true, $name, $input, self::ability( $name ) );
			if ( true !== $permitted ) {
				throw self::refusal( $name, $permitted );
			}
		}
	}

	private static function refusal( string $name, mixed $answer ): Failure {
		return is_wp_error( $answer )
			? new Failure( (string) $answer->get_error_code(), $answer->get_error_message(), 403 )
			: new Failure( 'ability_refused', sprintf( 'A plugin of this site does not let the ability "%s" run.', $name ), 403 );
	}

	private static function ability( string $name ): \WP_Ability {
		// wp_get_ability() warns about an unknown name.
		$ability = wp_has_ability( $name ) ? wp_get_ability( $name ) : null;
		if ( null === $ability ) {
			throw new Failure( 'ability_not_found', sprintf( 'There is no ability "%s".', $name ), 404 );
		}
		return $ability;
	}
}
