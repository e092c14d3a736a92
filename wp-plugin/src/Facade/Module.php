<?php
/**
 * The names other plugins know Data Machine by: a few classes, functions and registries.
 *
 * While Data Machine itself is active nothing here is defined. What a class does with data it asks of the sidecar; what
 * it answers about a user it answers here.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Facade;

use DataMachine\Bridge\Host\Operations;
use DataMachine\Bridge\Plugin;
use DataMachine\Engine\Actions\ImportExport;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Module {

	private const PREFIX = 'DataMachine\\';

	/** The version of Data Machine whose names and shapes these are. */
	private const FOLLOWS = '0.102.8';

	public static function register( Plugin $plugin ): void {
		if ( $plugin->is_companion() ) {
			return;
		}
		self::define_constants( $plugin );
		spl_autoload_register( array( self::class, 'load' ) );
		require_once __DIR__ . '/functions.php';
		Registries::register( $plugin->path( 'generated/automation.php' ) );
		FetchRules::register();
		AuthRefs::register();
		HandlerTools::register();
		OAuthCallback::register();
		add_action( 'rest_api_init', array( AuthRoutes::class, 'register' ) );
		// Named, not loaded: hardly any request asks for it.
		add_action( 'datamachine_run_flow_later', array( Scheduling::class, 'run_flow_later' ), 10, 2 );
		add_action( 'datamachine_import', array( ImportExport::class, 'on_import' ), 10, 2 );
		add_action( 'datamachine_export', array( ImportExport::class, 'on_export' ), 10, 2 );
		add_filter( 'datamachine_import_result', array( ImportExport::class, 'imported' ) );
		add_filter( 'datamachine_export_result', array( ImportExport::class, 'exported' ) );
		add_filter( 'datamachine_importer', array( ImportExport::class, 'importer' ) );
		Operations::register( 'automation.auth_ref', array( AuthRefs::class, 'operation' ) );
		Operations::register( 'automation.step', array( Plugins::class, 'step' ) );
		Operations::register( 'automation.fetch', array( Plugins::class, 'fetch' ) );
		Operations::register( 'automation.handler_tool', array( Plugins::class, 'tool' ) );
		Operations::register( 'automation.settings_fields', array( Plugins::class, 'settings_fields' ) );
		Operations::register( 'automation.settings_sanitize', array( Plugins::class, 'settings_sanitize' ) );
		Operations::register( 'automation.posts', array( Posts::class, 'query' ) );
		Operations::register( 'automation.undo', array( Undo::class, 'effect' ) );
		Operations::register( 'automation.published', array( Posts::class, 'published' ) );
		Operations::register( 'automation.post_meta', array( Posts::class, 'meta' ) );
		Operations::register( 'automation.engine_data', array( Objects::class, 'engine_data' ) );
		Operations::register( 'automation.tool_source', array( Objects::class, 'tool_source' ) );
		Operations::register( 'automation.agent_context', array( AgentContext::class, 'change' ) );
		Operations::register( 'automation.owner', array( Objects::class, 'owner' ) );
		Operations::register( 'automation.author', array( Objects::class, 'author' ) );
		Operations::register( 'automation.principal', array( Objects::class, 'principal' ) );
		Operations::register( 'automation.assign_terms', array( Publishing::class, 'assign_terms' ) );
		Operations::register( 'automation.update_post', array( Publishing::class, 'update_post' ) );
		Operations::register( 'automation.media', array( Media::class, 'items' ) );
		Operations::register( 'automation.featured_image', array( Media::class, 'featured_image' ) );
		Operations::register( 'automation.site_choices', array( Choices::class, 'site' ) );
		Operations::register( 'automation.term_names', array( Choices::class, 'term_names' ) );
		Operations::register( 'automation.author_name', array( Choices::class, 'author_name' ) );
		Operations::register( 'automation.handler_credentials', array( Choices::class, 'credentials' ) );
		Operations::register( 'automation.file_names', array( Files::class, 'names' ) );
		Operations::register( 'automation.file_check', array( Files::class, 'check' ) );
	}

	/** Plugins ask for these to see whether Data Machine is there, and which one: ours answers as the version it follows. */
	private static function define_constants( Plugin $plugin ): void {
		$constants = array(
			'DATAMACHINE_VERSION' => self::FOLLOWS,
			'DATAMACHINE_PATH'    => $plugin->path(),
			'DATAMACHINE_URL'     => trailingslashit( $plugin->url() ),
		);
		foreach ( $constants as $name => $value ) {
			if ( ! defined( $name ) ) {
				define( $name, $value );
			}
		}
	}

	/** `DataMachine\Core\EngineData` is Classes/Core/EngineData.php; our own namespace has its own loader. */
	public static function load( string $name ): void {
		if ( ! str_starts_with( $name, self::PREFIX ) || str_starts_with( $name, 'DataMachine\\Bridge\\' ) ) {
			return;
		}
		$file = __DIR__ . '/Classes/' . strtr( substr( $name, strlen( self::PREFIX ) ), '\\', '/' ) . '.php';
		if ( is_file( $file ) ) {
			require $file;
		}
	}
}
