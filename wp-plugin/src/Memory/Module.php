<?php
/**
 * Agent memory as PHP sees it: our store behind everybody else's, and what the sidecar asks of WordPress.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Memory;

use AgentsAPI\Core\FilesRepository\AgentMemoryScope;
use AgentsAPI\Core\FilesRepository\AgentMemoryStoreInterface;
use DataMachine\Bridge\Host\Operations;
use DataMachine\Bridge\Plugin;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Module {

	public static function register( Plugin $plugin ): void {
		if ( $plugin->is_companion() ) {
			return;
		}
		self::autoload( $plugin );
		add_filter( 'agents_api_memory_store', array( self::class, 'offer' ), PHP_INT_MAX, 2 );
		Operations::register( 'memory.open', array( HostOperations::class, 'open' ) );
		Operations::register( 'memory.site', array( HostOperations::class, 'site' ) );
		Operations::register( 'memory.store', array( HostOperations::class, 'store' ) );
	}

	/** The classes third parties use: `DataMachine\Core\FilesRepository\AgentMemory` is src/Facade/Core/FilesRepository/AgentMemory.php. */
	private static function autoload( Plugin $plugin ): void {
		$folder = $plugin->path( 'src/Facade/' );
		spl_autoload_register(
			static function ( string $name ) use ( $folder ): void {
				if ( str_starts_with( $name, 'DataMachine\\Core\\FilesRepository\\' ) || str_starts_with( $name, 'DataMachine\\Engine\\AI\\Memory' ) ) {
					$file = $folder . strtr( substr( $name, 12 ), '\\', '/' ) . '.php';
					if ( is_file( $file ) ) {
						require_once $file;
					}
				}
			}
		);
	}

	/**
	 * Filter `agents_api_memory_store`, last: the sidecar's disk store when no plugin has offered one.
	 *
	 * @param mixed $store What others offered.
	 * @param mixed $scope The file that is asked for.
	 * @return mixed
	 */
	public static function offer( $store, $scope = null ) {
		if ( null !== $store || ! $scope instanceof AgentMemoryScope || ! interface_exists( AgentMemoryStoreInterface::class ) ) {
			return $store;
		}
		return StoreProxy::instance();
	}
}
