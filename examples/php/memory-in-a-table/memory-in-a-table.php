<?php
/**
 * Plugin Name: Memory in a table
 * Description: An example: keeps the memory of agents in a table of its own instead of in files.
 * Requires Plugins: datamachine-bridge
 * Version: 1.0.0
 * Requires at least: 6.9
 * Requires PHP: 8.1
 * License: GPL-2.0-or-later
 *
 * The whole contract is six methods. Sections, permissions and what a new file starts with are not the store's business:
 * it is handed whole files and gives them back, byte for byte.
 */

use AgentsAPI\Core\FilesRepository\AgentMemoryListEntry;
use AgentsAPI\Core\FilesRepository\AgentMemoryReadResult;
use AgentsAPI\Core\FilesRepository\AgentMemoryScope;
use AgentsAPI\Core\FilesRepository\AgentMemoryStoreInterface;
use AgentsAPI\Core\FilesRepository\AgentMemoryWriteResult;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/** Creates the table; `version` makes every write change the row, so that MySQL counts it. */
function memory_in_a_table_install() {
	global $wpdb;
	require_once ABSPATH . 'wp-admin/includes/upgrade.php';
	dbDelta(
		"CREATE TABLE {$wpdb->base_prefix}memory_in_a_table (
			scope_key varbinary(255) NOT NULL,
			scope varbinary(100) NOT NULL,
			filename varbinary(191) NOT NULL,
			hash binary(40) NOT NULL,
			content longblob NOT NULL,
			updated_at bigint unsigned NOT NULL,
			version bigint unsigned NOT NULL DEFAULT 1,
			PRIMARY KEY  (scope_key),
			KEY scope (scope)
		) {$wpdb->get_charset_collate()};"
	);
}
register_activation_hook( __FILE__, 'memory_in_a_table_install' );

// The contract's interface is there once all plugins are loaded.
add_action(
	'plugins_loaded',
	static function () {
		if ( ! interface_exists( AgentMemoryStoreInterface::class ) ) {
			return;
		}

		final class Memory_In_A_Table implements AgentMemoryStoreInterface {

			public function read( AgentMemoryScope $scope ): AgentMemoryReadResult {
				global $wpdb;
				$row = $wpdb->get_row( $wpdb->prepare( 'SELECT content, hash, updated_at FROM %i WHERE scope_key = %s', self::table(), self::key( $scope ) ) );
				return $row
					? new AgentMemoryReadResult( true, $row->content, $row->hash, strlen( $row->content ), (int) $row->updated_at )
					: AgentMemoryReadResult::not_found();
			}

			/** `$if_match` is the hash of what is replaced; an empty one means "only when there is no such file". */
			public function write( AgentMemoryScope $scope, string $content, ?string $if_match = null ): AgentMemoryWriteResult {
				global $wpdb;
				$hash = sha1( $content );
				$set  = array( $hash, $content, time() );
				$row  = array( self::table(), self::key( $scope ), self::folder( $scope ), $scope->filename, ...$set );
				// Each of these is one statement, so that two writers cannot both win. The content is given as bytes:
				// `$wpdb` refuses what is no text.
				$insert = 'INTO %i (scope_key, scope, filename, hash, content, updated_at) VALUES (%s, %s, %s, %s, FROM_BASE64(%s), %d)';
				$update = 'hash = %s, content = FROM_BASE64(%s), updated_at = %d, version = version + 1';
				$row[5] = base64_encode( $content );
				$set[1] = $row[5];
				if ( null === $if_match ) {
					$done = $wpdb->query( $wpdb->prepare( "INSERT $insert ON DUPLICATE KEY UPDATE $update", ...$row, ...$set ) );
				} elseif ( '' === $if_match ) {
					$done = $wpdb->query( $wpdb->prepare( "INSERT IGNORE $insert", ...$row ) );
				} else {
					$done = $wpdb->query( $wpdb->prepare( "UPDATE %i SET $update WHERE scope_key = %s AND hash = %s", self::table(), ...$set, ...array( self::key( $scope ), $if_match ) ) );
				}
				if ( false === $done ) {
					return AgentMemoryWriteResult::failure( 'io' );
				}
				return $done > 0 ? AgentMemoryWriteResult::ok( $hash, strlen( $content ) ) : AgentMemoryWriteResult::failure( 'conflict' );
			}

			public function exists( AgentMemoryScope $scope ): bool {
				return $this->read( $scope )->exists;
			}

			/** Succeeds when there is nothing to delete. */
			public function delete( AgentMemoryScope $scope ): AgentMemoryWriteResult {
				global $wpdb;
				$done = $wpdb->delete( self::table(), array( 'scope_key' => self::key( $scope ) ) );
				return false === $done ? AgentMemoryWriteResult::failure( 'io' ) : AgentMemoryWriteResult::ok( '', 0 );
			}

			/** Files at the top of a layer. */
			public function list_layer( AgentMemoryScope $scope_query ): array {
				return $this->entries( $scope_query, static fn ( $name ) => ! str_contains( $name, '/' ) );
			}

			/** Files below a folder, at any depth; their names begin with it. */
			public function list_subtree( AgentMemoryScope $scope_query, string $prefix ): array {
				return $this->entries( $scope_query, static fn ( $name ) => '' !== $prefix && str_starts_with( $name, "$prefix/" ) );
			}

			private function entries( AgentMemoryScope $scope, callable $wanted ): array {
				global $wpdb;
				$found = $wpdb->get_results( $wpdb->prepare( 'SELECT filename, LENGTH(content) AS bytes, updated_at FROM %i WHERE scope = %s ORDER BY filename', self::table(), self::folder( $scope ) ) );
				$found = array_filter( $found, static fn ( $row ) => $wanted( $row->filename ) );
				return array_map( static fn ( $row ) => new AgentMemoryListEntry( $row->filename, $scope->layer, (int) $row->bytes, (int) $row->updated_at ), array_values( $found ) );
			}

			private static function table(): string {
				global $wpdb;
				return $wpdb->base_prefix . 'memory_in_a_table';
			}

			/** What the files of one layer of one agent have in common. On a network an agent has a memory on each site. */
			private static function folder( AgentMemoryScope $scope ): string {
				$blog = in_array( $scope->layer, array( 'user', 'network' ), true ) ? 0 : get_current_blog_id();
				return "{$scope->layer}:{$scope->user_id}:{$scope->agent_id}:$blog";
			}

			private static function key( AgentMemoryScope $scope ): string {
				return self::folder( $scope ) . ':' . $scope->filename;
			}
		}

		add_filter(
			'agents_api_memory_store',
			static function ( $store, $scope ) {
				static $own = null;
				// Other plugins may be asked first, and may want only some of the files here.
				if ( null !== $store || ! apply_filters( 'memory_in_a_table_keeps', true, $scope ) ) {
					return $store;
				}
				return $own ??= new Memory_In_A_Table();
			},
			10,
			2
		);
	}
);
