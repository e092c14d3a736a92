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

	/** The file's path; null for a name that would lead out of its layer or hide. */
	public static function file( AgentMemoryScope $scope ): ?string {
		$convention = self::convention( $scope );
		if ( '' !== $convention ) {
			return untrailingslashit( ABSPATH ) . '/' . $convention;
		}
		return self::is_inside( $scope->filename ) ? self::layer( $scope ) . '/' . $scope->filename : null;
	}

	/** The folder nothing may lead out of. */
	public static function root( AgentMemoryScope $scope ): string {
		return '' !== self::convention( $scope ) ? untrailingslashit( ABSPATH ) : self::layer( $scope );
	}

	public static function is_inside( string $name ): bool {
		foreach ( explode( '/', $name ) as $segment ) {
			if ( '' === $segment || '.' === $segment[0] || 1 === preg_match( '/[\\\\\0]/', $segment ) ) {
				return false;
			}
		}
		return true;
	}

	private static function convention( AgentMemoryScope $scope ): string {
		$file = MemoryFileRegistry::get_all()[ $scope->filename ] ?? array();
		$path = (string) ( $file['convention_path'] ?? '' );
		return self::is_inside( $path ) ? $path : '';
	}
}
