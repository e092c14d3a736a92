<?php
/**
 * Companion or product: what this plugin is on this site, judged by the active plugins.
 *
 * Constants and classes do not decide it: this plugin loads first, when nobody else has defined anything yet.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Role {
	public const DATA_MACHINE = 'data-machine';
	public const AGENTS_API   = 'agents-api';

	/**
	 * @param list<string> $active Plugin basenames active on this site, network-wide ones included.
	 * @param list<string> $loaded Slugs whose code was loaded before this plugin, by a must-use plugin or a bundled copy.
	 */
	public function __construct( private readonly string $own, private readonly array $active, private readonly array $loaded = array() ) {
	}

	/** Ask this before our own facade is loaded, or its constants are taken for somebody else's. */
	public static function of_this_site( string $own ): self {
		$constants = array(
			self::DATA_MACHINE => 'DATAMACHINE_VERSION',
			self::AGENTS_API   => 'AGENTS_API_LOADED',
		);
		$loaded = array_keys( array_filter( $constants, 'defined' ) );
		if ( self::is_being_activated( self::DATA_MACHINE, self::request() ) ) {
			// Its file is loaded in the middle of this request, and defines names that ours would have taken.
			$loaded[] = self::DATA_MACHINE;
		}
		return new self( $own, self::active_plugins(), $loaded );
	}

	/**
	 * Whether a request activates a plugin: one of the plugins page, or of WP-CLI.
	 *
	 * @param array{cli: list<string>, page: string, action: list<string>, plugins: list<string>} $request `plugins` of a command
	 *        line are those that it activates without naming them.
	 */
	public static function is_being_activated( string $slug, array $request ): bool {
		if ( array() !== $request['cli'] ) {
			return array() !== array_intersect( array( 'activate', 'toggle', 'install' ), $request['cli'] )
				&& ( self::is_named( $slug, $request['cli'] ) || self::is_among( $slug, $request['plugins'] ) );
		}
		$pages = array(
			'plugins.php'    => array( 'activate', 'activate-selected', 'error_scrape' ),
			'admin-ajax.php' => array( 'activate-plugin' ),
		);
		if ( array() === array_intersect( $pages[ $request['page'] ] ?? array(), $request['action'] ) ) {
			return false;
		}
		return self::is_among( $slug, $request['plugins'] );
	}

	/**
	 * Whether a word of a command line is the plugin, by its slug, its file, or the archive that it is installed from.
	 *
	 * @param list<string> $words
	 */
	private static function is_named( string $slug, array $words ): bool {
		$name    = preg_quote( $slug, '~' );
		$archive = "~(?:\A|/)$name(?:[.-]v?\d[\w.-]*)?\.zip\z|/$name/(?:archive|releases|zipball)/~";
		foreach ( $words as $word ) {
			if ( $word === $slug || str_starts_with( $word, "$slug/" ) || 1 === preg_match( $archive, $word ) ) {
				return true;
			}
		}
		return false;
	}

	/**
	 * A plugin counts by its folder or by its main file: both are renamed in practice, rarely at once.
	 *
	 * @param list<string> $plugins Basenames.
	 */
	private static function is_among( string $slug, array $plugins ): bool {
		foreach ( $plugins as $plugin ) {
			if ( str_starts_with( $plugin, "$slug/" ) || basename( $plugin ) === "$slug.php" ) {
				return true;
			}
		}
		return false;
	}

	/**
	 * What `wp plugin activate --all` stands for.
	 *
	 * @param list<string> $words
	 * @return list<string> Basenames of the installed plugins that could be Data Machine, but for those that are left out.
	 */
	private static function all_installed( array $words ): array {
		if ( array() !== array_diff( array( 'activate', '--all' ), $words ) ) {
			return array();
		}
		$found = array();
		foreach ( array( self::DATA_MACHINE . '/*.php', '*/' . self::DATA_MACHINE . '.php' ) as $pattern ) {
			foreach ( glob( WP_PLUGIN_DIR . '/' . $pattern ) ?: array() as $file ) {
				$found[] = substr( $file, strlen( WP_PLUGIN_DIR ) + 1 );
			}
		}
		$without = implode( ',', preg_filter( '/\A--exclude=/', '', $words ) );
		return array_values( array_filter( $found, static fn ( string $plugin ): bool => ! in_array( dirname( $plugin ), explode( ',', $without ), true ) ) );
	}

	/** @return array{cli: list<string>, page: string, action: list<string>, plugins: list<string>} */
	private static function request(): array {
		$cli   = defined( 'WP_CLI' ) && WP_CLI;
		$texts = static fn ( array $values ): array => array_values( array_filter( array_merge( ...array_map( static fn ( $value ): array => (array) $value, $values ) ), 'is_string' ) );
		$words = $cli ? $texts( array( $_SERVER['argv'] ?? array() ) ) : array(); // phpcs:ignore WordPress.Security -- as below.
		// phpcs:disable WordPress.Security -- compared with names; whoever may not activate plugins is stopped by the page itself.
		return array(
			'cli'     => $words,
			// No page but these is asked, so that nobody outside of wp-admin can put the product aside.
			'page'    => ! $cli && is_admin() ? basename( (string) ( $_SERVER['SCRIPT_NAME'] ?? '' ) ) : '',
			'action'  => $texts( array( $_REQUEST['action'] ?? '', $_REQUEST['action2'] ?? '' ) ),
			'plugins' => $cli ? self::all_installed( $words ) : $texts( array( $_REQUEST['plugin'] ?? '', $_REQUEST['checked'] ?? array() ) ),
		);
		// phpcs:enable
	}

	/** @return list<string> */
	public static function active_plugins(): array {
		$active = array_values( array_filter( (array) get_option( 'active_plugins', array() ), 'is_string' ) );
		if ( is_multisite() ) {
			$active = array_merge( array_keys( (array) get_site_option( 'active_sitewide_plugins', array() ) ), $active );
		}
		return $active;
	}

	public function mode(): string {
		return $this->has( self::DATA_MACHINE ) ? 'companion' : 'standalone';
	}

	public function agents_api_elsewhere(): bool {
		return $this->has( self::AGENTS_API );
	}

	/** Headers `Requires Plugins: data-machine` or `agents-api` of third parties are satisfied by us while the original is away. */
	public function register(): void {
		add_filter( 'wp_plugin_dependencies_slug', array( $this, 'dependency_slug' ) );
	}

	/**
	 * @param mixed $slug The slug a plugin header asks for.
	 * @return mixed
	 */
	public function dependency_slug( $slug ) {
		$ours = array( self::DATA_MACHINE, self::AGENTS_API );
		if ( in_array( $slug, $ours, true ) && ! $this->has( $slug ) && str_contains( $this->own, '/' ) ) {
			return dirname( $this->own );
		}
		return $slug;
	}

	private function has( string $slug ): bool {
		return in_array( $slug, $this->loaded, true ) || self::is_among( $slug, array_diff( $this->active, array( $this->own ) ) );
	}
}
