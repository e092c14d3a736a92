<?php
/**
 * One memory file of a user or agent, as plugins use it.
 *
 * Whole files are read from their store here. Whatever looks inside a file or changes it runs in the sidecar, which has
 * the rules for sections and fires `datamachine_agent_memory_updated` and `datamachine_agent_memory_deleted`.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\FilesRepository;

use AgentsAPI\Core\FilesRepository\AgentMemoryReadResult;
use AgentsAPI\Core\FilesRepository\AgentMemoryScope;
use DataMachine\Bridge\Bridge\BridgeException;
use DataMachine\Bridge\Bridge\Client;
use DataMachine\Bridge\Bridge\RemoteError;
use DataMachine\Bridge\Memory\Layout;
use DataMachine\Bridge\Memory\StoreProxy;
use DataMachine\Bridge\Memory\Whose;
use DataMachine\Engine\AI\MemoryFileRegistry;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class AgentMemory {

	/** Bytes above which a file is worth a warning; it is written all the same. */
	public const MAX_FILE_SIZE = 8192;

	private AgentMemoryScope $scope;

	public function __construct( int $user_id = 0, int $agent_id = 0, string $filename = 'MEMORY.md', ?string $layer = null ) {
		$filename    = self::clean( $filename );
		$this->scope = new AgentMemoryScope(
			Layout::layer_of( $filename, $layer ?? '' ),
			( new DirectoryManager() )->get_effective_user_id( $user_id ),
			$agent_id,
			$filename
		);
	}

	public static function resolve_layer_for( string $filename ): string {
		return MemoryFileRegistry::get_layer( $filename ) ?? MemoryFileRegistry::LAYER_AGENT;
	}

	public function get_scope(): AgentMemoryScope {
		return $this->scope;
	}

	/** Where the file is on disk, whichever store keeps it; '' for a name that leads elsewhere. */
	public function get_file_path(): string {
		return Layout::file( $this->scope ) ?? '';
	}

	public function get_filename(): string {
		return $this->scope->filename;
	}

	public function read(): AgentMemoryReadResult {
		$store = AgentMemoryStoreFactory::for_scope( $this->scope );
		return $store->read( Whose::scope( $this->scope, $store ) );
	}

	public function exists(): bool {
		$store = AgentMemoryStoreFactory::for_scope( $this->scope );
		return $store->exists( Whose::scope( $this->scope, $store ) );
	}

	/** @return array{success: bool, file?: string, content?: string, message?: string} */
	public function get_all(): array {
		$found = $this->read();
		if ( ! $found->exists ) {
			return array(
				'success' => false,
				'message' => sprintf( 'File %s does not exist.', $this->scope->filename ),
			);
		}
		return array(
			'success' => true,
			'file'    => $this->scope->filename,
			'content' => $found->content,
		);
	}

	/** @return array{success: bool, message: string} */
	public function delete(): array {
		return $this->remote( 'delete' );
	}

	/** @return \AgentsAPI\Core\FilesRepository\AgentMemoryListEntry[] */
	public static function list_layer( string $layer, int $user_id = 0, int $agent_id = 0 ): array {
		$scope = self::query( $layer, $user_id, $agent_id );
		$store = AgentMemoryStoreFactory::for_scope( $scope );
		return $store->list_layer( Whose::scope( $scope, $store ) );
	}

	/** @return \AgentsAPI\Core\FilesRepository\AgentMemoryListEntry[] */
	public static function list_subtree( string $layer, int $user_id, int $agent_id, string $prefix ): array {
		$scope = self::query( $layer, $user_id, $agent_id );
		$store = AgentMemoryStoreFactory::for_scope( $scope );
		return $store->list_subtree( Whose::scope( $scope, $store ), $prefix );
	}

	/** @return array{success: bool, file?: string, sections?: string[], message?: string} */
	public function get_sections(): array {
		return $this->remote( 'get_sections' );
	}

	/** @return array{success: bool, section?: string, content?: string, message?: string, available_sections?: string[]} */
	public function get_section( string $section_name ): array {
		return $this->remote( 'get_section', $section_name );
	}

	/** @return array{success: bool, message: string, file_size?: int, warning?: string} */
	public function replace_all( string $content ): array {
		return $this->remote( 'replace_all', $content );
	}

	/** @return array{success: bool, message: string, file_size?: int, warning?: string} */
	public function set_section( string $section_name, string $content ): array {
		return $this->remote( 'set_section', $section_name, $content );
	}

	/** @return array{success: bool, message: string, file_size?: int, warning?: string} */
	public function append_to_section( string $section_name, string $content ): array {
		return $this->remote( 'append_to_section', $section_name, $content );
	}

	/** @return array{success: bool, message: string, file_size?: int, warning?: string, available_sections?: string[]} */
	public function delete_section( string $section_name ): array {
		return $this->remote( 'delete_section', $section_name );
	}

	/** @return array{success: bool, query?: string, matches: array, match_count: int, message?: string} */
	public function search( string $query, ?string $section = null, int $context_lines = 2 ): array {
		return $this->remote( 'search', $query, $section, $context_lines ) + array(
			'matches'     => array(),
			'match_count' => 0,
		);
	}

	/** Odd characters are dropped, segments kept; what points elsewhere is refused where the file is used. */
	private static function clean( string $filename ): string {
		$segments = array();
		foreach ( explode( '/', $filename ) as $segment ) {
			if ( '' !== $segment ) {
				$segments[] = (string) preg_replace( '/[^A-Za-z0-9._-]/', '', $segment );
			}
		}
		return implode( '/', $segments );
	}

	private static function query( string $layer, int $user_id, int $agent_id ): AgentMemoryScope {
		return new AgentMemoryScope( $layer, ( new DirectoryManager() )->get_effective_user_id( $user_id ), $agent_id, '' );
	}

	/** @return array<string, mixed> */
	private function remote( string $method, mixed ...$args ): array {
		try {
			$answer = Client::instance()->call(
				'memory.facade',
				array(
					'method' => $method,
					'args'   => array_map( static fn ( mixed $argument ): mixed => is_string( $argument ) ? StoreProxy::pieces( $argument ) : $argument, $args ),
				) + get_object_vars( $this->scope ),
				str_starts_with( $method, 'get_' ) || 'search' === $method ? null : StoreProxy::CHANGE
			);
			if ( is_array( $answer ) ) {
				return $answer;
			}
			$message = 'The sidecar gave no answer that means anything.';
		} catch ( RemoteError $error ) {
			$message = $error->getMessage();
		} catch ( BridgeException $error ) {
			$message = 'The Data Machine sidecar does not answer.';
		}
		return array(
			'success' => false,
			'message' => $message,
		);
	}
}
