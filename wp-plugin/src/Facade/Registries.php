<?php
/**
 * The product's own entries in the registries that other plugins read and extend. Looking them up needs no sidecar.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Facade;

use DataMachine\Bridge\Bridge\Client;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Registries {

	/** @var array<string, array<string, mixed>>|null */
	private static ?array $entries = null;

	private static string $file = '';

	/** @param string $file The generated entries; read when a registry is first asked for. */
	public static function register( string $file ): void {
		self::$file = $file;
		add_filter( 'datamachine_step_types', array( self::class, 'step_types' ) );
		add_filter( 'datamachine_handlers', array( self::class, 'handlers' ), 10, 2 );
		add_filter( 'datamachine_step_settings', array( self::class, 'step_settings' ) );
		add_filter( 'datamachine_handler_settings', array( self::class, 'handler_settings' ) );
		add_filter( 'datamachine_scheduler_intervals', array( self::class, 'intervals' ) );
	}

	/**
	 * @param mixed $types Step types by slug.
	 * @return mixed
	 */
	public static function step_types( $types ) {
		return is_array( $types ) ? $types + self::entries()['step_types'] : $types;
	}

	/**
	 * @param mixed $settings How types of steps are configured, by slug.
	 * @return mixed
	 */
	public static function step_settings( $settings ) {
		return is_array( $settings ) ? $settings + self::entries()['step_settings'] : $settings;
	}

	/**
	 * The product's own settings are the sidecar's: it is asked when somebody reads them.
	 *
	 * @param mixed $settings Objects with get_fields() and sanitize(), by slug.
	 * @return mixed
	 */
	public static function handler_settings( $settings ) {
		if ( ! is_array( $settings ) ) {
			return $settings;
		}
		foreach ( self::entries()['with_settings'] as $slug ) {
			$settings[ $slug ] ??= new Fields( static fn (): array => (array) Client::instance()->call( 'handlers.fields', array( 'slug' => $slug ) ) );
		}
		return $settings;
	}

	/**
	 * @param mixed $intervals `{label, seconds}` by key.
	 * @return mixed
	 */
	public static function intervals( $intervals ) {
		return is_array( $intervals ) ? $intervals + self::default_intervals() : $intervals;
	}

	/** @return array<string, array{label: string, seconds: int}> The product's own, by key. */
	public static function default_intervals(): array {
		return self::entries()['intervals'];
	}

	/** @return array<string, string> The key that is meant, by its other name. */
	public static function interval_aliases(): array {
		return self::entries()['interval_aliases'];
	}

	/**
	 * @param mixed       $handlers  Handlers by slug.
	 * @param string|null $step_type Only those of one type of step; null for all.
	 * @return mixed
	 */
	public static function handlers( $handlers, $step_type = null ) {
		if ( ! is_array( $handlers ) ) {
			return $handlers;
		}
		foreach ( self::entries()['handlers'] as $slug => $entry ) {
			if ( null === $step_type || $entry['type'] === $step_type ) {
				$handlers[ $slug ] ??= $entry;
			}
		}
		return $handlers;
	}

	/** @return array<string, array<string, mixed>> `step_types`, `handlers`, `intervals`, `interval_aliases` by slug. */
	private static function entries(): array {
		return self::$entries ??= require self::$file;
	}
}
