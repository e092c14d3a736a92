<?php
/**
 * Replays what Python plugins registered, inside WordPress's own windows, without a call to the sidecar.
 *
 * Registrations are data: they were evaluated once when the sidecar started and travel in the manifest. Only using
 * what was registered (running an ability, calling a callback) asks the sidecar.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Hooks;

use DataMachine\Bridge\Bridge\Client;
use DataMachine\Bridge\Bridge\RemoteError;
use DataMachine\Bridge\Facade\Fields;
use DataMachine\Engine\AI\MemoryFileRegistry;
use DataMachine\Engine\AI\SectionRegistry;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Registrations {

	/** @param array<string, mixed> $data Registrations of the manifest, by kind. */
	public static function register( array $data ): void {
		if ( ! empty( $data['agents'] ) ) {
			add_action( 'wp_agents_api_init', static fn() => self::agents( $data['agents'] ) );
		}
		if ( ! empty( $data['ability_categories'] ) ) {
			add_action( 'wp_abilities_api_categories_init', static fn() => self::categories( $data['ability_categories'] ) );
		}
		if ( ! empty( $data['abilities'] ) ) {
			add_action( 'wp_abilities_api_init', static fn() => self::abilities( $data['abilities'] ) );
		}
		if ( ! empty( $data['memory_files'] ) ) {
			add_action( 'datamachine_memory_files', static fn() => self::memory_files( $data['memory_files'] ), 10, 0 );
		}
		if ( ! empty( $data['sections'] ) ) {
			add_action( 'datamachine_sections', static fn() => self::sections( $data['sections'] ), 10, 0 );
		}
		foreach ( $data['step_types'] ?? array() as $slug => $type ) {
			self::step_type( (string) $slug, $type );
		}
		foreach ( $data['handlers'] ?? array() as $slug => $handler ) {
			self::handler( (string) $slug, $handler );
		}
		foreach ( $data['filters'] ?? array() as $entry ) {
			add_filter(
				$entry['hook'],
				static fn( mixed $value = null ): mixed => self::merged( $value, $entry['value'] ),
				$entry['priority']
			);
		}
	}

	/** @param array<string, array<string, mixed>> $agents Arguments by slug. */
	private static function agents( array $agents ): void {
		if ( ! function_exists( 'wp_register_agent' ) ) {
			return;
		}
		foreach ( $agents as $slug => $arguments ) {
			wp_register_agent( (string) $slug, $arguments );
		}
	}

	/** @param array<string, array<string, mixed>> $categories Arguments by slug. */
	private static function categories( array $categories ): void {
		foreach ( $categories as $slug => $arguments ) {
			if ( ! wp_has_ability_category( (string) $slug ) ) {
				wp_register_ability_category( (string) $slug, $arguments );
			}
		}
	}

	/** @param array<string, array<string, mixed>> $abilities Definitions by name; `execute` and `permission` name callbacks. */
	private static function abilities( array $abilities ): void {
		foreach ( $abilities as $name => $definition ) {
			$execute    = (string) $definition['execute'];
			$permission = $definition['permission'] ?? null;
			$capability = (string) ( $definition['capability'] ?? 'manage_options' );
			unset( $definition['execute'], $definition['permission'], $definition['capability'] );
			$definition['execute_callback']    = static fn( mixed $input = null ): mixed => self::call( $execute, array( $input ) );
			$definition['permission_callback'] = null === $permission
				? static fn(): bool => current_user_can( $capability )
				: static fn( mixed $input = null ): bool => true === self::call( (string) $permission, array( $input ) );
			wp_register_ability( (string) $name, $definition );
		}
	}

	/** @param array<string, array{priority: int, arguments: array<string, mixed>}> $files By name. */
	private static function memory_files( array $files ): void {
		foreach ( $files as $filename => $file ) {
			MemoryFileRegistry::register( (string) $filename, $file['priority'], $file['arguments'] );
		}
	}

	/** @param list<array{file: string, slug: string, priority: int, callback: string, arguments: array<string, string>}> $sections */
	private static function sections( array $sections ): void {
		foreach ( $sections as $section ) {
			$id = $section['callback'];
			SectionRegistry::register(
				$section['file'],
				$section['slug'],
				$section['priority'],
				static fn( mixed $context = array() ): mixed => self::call( $id, array( $context ) ),
				$section['arguments']
			);
		}
	}

	/** @param array{entry: array<string, mixed>, fields?: array<string, array<string, mixed>>} $type */
	private static function step_type( string $slug, array $type ): void {
		add_filter( 'datamachine_step_types', static fn( mixed $types ): mixed => is_array( $types ) ? array( $slug => $type['entry'] ) + $types : $types );
		self::settings( $slug, $type['fields'] ?? null );
	}

	/** @param array{entry: array<string, mixed>, fields?: array<string, array<string, mixed>>, tools?: string} $handler */
	private static function handler( string $slug, array $handler ): void {
		$entry = $handler['entry'];
		add_filter(
			'datamachine_handlers',
			static fn( mixed $handlers, mixed $type = null ): mixed => is_array( $handlers ) && ( null === $type || $type === $entry['type'] ) ? array( $slug => $entry ) + $handlers : $handlers,
			10,
			2
		);
		self::settings( $slug, $handler['fields'] ?? null );
		$tools = $handler['tools'] ?? null;
		if ( null === $tools ) {
			return;
		}
		$wrapper = array(
			'_handler_callable' => static fn( mixed ...$args ): mixed => self::call( $tools, $args ),
			'handler'           => $slug,
			'modes'             => array( 'pipeline' ),
			'access_level'      => 'admin',
		);
		add_filter( 'datamachine_tools', static fn( mixed $all ): mixed => is_array( $all ) ? array( '__handler_tools_' . $slug => $wrapper ) + $all : $all );
	}

	/** @param array<string, array<string, mixed>>|null $fields Of a handler or a type of step. */
	private static function settings( string $slug, ?array $fields ): void {
		if ( null !== $fields ) {
			add_filter( 'datamachine_handler_settings', static fn( mixed $all ): mixed => is_array( $all ) ? array( $slug => new Fields( static fn(): array => $fields ) ) + $all : $all );
		}
	}

	/**
	 * A registry filter's value with Python's entries: named entries replace, list entries are appended.
	 *
	 * @param mixed        $value What the filter carries; anything but an array is left alone.
	 * @param array<mixed> $data  What Python adds.
	 */
	private static function merged( mixed $value, array $data ): mixed {
		if ( ! is_array( $value ) ) {
			return $value;
		}
		$data = self::revived( $data );
		return array_is_list( $data ) ? array_merge( $value, $data ) : array_replace( $value, $data );
	}

	/** Data in which `{"$call": id}` stands for a Python callable. */
	private static function revived( mixed $data ): mixed {
		if ( ! is_array( $data ) ) {
			return $data;
		}
		if ( isset( $data['$call'] ) && 1 === count( $data ) ) {
			$id = (string) $data['$call'];
			return static fn( mixed ...$args ): mixed => self::call( $id, $args );
		}
		return array_map( self::revived( ... ), $data );
	}

	/**
	 * Call what a plugin registered.
	 *
	 * @param list<mixed> $args Positional arguments.
	 * @return mixed Its value, or a WP_Error: nothing here throws into WordPress.
	 */
	private static function call( string $id, array $args ): mixed {
		try {
			return Client::instance()->call(
				'registration.call',
				array(
					'id'   => $id,
					'args' => $args,
				)
			);
		} catch ( \Throwable $error ) {
			Policy::report( $id, 'registered callback', $error );
			$message = $error instanceof RemoteError ? $error->public_message() : $error->getMessage();
			return new \WP_Error( 'datamachine_unavailable', $message, array( 'status' => 503 ) );
		}
	}
}
