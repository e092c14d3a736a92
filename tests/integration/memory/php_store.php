<?php
/**
 * Plugin Name: A memory store of a plugin's own (tests)
 *
 * Keeps the memory of user 4711 in this process, with compare-and-swap, and counts how often it was asked for.
 */

use AgentsAPI\Core\FilesRepository\AgentMemoryListEntry;
use AgentsAPI\Core\FilesRepository\AgentMemoryReadResult;
use AgentsAPI\Core\FilesRepository\AgentMemoryScope;
use AgentsAPI\Core\FilesRepository\AgentMemoryStoreInterface;
use AgentsAPI\Core\FilesRepository\AgentMemoryWriteResult;

add_action(
	'plugins_loaded',
	static function () {
		final class Test_Memory_Store implements AgentMemoryStoreInterface {
			private array $files = array();

			public static int $asked = 0;

			public function read( AgentMemoryScope $scope ): AgentMemoryReadResult {
				$content = $this->files[ $scope->key() ] ?? null;
				return null === $content ? AgentMemoryReadResult::not_found() : new AgentMemoryReadResult( true, $content, sha1( $content ), strlen( $content ), null );
			}

			public function write( AgentMemoryScope $scope, string $content, ?string $if_match = null ): AgentMemoryWriteResult {
				if ( null !== $if_match && $this->read( $scope )->hash !== $if_match ) {
					return AgentMemoryWriteResult::failure( 'conflict' );
				}
				$this->files[ $scope->key() ] = $content;
				return AgentMemoryWriteResult::ok( sha1( $content ), strlen( $content ) );
			}

			public function exists( AgentMemoryScope $scope ): bool {
				return isset( $this->files[ $scope->key() ] );
			}

			public function delete( AgentMemoryScope $scope ): AgentMemoryWriteResult {
				unset( $this->files[ $scope->key() ] );
				return AgentMemoryWriteResult::ok( '', 0 );
			}

			public function list_layer( AgentMemoryScope $scope_query ): array {
				return array_values( array_filter( $this->entries( $scope_query ), static fn ( $entry ) => ! str_contains( $entry->filename, '/' ) ) );
			}

			public function list_subtree( AgentMemoryScope $scope_query, string $prefix ): array {
				return array_values( array_filter( $this->entries( $scope_query ), static fn ( $entry ) => '' !== $prefix && str_starts_with( $entry->filename, "$prefix/" ) ) );
			}

			private function entries( AgentMemoryScope $scope ): array {
				$start   = ( new AgentMemoryScope( $scope->layer, $scope->user_id, $scope->agent_id, '' ) )->key();
				$entries = array();
				foreach ( $this->files as $key => $content ) {
					if ( str_starts_with( $key, $start ) ) {
						$entries[] = new AgentMemoryListEntry( substr( $key, strlen( $start ) ), $scope->layer, strlen( $content ), null );
					}
				}
				usort( $entries, static fn ( $a, $b ) => strcmp( $a->filename, $b->filename ) );
				return $entries;
			}
		}
		add_filter(
			'agents_api_memory_store',
			static function ( $store, $scope ) {
				static $own = null;
				if ( 4711 !== $scope->user_id ) {
					return $store;
				}
				++Test_Memory_Store::$asked;
				return $own ??= new Test_Memory_Store();
			},
			10,
			2
		);
	}
);
