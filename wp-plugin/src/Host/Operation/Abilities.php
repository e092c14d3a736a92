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
	 * Tell listeners that Python runs an ability itself: `{phase: before|after, name, input, result?}`.
	 *
	 * Fires what WP_Ability::execute() fires, with the input as it stands. Gives false when nobody listens.
	 *
	 * @param array<string, mixed> $params
	 */
	public static function event( array $params ): bool {
		$name  = Params::text( $params, 'name' );
		$input = $params['input'] ?? null;
		$after = 'after' === ( $params['phase'] ?? '' );
		$hook  = $after ? 'wp_after_execute_ability' : 'wp_before_execute_ability';
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

	private static function ability( string $name ): \WP_Ability {
		// wp_get_ability() warns about an unknown name.
		$ability = wp_has_ability( $name ) ? wp_get_ability( $name ) : null;
		if ( null === $ability ) {
			throw new Failure( 'ability_not_found', sprintf( 'There is no ability "%s".', $name ), 404 );
		}
		return $ability;
	}
}
