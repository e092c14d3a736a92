<?php
/**
 * What PHP plugins registered through the traits, on the filters by which everybody reads it.
 *
 * Constructors register, and objects are made anew for each run: an entry is put on its filters once a process.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Facade;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Registered {

	/** @var array<string, true> */
	private static array $step_types = array();

	/** @var array<string, true> By slug and class: two plugins may fight over a slug, and the later one wins. */
	private static array $handlers = array();

	/**
	 * @param array<string, mixed>      $entry    As `datamachine_step_types` shows it.
	 * @param array<string, mixed>|null $settings As `datamachine_step_settings` shows it.
	 */
	public static function step_type( string $slug, array $entry, ?array $settings ): void {
		if ( isset( self::$step_types[ $slug ] ) ) {
			return;
		}
		self::$step_types[ $slug ] = true;
		self::add( 'datamachine_step_types', $slug, static fn (): array => $entry );
		if ( null !== $settings ) {
			self::add( 'datamachine_step_settings', $slug, static fn (): array => $settings );
		}
		/** This action is documented in hooks/product.json */
		do_action( 'datamachine_step_type_registered', $slug );
	}

	/**
	 * @param array<string, mixed> $entry    As `datamachine_handlers` shows it.
	 * @param ?class-string        $auth     The provider's class.
	 * @param ?class-string        $settings The settings' class.
	 * @param ?\Closure            $tools    Gives definitions of tools by name.
	 */
	public static function handler( string $slug, array $entry, ?string $auth, ?string $settings, ?\Closure $tools ): void {
		$key = $slug . ' ' . $entry['class'];
		if ( ! isset( self::$handlers[ $key ] ) ) {
			self::$handlers[ $key ] = true;
			add_filter(
				'datamachine_handlers',
				static function ( $handlers, $step_type = null ) use ( $slug, $entry ) {
					if ( is_array( $handlers ) && ( null === $step_type || $step_type === $entry['type'] ) ) {
						$handlers[ $slug ] = $entry;
					}
					return $handlers;
				},
				10,
				2
			);
			if ( null !== $auth ) {
				$provider = $entry['auth_provider_key'] ?? $slug;
				add_filter(
					'datamachine_auth_providers',
					static function ( $providers ) use ( $provider, $auth ) {
						if ( is_array( $providers ) && ! isset( $providers[ $provider ] ) ) {
							self::provider( $providers, $provider, $auth );
						}
						return $providers;
					}
				);
			}
			if ( null !== $settings ) {
				self::add( 'datamachine_handler_settings', $slug, static fn (): object => new $settings() );
			}
			if ( null !== $tools ) {
				self::add(
					'datamachine_tools',
					'__handler_tools_' . $slug,
					static fn (): array => array(
						'_handler_callable' => $tools,
						'handler'           => $slug,
						'modes'             => array( 'pipeline' ),
						'access_level'      => 'admin',
					)
				);
			}
		}
		/** This action is documented in hooks/product.json */
		do_action( 'datamachine_handler_registered', $slug, $entry['type'] );
	}

	/**
	 * A provider whose class cannot be loaded is missing, and the registry goes on without it.
	 *
	 * @param array<string, object> $providers
	 * @param class-string          $name
	 */
	private static function provider( array &$providers, string $key, string $name ): void {
		try {
			$providers[ $key ] = new $name();
		} catch ( \Error $error ) {
			wp_trigger_error( __METHOD__, sprintf( 'The provider "%s" cannot be made: %s', $key, $error->getMessage() ), E_USER_WARNING );
		}
	}

	/** @param \Closure(): mixed $value Made each time the registry is read. */
	private static function add( string $filter, string $key, \Closure $value ): void {
		add_filter(
			$filter,
			static function ( $entries ) use ( $key, $value ) {
				if ( is_array( $entries ) ) {
					$entries[ $key ] = $value();
				}
				return $entries;
			}
		);
	}
}
