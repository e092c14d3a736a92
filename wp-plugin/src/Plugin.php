<?php
/**
 * The plugin's spine: which role it plays on this site, and the order in which its modules start.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Plugin {

	/**
	 * Modules in boot order. Each has `register( Plugin $plugin ): void` and may have static `activate()` and `deactivate()`.
	 * Schema comes first because activation of the others writes to its tables; doors come last.
	 */
	private const MODULES = array(
		Schema\Module::class,
		Bridge\Module::class,
		Host\Module::class,
		Admin\Module::class,
		Hooks\Module::class,
		AgentsApi\Module::class,
		Identity\Module::class,
		Memory\Module::class,
		Facade\Module::class,
		PendingActions\Module::class,
		Abilities\Module::class,
		Queue\Module::class,
		Cli\Module::class,
		Rest\Module::class,
		Authorize\Module::class,
		External\Module::class,
	);

	private static ?self $instance = null;

	private Role $role;

	private function __construct( public readonly string $file ) {
		$this->role = Role::of_this_site( plugin_basename( $file ) );
	}

	/** Start the plugin, once, while WordPress loads plugin files. */
	public static function boot( string $file ): void {
		if ( null !== self::$instance ) {
			return;
		}
		$plugin         = new self( $file );
		self::$instance = $plugin;

		LoadOrder::register( $plugin->basename() );
		$plugin->role->register();
		register_activation_hook( $file, array( self::class, 'activate' ) );
		register_deactivation_hook( $file, array( self::class, 'deactivate' ) );

		foreach ( self::MODULES as $module ) {
			if ( class_exists( $module ) ) {
				$module::register( $plugin );
			}
		}
	}

	public static function instance(): self {
		if ( null === self::$instance ) {
			throw new \LogicException( 'The Data Machine Bridge plugin has not booted.' );
		}
		return self::$instance;
	}

	/**
	 * @param bool $network_wide True when activated for a whole network: every site gets its own tables and fence.
	 */
	public static function activate( bool $network_wide = false ): void {
		self::each_module( 'activate', $network_wide );
	}

	public static function deactivate( bool $network_wide = false ): void {
		self::each_module( 'deactivate', $network_wide );
	}

	/** `companion` while PHP Data Machine is active, else `standalone`. */
	public function mode(): string {
		return $this->role->mode();
	}

	/** True while PHP Data Machine is active: ours then only forwards hooks, serves the host and carries Python plugins. */
	public function is_companion(): bool {
		return 'companion' === $this->role->mode();
	}

	/** True while an Agents API plugin (or a copy loaded before us) provides the public contracts: its classes win. */
	public function agents_api_elsewhere(): bool {
		return $this->role->agents_api_elsewhere();
	}

	/** For example `datamachine-bridge/datamachine-bridge.php`. */
	public function basename(): string {
		return plugin_basename( $this->file );
	}

	/** A file inside the plugin, absolute. */
	public function path( string $relative = '' ): string {
		return dirname( $this->file ) . '/' . $relative;
	}

	/** The address of a file inside the plugin. */
	public function url( string $relative = '' ): string {
		return plugins_url( $relative, $this->file );
	}

	public function version(): string {
		return DATAMACHINE_BRIDGE_VERSION;
	}

	/**
	 * Do something on every site of the network, or on the current one only.
	 *
	 * @param callable(): void $work
	 */
	public static function on_sites( bool $all, callable $work ): void {
		$blogs = $all && is_multisite() ? get_sites( array( 'fields' => 'ids', 'number' => 0 ) ) : array( 0 );
		foreach ( $blogs as $blog ) {
			if ( $blog && ! wp_is_site_initialized( (int) $blog ) ) {
				// Being made or deleted at this moment: it has no tables.
				continue;
			}
			if ( $blog ) {
				switch_to_blog( (int) $blog );
			}
			$work();
			if ( $blog ) {
				restore_current_blog();
			}
		}
	}

	private static function each_module( string $method, bool $network_wide ): void {
		self::on_sites(
			$network_wide,
			static function () use ( $method ): void {
				foreach ( self::MODULES as $module ) {
					if ( class_exists( $module ) && method_exists( $module, $method ) ) {
						$module::$method();
					}
				}
			}
		);
	}
}
