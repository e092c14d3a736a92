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
use DataMachine\Bridge\Bridge\NamedObjects;
use DataMachine\Bridge\Facade\Files;
use DataMachine\Bridge\Host\Operations;
use DataMachine\Bridge\Plugin;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Module {

	/** The kind under which stores of Python plugins travel. */
	public const STORES = 'memory_store';

	public static function register( Plugin $plugin ): void {
		if ( $plugin->is_companion() ) {
			return;
		}
		require_once __DIR__ . '/functions.php';
		add_filter( 'agents_api_memory_store', array( self::class, 'offer' ), PHP_INT_MAX, 2 );
		add_action( 'init', array( Invalidation::class, 'register' ), PHP_INT_MAX, 0 );
		// The class needs a contract that another Agents API may not have: it is loaded when a store arrives.
		NamedObjects::kind( self::STORES, static fn ( string $name ): PythonStore => new PythonStore( $name ) );
		Protection::register();
		Operations::register( 'memory.open', array( HostOperations::class, 'open' ) );
		Operations::register( 'memory.site', array( HostOperations::class, 'site' ) );
		Operations::register( 'memory.store', array( HostOperations::class, 'store' ) );
		Operations::register( 'memory.generate', array( Composer::class, 'generate' ) );
		Operations::register( 'memory.sections', array( Composer::class, 'describe' ) );
		Operations::register( 'memory.profile', array( Profile::class, 'of' ) );
		Operations::register( 'memory.daily_storage', array( DailyOperations::class, 'storage' ) );
		Operations::register( 'memory.uploaded', array( Files::class, 'uploaded' ) );
		Operations::register( 'memory.daily_call', array( DailyOperations::class, 'call' ) );
	}

	/** A worker makes the files a site starts with, once there is one. */
	public static function activate(): void {
		if ( ! Plugin::instance()->is_companion() ) {
			Invalidation::note( Invalidation::DEFAULTS );
		}
	}

	public static function deactivate(): void {
		Invalidation::stop();
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
