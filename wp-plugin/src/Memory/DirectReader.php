<?php
/**
 * Memory files without the sidecar: looking only.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Memory;

use AgentsAPI\Core\FilesRepository\AgentMemoryListEntry;
use AgentsAPI\Core\FilesRepository\AgentMemoryReadResult;
use AgentsAPI\Core\FilesRepository\AgentMemoryScope;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class DirectReader {

	/** Files of ours that are no memory: they keep folders from being listed or fetched. */
	private const GUARDS = array( 'index.php', 'web.config' );

	public function read( AgentMemoryScope $scope ): AgentMemoryReadResult {
		$path    = $this->path( $scope );
		$content = null === $path ? false : file_get_contents( $path ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- a local file.
		if ( false === $content ) {
			return AgentMemoryReadResult::not_found();
		}
		return new AgentMemoryReadResult( true, $content, sha1( $content ), strlen( $content ), (int) filemtime( $path ) );
	}

	public function exists( AgentMemoryScope $scope ): bool {
		return null !== $this->path( $scope );
	}

	/** @return AgentMemoryListEntry[] */
	public function list_layer( AgentMemoryScope $scope ): array {
		return $this->entries( Layout::layer( $scope ), '', $scope->layer, false );
	}

	/** @return AgentMemoryListEntry[] */
	public function list_subtree( AgentMemoryScope $scope, string $prefix ): array {
		$prefix = trim( $prefix, '/' );
		if ( ! Layout::is_inside( $prefix ) ) {
			return array();
		}
		$entries = $this->entries( Layout::layer( $scope ), "$prefix/", $scope->layer, true );
		usort( $entries, static fn ( AgentMemoryListEntry $a, AgentMemoryListEntry $b ): int => strcmp( $a->filename, $b->filename ) );
		return $entries;
	}

	/** The file, when it is one and no link leads elsewhere. */
	private function path( AgentMemoryScope $scope ): ?string {
		$path = Layout::file( $scope );
		if ( null === $path || ! is_file( $path ) || is_link( $path ) || ! is_readable( $path ) ) {
			return null;
		}
		$root = realpath( Layout::root( $scope ) );
		$real = realpath( $path );
		return false !== $root && false !== $real && str_starts_with( $real, $root . '/' ) ? $path : null;
	}

	/** @return AgentMemoryListEntry[] */
	private function entries( string $layer, string $prefix, string $name, bool $deep ): array {
		$folder  = rtrim( "$layer/$prefix", '/' );
		$entries = array();
		foreach ( is_dir( $folder ) && ! is_link( $folder ) ? (array) scandir( $folder ) : array() as $file ) {
			$path = "$folder/$file";
			if ( ! Layout::is_inside( "$prefix$file" ) || in_array( $file, self::GUARDS, true ) || is_link( $path ) ) {
				continue;
			}
			if ( is_file( $path ) ) {
				$entries[] = new AgentMemoryListEntry( $prefix . $file, $name, (int) filesize( $path ), (int) filemtime( $path ) );
			} elseif ( $deep && is_dir( $path ) ) {
				array_push( $entries, ...$this->entries( $layer, "$prefix$file/", $name, true ) );
			}
		}
		return $entries;
	}
}
