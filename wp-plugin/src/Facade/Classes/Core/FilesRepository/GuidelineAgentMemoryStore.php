<?php
/**
 * Memory in WordPress's own posts: one `wp_guideline` a file, with revisions. A plugin chooses it by returning it from
 * `agents_api_memory_store`; it works where the post type `wp_guideline` and its taxonomy exist.
 *
 * What is stored is what was given, byte for byte, whoever is signed in: the content is put into the row behind
 * WordPress's filters for posts, and what a text column cannot hold is written as base64. Writers of one file wait for
 * each other, and the hash they compare is that of the row, never a remembered one: somebody may have edited the post.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\FilesRepository;

use AgentsAPI\Core\FilesRepository\AgentMemoryListEntry;
use AgentsAPI\Core\FilesRepository\AgentMemoryReadResult;
use AgentsAPI\Core\FilesRepository\AgentMemoryScope;
use AgentsAPI\Core\FilesRepository\AgentMemoryStoreInterface;
use AgentsAPI\Core\FilesRepository\AgentMemoryWriteResult;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class GuidelineAgentMemoryStore implements AgentMemoryStoreInterface {

	public const POST_TYPE = 'wp_guideline';
	public const TAXONOMY  = 'wp_guideline_type';
	public const TERM      = 'memory';

	/** Begins the content of a row that holds base64 in place of what the column would not take. */
	public const ENCODED = "<!-- datamachine-memory:base64 -->\n";

	private const META = '_datamachine_memory_';

	/** Seconds a writer waits for another one. */
	private const WAIT = 5;

	private const MAX_BYTES = 10 * 1024 * 1024;

	/** Whether there is something to keep memory in. */
	public static function is_available(): bool {
		return post_type_exists( self::POST_TYPE ) && taxonomy_exists( self::TAXONOMY );
	}

	public function read( AgentMemoryScope $scope ): AgentMemoryReadResult {
		$row = self::is_available() ? self::row( $scope ) : null;
		if ( null === $row ) {
			return AgentMemoryReadResult::not_found();
		}
		$content = self::decoded( $row->post_content );
		return new AgentMemoryReadResult( true, $content, sha1( $content ), strlen( $content ), self::time( $row->post_modified_gmt ) );
	}

	public function write( AgentMemoryScope $scope, string $content, ?string $if_match = null ): AgentMemoryWriteResult {
		if ( ! self::is_available() ) {
			return AgentMemoryWriteResult::failure( 'capability' );
		}
		if ( strlen( $content ) > self::MAX_BYTES ) {
			return AgentMemoryWriteResult::failure( 'too_large' );
		}
		$result = self::locked( $scope, static fn (): AgentMemoryWriteResult => self::swap( $scope, $content, $if_match ) );
		return $result ?? AgentMemoryWriteResult::failure( 'io' );
	}

	public function exists( AgentMemoryScope $scope ): bool {
		return self::is_available() && null !== self::row( $scope );
	}

	public function delete( AgentMemoryScope $scope ): AgentMemoryWriteResult {
		if ( ! self::is_available() ) {
			return AgentMemoryWriteResult::ok( '', 0 );
		}
		$gone = self::locked(
			$scope,
			static function () use ( $scope ): bool {
				for ( $row = self::row( $scope ); null !== $row; $row = self::row( $scope ) ) {
					clean_post_cache( (int) $row->ID );
					if ( ! wp_delete_post( (int) $row->ID, true ) ) {
						return false;
					}
				}
				return true;
			}
		);
		return $gone ? AgentMemoryWriteResult::ok( '', 0 ) : AgentMemoryWriteResult::failure( 'io' );
	}

	public function list_layer( AgentMemoryScope $scope_query ): array {
		return self::entries( $scope_query, static fn ( string $filename ): bool => ! str_contains( $filename, '/' ) );
	}

	public function list_subtree( AgentMemoryScope $scope_query, string $prefix ): array {
		$prefix = trim( $prefix, '/' );
		return '' === $prefix ? array() : self::entries( $scope_query, static fn ( string $filename ): bool => str_starts_with( $filename, "$prefix/" ) );
	}

	/** Compare and write; the lock is held. */
	private static function swap( AgentMemoryScope $scope, string $content, ?string $if_match ): AgentMemoryWriteResult {
		$row = self::row( $scope, true );
		if ( null !== $if_match && ( null === $row ? '' : sha1( self::decoded( $row->post_content ) ) ) !== $if_match ) {
			return AgentMemoryWriteResult::failure( 'conflict' );
		}
		$id = self::put( $scope, $content, null === $row ? null : (int) $row->ID, $row->post_name ?? self::names( $scope )[0] );
		if ( null === $id ) {
			return AgentMemoryWriteResult::failure( 'io' );
		}
		$stored = self::row( $scope, true );
		if ( null === $stored || self::decoded( $stored->post_content ) !== $content ) {
			return AgentMemoryWriteResult::failure( 'io' );
		}
		do_action( 'datamachine_guideline_updated', $id, self::TERM );
		return AgentMemoryWriteResult::ok( sha1( $content ), strlen( $content ) );
	}

	/** Insert or update the post; null when WordPress refuses. */
	private static function put( AgentMemoryScope $scope, string $content, ?int $id, string $name ): ?int {
		$stored = self::is_plain( $content ) ? $content : self::ENCODED . base64_encode( $content ); // phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions -- bytes in a text column.
		$exact  = static function ( array $data, array $post ) use ( $id, $name, $stored, $scope ): array {
			$own = self::POST_TYPE === $data['post_type']
				? ( null === $id ? $name === $data['post_name'] : (int) ( $post['ID'] ?? 0 ) === $id )
				: 'revision' === $data['post_type'] && get_post_field( 'post_name', (int) $data['post_parent'], 'raw' ) === $name;
			if ( ! $own ) {
				return $data;
			}
			$data['post_content'] = wp_slash( $stored );
			$data['post_title']   = wp_slash( $scope->filename );
			return $data;
		};
		// The content itself is left out here: filters for HTML would work on megabytes in vain.
		$post = array(
			'post_type'      => self::POST_TYPE,
			'post_status'    => 'publish',
			'post_title'     => wp_slash( $scope->filename ),
			'post_name'      => $name,
			'post_content'   => '',
			'post_author'    => max( 0, $scope->user_id ),
			'comment_status' => 'closed',
			'ping_status'    => 'closed',
		);
		add_filter( 'wp_insert_post_data', $exact, PHP_INT_MAX, 2 );
		try {
			if ( null !== $id ) {
				// Another request may have changed it since this one looked.
				clean_post_cache( $id );
				$result = wp_update_post( array( 'ID' => $id ) + $post, true );
			} else {
				$result = wp_insert_post( $post, true );
			}
		} finally {
			remove_filter( 'wp_insert_post_data', $exact, PHP_INT_MAX );
		}
		if ( is_wp_error( $result ) || 0 === $result ) {
			return null;
		}
		$meta = get_object_vars( $scope ) + array(
			'hash'  => sha1( $content ),
			'bytes' => strlen( $content ),
		);
		foreach ( $meta as $key => $value ) {
			update_post_meta( $result, self::META . $key, wp_slash( (string) $value ) );
		}
		if ( null === $id ) {
			wp_set_object_terms( $result, self::TERM, self::TAXONOMY );
		}
		return $result;
	}

	/** The row of a file, read past every cache; the oldest where there are several. */
	private static function row( AgentMemoryScope $scope, bool $for_update = false ): ?object {
		global $wpdb;
		$names = self::names( $scope );
		$any   = implode( ', ', array_fill( 0, count( $names ), '%s' ) );
		// For update: the newest, also inside somebody's transaction that began earlier.
		$lock = $for_update ? ' FOR UPDATE' : '';
		return $wpdb->get_row( // phpcs:ignore WordPress.DB.DirectDatabaseQuery -- a hash that is compared must be the stored one.
			$wpdb->prepare(
				"SELECT ID, post_name, post_content, post_modified_gmt FROM {$wpdb->posts}"
				. " WHERE post_name IN ({$any}) AND post_type = %s AND post_status NOT IN ('trash', 'auto-draft')"
				. " ORDER BY ID ASC LIMIT 1{$lock}", // phpcs:ignore WordPress.DB.PreparedSQL -- placeholders, and one of two constants.
				...array( ...$names, self::POST_TYPE )
			)
		);
	}

	/**
	 * Names the post may have: ours, that of later versions of Data Machine, which count the site in, and what either
	 * calls an agent's file that was asked for as its owner's.
	 *
	 * @return list<string>
	 */
	private static function names( AgentMemoryScope $scope ): array {
		$site  = untrailingslashit( home_url( '/' ) );
		$names = array();
		foreach ( self::agents( $scope ) as $agent_id ) {
			foreach ( array( '', "site:$site:" ) as $where ) {
				$names[] = 'memory-' . sha1( "{$scope->layer}:$where{$scope->user_id}:$agent_id:{$scope->filename}" );
			}
		}
		return $names;
	}

	/**
	 * Agents under which a file may stand: the one that is named; a user's first agent and nobody are the same.
	 *
	 * @return list<int>
	 */
	private static function agents( AgentMemoryScope $scope ): array {
		global $wpdb;
		if ( 'agent' !== $scope->layer || $scope->user_id <= 0 ) {
			return array( $scope->agent_id );
		}
		$first = (int) $wpdb->get_var( $wpdb->prepare( 'SELECT MIN(agent_id) FROM %i WHERE owner_id = %d', $wpdb->base_prefix . 'datamachine_agents', $scope->user_id ) ); // phpcs:ignore WordPress.DB.DirectDatabaseQuery -- our own table.
		return match ( $scope->agent_id ) {
			0       => $first > 0 ? array( 0, $first ) : array( 0 ),
			$first  => array( $first, 0 ),
			default => array( $scope->agent_id ),
		};
	}

	/**
	 * @param callable(string): bool $wanted By file name.
	 * @return AgentMemoryListEntry[] Sorted by file name.
	 */
	private static function entries( AgentMemoryScope $scope, callable $wanted ): array {
		global $wpdb;
		if ( ! self::is_available() ) {
			return array();
		}
		$agents = self::agents( $scope );
		$any    = implode( ', ', array_fill( 0, count( $agents ), '%s' ) );
		$rows   = $wpdb->get_results( // phpcs:ignore WordPress.DB.DirectDatabaseQuery -- sizes without reading the content.
			$wpdb->prepare(
				"SELECT f.meta_value AS filename, p.post_modified_gmt, b.meta_value AS bytes,
					LENGTH(CONVERT(p.post_content USING utf8mb4)) AS size, LEFT(p.post_content, %d) AS beginning
				FROM {$wpdb->posts} p
				JOIN {$wpdb->postmeta} l ON l.post_id = p.ID AND l.meta_key = %s AND l.meta_value = %s
				JOIN {$wpdb->postmeta} u ON u.post_id = p.ID AND u.meta_key = %s AND u.meta_value = %s
				JOIN {$wpdb->postmeta} a ON a.post_id = p.ID AND a.meta_key = %s AND a.meta_value IN ({$any})
				JOIN {$wpdb->postmeta} f ON f.post_id = p.ID AND f.meta_key = %s
				LEFT JOIN {$wpdb->postmeta} b ON b.post_id = p.ID AND b.meta_key = %s
				WHERE p.post_type = %s AND p.post_status NOT IN ('trash', 'auto-draft')
				ORDER BY p.ID DESC",
				...array(
					strlen( self::ENCODED ),
					self::META . 'layer',
					$scope->layer,
					self::META . 'user_id',
					(string) $scope->user_id,
					self::META . 'agent_id',
					...array_map( 'strval', $agents ),
					self::META . 'filename',
					self::META . 'bytes',
					self::POST_TYPE,
				)
			)
		);
		$entries = array();
		foreach ( $rows as $row ) {
			if ( $wanted( $row->filename ) ) {
				$bytes                     = self::ENCODED === $row->beginning ? (int) $row->bytes : (int) $row->size;
				$entries[ $row->filename ] = new AgentMemoryListEntry( $row->filename, $scope->layer, $bytes, self::time( $row->post_modified_gmt ) );
			}
		}
		ksort( $entries, SORT_STRING );
		return array_values( $entries );
	}

	/** What `$work` answers while nobody else writes this file; null when another writer takes too long. */
	private static function locked( AgentMemoryScope $scope, callable $work ): mixed {
		global $wpdb;
		// The same for every way to ask for the file.
		$name = 'datamachine_' . sha1( DB_NAME . ':' . $wpdb->posts . ':' . min( self::names( $scope ) ) );
		if ( '1' !== (string) $wpdb->get_var( $wpdb->prepare( 'SELECT GET_LOCK(%s, %d)', $name, self::WAIT ) ) ) { // phpcs:ignore WordPress.DB.DirectDatabaseQuery -- a lock.
			return null;
		}
		try {
			return $work();
		} finally {
			$wpdb->query( $wpdb->prepare( 'SELECT RELEASE_LOCK(%s)', $name ) ); // phpcs:ignore WordPress.DB.DirectDatabaseQuery -- a lock.
		}
	}

	/** Whether the column takes it as it is, and gives the same back. */
	private static function is_plain( string $content ): bool {
		global $wpdb;
		if ( str_starts_with( $content, self::ENCODED ) || 1 !== preg_match( '//u', $content ) ) {
			return false;
		}
		return match ( $wpdb->get_col_charset( $wpdb->posts, 'post_content' ) ) {
			'utf8mb4'         => true,
			'utf8', 'utf8mb3' => 1 !== preg_match( '/[\x{10000}-\x{10FFFF}]/u', $content ),
			default           => 1 !== preg_match( '/[^\x00-\x7F]/', $content ),
		};
	}

	private static function decoded( string $stored ): string {
		if ( ! str_starts_with( $stored, self::ENCODED ) ) {
			return $stored;
		}
		$bytes = base64_decode( substr( $stored, strlen( self::ENCODED ) ), true ); // phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions -- see put().
		return false === $bytes ? $stored : $bytes;
	}

	private static function time( string $gmt ): ?int {
		$time = strtotime( $gmt . ' UTC' );
		return false === $time || $time < 0 ? null : $time;
	}
}
