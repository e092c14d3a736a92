<?php
/**
 * The health checks behind `datamachine system health`: ours, and those plugins add.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Cli;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class SystemReport {

	/**
	 * Run the named checks; without names, or with `all`, those that run by default.
	 *
	 * @param array<string, mixed> $params `types`: list of check types; unknown ones are left out.
	 * @return array{results: array<string, array{label: string, result: mixed}>, available: list<string>}
	 */
	public static function answer( array $params ): array {
		$wanted = array_map( 'strval', (array) ( $params['types'] ?? array() ) );
		$checks = self::checks();
		$all    = array() === $wanted || in_array( 'all', $wanted, true );

		$results = array();
		foreach ( $checks as $type => $check ) {
			if ( $all ? (bool) ( $check['default'] ?? true ) : in_array( (string) $type, $wanted, true ) ) {
				$results[ $type ] = array(
					'label'  => (string) ( $check['label'] ?? $type ),
					'result' => is_callable( $check['callback'] ?? null ) ? call_user_func( $check['callback'], array() ) : null,
				);
			}
		}
		return array(
			'results'   => $results,
			'available' => array_map( 'strval', array_keys( $checks ) ),
		);
	}

	/** @return array{version: string, php_version: string, wp_version: string, abilities: list<string>, rest_status: array{namespace_registered: bool}} */
	public static function system(): array {
		$names = array();
		foreach ( function_exists( 'wp_get_abilities' ) ? wp_get_abilities() : array() as $ability ) {
			if ( str_starts_with( $ability->get_name(), 'datamachine/' ) ) {
				$names[] = $ability->get_name();
			}
		}
		return array(
			'version'     => DATAMACHINE_BRIDGE_VERSION,
			'php_version' => PHP_VERSION,
			'wp_version'  => (string) $GLOBALS['wp_version'],
			'abilities'   => $names,
			'rest_status' => array(
				'namespace_registered' => in_array( 'datamachine/v1', rest_get_server()->get_namespaces(), true ),
			),
		);
	}

	/** @return array<string, array{label?: string, callback?: callable, default?: bool}> */
	private static function checks(): array {
		$own = array(
			'system' => array(
				'label'    => __( 'System Diagnostics', 'datamachine-bridge' ),
				'callback' => array( self::class, 'system' ),
				'default'  => true,
			),
		);
		/**
		 * Health checks by type: label, callback (receives an array of options, returns an array), default (whether it
		 * runs without being named).
		 */
		$checks = apply_filters( 'datamachine_system_health_checks', $own );
		return is_array( $checks ) ? array_filter( $checks, 'is_array' ) : $own;
	}
}
