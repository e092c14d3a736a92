<?php
/**
 * Where memory is on disk. The sidecar has the same rules in `sidecar/memory/layout.py`; a test compares both.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Memory;

use AgentsAPI\Core\FilesRepository\AgentMemoryScope;
use DataMachine\Core\FilesRepository\DirectoryManager;
use DataMachine\Engine\AI\MemoryFileRegistry;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Layout {

	/** Bytes of one part and of a whole name, folders within folders. */
	private const LONGEST       = 255;
	private const LONGEST_WHOLE = 1024;
	private const DEEPEST       = 32;

	/** UTF-8 without backslashes and what terminals and editors obey rather than show. */
	private const SEEN = '/\A[^\x00-\x1f\x7f-\x{9f}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}\x{feff}\\\\]*\z/u';

	/** The folder of the scope's layer; an unknown layer is the agent's. */
	public static function layer( AgentMemoryScope $scope ): string {
		$directories = new DirectoryManager();
		return match ( $scope->layer ) {
			'shared'  => $directories->get_shared_directory(),
			'user'    => $directories->get_user_directory( $scope->user_id ),
			'network' => $directories->get_network_directory(),
			default   => $directories->resolve_agent_directory(
				array(
					'agent_id' => $scope->agent_id,
					'user_id'  => $scope->user_id,
				)
			),
		};
	}

	/** The layer of a file that is asked for in a layer, or in none: one whose place is fixed is always in its own. */
	public static function layer_of( string $filename, string $layer ): string {
		$file = MemoryFileRegistry::get_all()[ $filename ] ?? array();
		if ( '' !== ( $file['convention_path'] ?? '' ) ) {
			return $file['layer'];
		}
		return '' !== $layer ? $layer : ( MemoryFileRegistry::get_layer( $filename ) ?? MemoryFileRegistry::LAYER_AGENT );
	}

	/** The file's path; null for a name that would lead out of its layer or hide. */
	public static function file( AgentMemoryScope $scope ): ?string {
		$convention = self::convention( $scope );
		if ( '' !== $convention ) {
			return self::is_inside( $convention ) ? untrailingslashit( ABSPATH ) . '/' . $convention : null;
		}
		return self::is_inside( $scope->filename ) ? self::layer( $scope ) . '/' . $scope->filename : null;
	}

	/** The folder nothing may lead out of. */
	public static function root( AgentMemoryScope $scope ): string {
		return '' !== self::convention( $scope ) ? untrailingslashit( ABSPATH ) : self::layer( $scope );
	}

	/** Whether a name stays below its layer, hides nothing, and can be read: `sidecar/memory/names.py` has the same rule. */
	public static function is_inside( string $name ): bool {
		if ( strlen( $name ) > self::LONGEST_WHOLE || 1 !== preg_match( self::SEEN, $name ) ) {
			return false;
		}
		$segments = explode( '/', $name );
		foreach ( $segments as $segment ) {
			if ( '' === $segment || '.' === $segment[0] || strlen( $segment ) > self::LONGEST ) {
				return false;
			}
		}
		return count( $segments ) <= self::DEEPEST;
	}

	private static function convention( AgentMemoryScope $scope ): string {
		$file = MemoryFileRegistry::get_all()[ $scope->filename ] ?? array();
		return (string) ( $file['convention_path'] ?? '' );
	}
}
