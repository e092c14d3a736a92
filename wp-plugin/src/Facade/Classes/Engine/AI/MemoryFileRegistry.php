<?php
/**
 * The memory files that plugins know about: which layer each belongs to, who may edit it, when it is read.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Engine\AI;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/**
 * Example:
 *
 *     add_action( 'datamachine_memory_files', function () {
 *         MemoryFileRegistry::register( 'RECIPES.md', 40, array( 'layer' => 'shared', 'modes' => array( 'chat' ) ) );
 *     } );
 */
class MemoryFileRegistry {

	public const LAYER_SHARED  = 'shared';
	public const LAYER_AGENT   = 'agent';
	public const LAYER_USER    = 'user';
	public const LAYER_NETWORK = 'network';
	public const MODE_ALL      = 'all';

	private const LAYERS = array( self::LAYER_SHARED, self::LAYER_AGENT, self::LAYER_USER, self::LAYER_NETWORK );

	/** Name => priority and arguments. */
	private const BUILT_IN = array(
		'NETWORK.md' => array( 5, array( 'layer' => self::LAYER_NETWORK, 'protected' => true, 'editable' => false ) ),
		'AGENTS.md'  => array( 5, array( 'layer' => self::LAYER_SHARED, 'protected' => true, 'composable' => true, 'convention_path' => 'AGENTS.md' ) ),
		'SITE.md'    => array( 10, array( 'layer' => self::LAYER_SHARED, 'protected' => true, 'editable' => false ) ),
		'RULES.md'   => array( 15, array( 'layer' => self::LAYER_SHARED, 'protected' => true, 'editable' => 'manage_options' ) ),
		'SOUL.md'    => array( 20, array( 'layer' => self::LAYER_AGENT, 'protected' => true, 'modes' => array( 'chat', 'pipeline' ) ) ),
		'USER.md'    => array( 25, array( 'layer' => self::LAYER_USER, 'protected' => true, 'modes' => array( 'chat', 'editor' ) ) ),
		'MEMORY.md'  => array( 30, array( 'layer' => self::LAYER_AGENT, 'protected' => true, 'modes' => array( 'chat', 'pipeline' ) ) ),
	);

	/** @var array<string, array<string, mixed>>|null By name, in the order of registration; null before the first use. */
	private static ?array $files = null;

	private static bool $announced = false;

	/**
	 * @param int   $priority Lower ones are read first.
	 * @param array $args     layer, protected, editable (bool or capability), composable, convention_path, modes, label, description.
	 */
	public static function register( string $filename, int $priority = 50, array $args = array() ): void {
		self::built_in();
		self::put( $filename, $priority, $args );
	}

	public static function deregister( string $filename ): void {
		self::built_in();
		unset( self::$files[ sanitize_file_name( $filename ) ] );
	}

	public static function is_registered( string $filename ): bool {
		return null !== self::get( $filename );
	}

	public static function is_protected( string $filename ): bool {
		return true === ( self::get( $filename )['protected'] ?? false );
	}

	/** Whether a user (the current one for 0) may edit it; unregistered files everybody may who gets that far. */
	public static function is_editable( string $filename, int $user_id = 0 ): bool {
		$file     = self::get( $filename );
		$editable = $file['editable'] ?? true;
		if ( is_bool( $editable ) ) {
			return $editable;
		}
		if ( $user_id > 0 ) {
			return user_can( $user_id, $editable );
		}
		return ( defined( 'WP_CLI' ) && WP_CLI && 0 === get_current_user_id() ) || current_user_can( $editable );
	}

	public static function is_composable( string $filename ): bool {
		return true === ( self::get( $filename )['composable'] ?? false );
	}

	/** @return array<string, array<string, mixed>> */
	public static function get_composable(): array {
		return array_filter( self::get_all(), static fn ( array $file ): bool => $file['composable'] );
	}

	/** @return bool|string|null True, false or a capability; null when unregistered. */
	public static function get_edit_capability( string $filename ) {
		return self::get( $filename )['editable'] ?? null;
	}

	public static function get_layer( string $filename ): ?string {
		return self::get( $filename )['layer'] ?? null;
	}

	/** Absolute path of a registered file whose layer is in `$layer_dir`; null when unregistered. */
	public static function resolve_filepath( string $filename, string $layer_dir ): ?string {
		$file = self::get( $filename );
		if ( null === $file ) {
			return null;
		}
		return '' !== $file['convention_path'] ? untrailingslashit( ABSPATH ) . '/' . $file['convention_path'] : rtrim( $layer_dir, '/' ) . '/' . $file['filename'];
	}

	/** @return array<string, mixed>|null */
	public static function get( string $filename ): ?array {
		return self::get_all()[ sanitize_file_name( $filename ) ] ?? null;
	}

	/** @return array<string, array<string, mixed>> By priority, then in the order of registration. */
	public static function get_all(): array {
		self::built_in();
		if ( ! self::$announced ) {
			self::$announced = true;
			/** Register memory files here. The argument is a snapshot: call MemoryFileRegistry::register(). */
			do_action( 'datamachine_memory_files', self::sorted() );
		}
		return self::sorted();
	}

	/** @return string[] */
	public static function get_filenames(): array {
		return array_keys( self::get_all() );
	}

	/** @return array<string, array<string, mixed>> */
	public static function get_by_layer( string $layer ): array {
		return array_filter( self::get_all(), static fn ( array $file ): bool => $layer === $file['layer'] );
	}

	/** @return array<string, array<string, mixed>> All for an empty mode. */
	public static function get_for_mode( string $mode ): array {
		return array_filter( self::get_all(), static fn ( array $file ): bool => '' === $mode || self::in_mode( $file, $mode ) );
	}

	public static function applies_to_mode( string $filename, string $mode ): bool {
		$file = self::get( $filename );
		return null !== $file && self::in_mode( $file, $mode );
	}

	/** @return string[]|null */
	public static function get_modes( string $filename ): ?array {
		return self::get( $filename )['modes'] ?? null;
	}

	/** @return string[] */
	public static function get_protected_filenames(): array {
		return array_keys( array_filter( self::get_all(), static fn ( array $file ): bool => $file['protected'] ) );
	}

	/** @return string[] */
	public static function get_layer_filenames( string $layer ): array {
		return array_keys( self::get_by_layer( $layer ) );
	}

	/** Back to how a request begins: for tests. */
	public static function reset(): void {
		self::$files     = null;
		self::$announced = false;
	}

	/** `MY_NOTES.md` becomes `My Notes`. */
	public static function filename_to_label( string $filename ): string {
		return ucwords( strtolower( strtr( pathinfo( $filename, PATHINFO_FILENAME ), '-_', '  ' ) ) );
	}

	private static function built_in(): void {
		if ( null === self::$files ) {
			self::$files = array();
			foreach ( self::BUILT_IN as $filename => list( $priority, $args ) ) {
				self::put( $filename, $priority, $args );
			}
		}
	}

	private static function put( string $filename, int $priority, array $args ): void {
		$filename = sanitize_file_name( $filename );
		if ( '' === $filename ) {
			return;
		}
		$composable = ! empty( $args['composable'] );
		$editable   = $args['editable'] ?? true;
		$modes      = is_array( $args['modes'] ?? null ) ? array_values( array_filter( array_map( 'sanitize_key', $args['modes'] ) ) ) : array();
		$layer      = $args['layer'] ?? self::LAYER_AGENT;

		unset( self::$files[ $filename ] );
		self::$files[ $filename ] = array(
			'filename'        => $filename,
			'priority'        => $priority,
			'layer'           => in_array( $layer, self::LAYERS, true ) ? $layer : self::LAYER_AGENT,
			'protected'       => ! empty( $args['protected'] ),
			'editable'        => $composable ? false : ( is_bool( $editable ) || is_string( $editable ) ? $editable : true ),
			'composable'      => $composable,
			'convention_path' => ltrim( (string) ( $args['convention_path'] ?? '' ), '/' ),
			'modes'           => array() === $modes ? array( self::MODE_ALL ) : $modes,
			'label'           => (string) ( $args['label'] ?? self::filename_to_label( $filename ) ),
			'description'     => (string) ( $args['description'] ?? '' ),
		);
	}

	/** @return array<string, array<string, mixed>> */
	private static function sorted(): array {
		$files = self::$files ?? array();
		uasort( $files, static fn ( array $a, array $b ): int => $a['priority'] <=> $b['priority'] );
		return $files;
	}

	private static function in_mode( array $file, string $mode ): bool {
		return in_array( self::MODE_ALL, $file['modes'], true ) || in_array( $mode, $file['modes'], true );
	}
}
