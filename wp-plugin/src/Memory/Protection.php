<?php
/**
 * Keeps memory, jobs' packets and AGENTS.md from being fetched, and finds out whether that works.
 *
 * Apache and IIS obey files in the folders, which the sidecar writes; AGENTS.md stands in WordPress's own folder, where
 * Apache obeys a block in .htaccess. Other servers have to be told by their administrator.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Memory;

use DataMachine\Bridge\Bridge\BridgeException;
use DataMachine\Bridge\Bridge\Client;
use DataMachine\Engine\AI\MemoryFileRegistry;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Protection {

	/** Which version last saw to the folders of this blog. */
	public const OPTION = 'datamachine_bridge_protected';

	/** The name of our block in .htaccess. */
	public const MARKER = 'Data Machine Bridge';

	/** Seconds for the sidecar to look at every folder. */
	private const BUDGET = 10.0;

	/** Seconds a request to this site may take. */
	private const TIMEOUT = 10;

	public static function register(): void {
		add_action( 'admin_init', array( self::class, 'once' ) );
		add_action( 'datamachine_composable_regenerated', array( self::class, 'htaccess' ), 10, 0 );
	}

	/** Folders of a site that had memory before this version, once a version: on a page of somebody's who works here. */
	public static function once(): void {
		if ( wp_doing_ajax() || ! is_user_logged_in() ) {
			// Visitors ask admin-ajax.php by the hundred, and must not wait for it, each.
			return;
		}
		if ( DATAMACHINE_BRIDGE_VERSION !== get_option( self::OPTION ) && self::everything() ) {
			update_option( self::OPTION, DATAMACHINE_BRIDGE_VERSION );
		}
	}

	/** Puts the denying files where they are missing; false without the sidecar. */
	public static function everything(): bool {
		self::htaccess();
		try {
			Client::instance()->call( 'memory.protect', array( 'site' => Site::facts() ), self::BUDGET );
			Client::instance()->call( 'files.protect', array(), self::BUDGET );
		} catch ( BridgeException $error ) {
			return false;
		}
		return true;
	}

	/**
	 * Denies the files that stand in WordPress's folder (AGENTS.md), as far as they exist: in its .htaccess, where there is
	 * one or Apache runs this request. Whether the rules are there now.
	 */
	public static function htaccess(): bool {
		global $is_apache;
		$file = ABSPATH . '.htaccess';
		if ( ! file_exists( $file ) && ! $is_apache ) {
			return false;
		}
		require_once ABSPATH . 'wp-admin/includes/misc.php';
		$rules = self::rules();
		if ( extract_from_markers( $file, self::MARKER ) === $rules ) {
			return true;
		}
		return insert_with_markers( $file, self::MARKER, $rules );
	}

	/**
	 * Addresses of files that nobody may fetch, each with the text it holds; the files are there until remove_probes().
	 *
	 * @return array<string, array{url: string, path: string, text: string, own: bool}> By what they stand for; `own`: made for this.
	 */
	public static function probes(): array {
		$probes = array();
		foreach ( self::folders() as $what => $folder ) {
			$url = self::url( $folder );
			if ( '' === $url || ! is_dir( $folder ) || ! wp_is_writable( $folder ) ) {
				continue;
			}
			$name = 'datamachine-probe-' . wp_generate_password( 12, false ) . '.txt';
			$text = 'datamachine ' . wp_generate_password( 24, false );
			if ( false !== file_put_contents( "$folder/$name", $text ) ) { // phpcs:ignore WordPress.WP.AlternativeFunctions -- a file of a moment.
				$probes[ $what ] = array(
					'url'  => "$url/$name",
					'path' => "$folder/$name",
					'text' => $text,
					'own'  => true,
				);
			}
		}
		foreach ( self::convention_files() as $path ) {
			$text = substr( (string) file_get_contents( ABSPATH . $path ), 0, 200 ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- a local file.
			if ( '' !== $text ) {
				$probes[ $path ] = array(
					'url'  => site_url( '/' . $path ),
					'path' => ABSPATH . $path,
					'text' => $text,
					'own'  => false,
				);
			}
		}
		return $probes;
	}

	/** @param array<string, array{path: string, own: bool}> $probes What probes() gave. */
	public static function remove_probes( array $probes ): void {
		foreach ( $probes as $probe ) {
			if ( $probe['own'] ) {
				wp_delete_file( $probe['path'] );
			}
		}
	}

	/**
	 * Requests each as a stranger would.
	 *
	 * @param array<string, array{url: string, text: string}> $probes What probes() gave.
	 * @return array{served: list<string>, unknown: list<string>} What was handed out, and what could not be asked for.
	 */
	public static function fetch( array $probes ): array {
		$found = array(
			'served'  => array(),
			'unknown' => array(),
		);
		foreach ( $probes as $what => $probe ) {
			$answer = wp_remote_get(
				$probe['url'],
				array(
					'timeout'   => self::TIMEOUT,
					'sslverify' => apply_filters( 'https_local_ssl_verify', false ),
					'headers'   => array( 'Cache-Control' => 'no-cache' ),
				)
			);
			if ( is_wp_error( $answer ) ) {
				$found['unknown'][] = (string) $what;
			} elseif ( str_contains( (string) wp_remote_retrieve_body( $answer ), $probe['text'] ) ) {
				$found['served'][] = (string) $what;
			}
		}
		return $found;
	}

	/** What to put into nginx's configuration of this site. */
	public static function nginx(): string {
		$name  = str_replace( '\\-', '-', preg_quote( basename( Site::network_base() ) ) );
		$rules = array(
			'location ~* /' . $name . '/(sites/[0-9]+/)?(agents?|users|shared|network|data-packets)/ { deny all; }',
			'location ~* /' . $name . '/(sites/[0-9]+/)?pipeline-[^/]+/(context|flow-[^/]+/jobs)/ { deny all; }',
		);
		foreach ( self::convention_files() as $path ) {
			$rules[] = 'location = /' . $path . ' { deny all; }';
		}
		return implode( "\n", $rules );
	}

	/** @return array<string, string> Folders that may exist, by what they are called. */
	private static function folders(): array {
		$base    = Site::base();
		$network = Site::network_base();
		$folders = array(
			'agents'       => "$base/agents",
			'agent'        => "$base/agent",
			'shared'       => "$base/shared",
			'users'        => "$network/users",
			'network'      => "$network/network",
			'data-packets' => "$base/data-packets",
		);
		// One of a kind says it for the others.
		foreach ( array( 'packets' => 'pipeline-*/flow-*/jobs', 'context' => 'pipeline-*/context' ) as $what => $pattern ) { // phpcs:ignore WordPress.Arrays.ArrayDeclarationSpacing
			$found = glob( "$base/$pattern", GLOB_ONLYDIR );
			if ( is_array( $found ) && array() !== $found ) {
				$folders[ $what ] = $found[0];
			}
		}
		return $folders;
	}

	/** The address of a folder, or '' when no web server reaches it. */
	private static function url( string $folder ): string {
		$uploads = wp_upload_dir( null, false );
		$roots   = array(
			untrailingslashit( $uploads['basedir'] ) => untrailingslashit( $uploads['baseurl'] ),
			Site::network_uploads()                  => Site::network_uploads_url(),
			untrailingslashit( ABSPATH )             => untrailingslashit( site_url() ),
		);
		foreach ( $roots as $path => $url ) {
			if ( '' !== $path && str_starts_with( $folder, "$path/" ) ) {
				return $url . substr( $folder, strlen( $path ) );
			}
		}
		return '';
	}

	/** @return list<string> Files of the registry that stand below WordPress's folder and exist. */
	private static function convention_files(): array {
		$paths = array_filter( array_column( MemoryFileRegistry::get_all(), 'convention_path' ), 'is_string' );
		return array_values( array_filter( $paths, static fn ( string $path ): bool => '' !== $path && is_file( ABSPATH . $path ) ) );
	}

	/**
	 * With mod_rewrite, which WordPress's own block needs too: where a server does not allow access rules in .htaccess, one of
	 * those would break every page.
	 *
	 * @return list<string>
	 */
	private static function rules(): array {
		$names = array_unique( array_map( static fn ( string $path ): string => preg_quote( $path ), self::convention_files() ) );
		if ( array() === $names ) {
			return array();
		}
		sort( $names );
		return array(
			'<IfModule mod_rewrite.c>',
			'RewriteEngine On',
			'RewriteRule ^(?:' . implode( '|', $names ) . ')$ - [F,L]',
			'</IfModule>',
		);
	}
}
