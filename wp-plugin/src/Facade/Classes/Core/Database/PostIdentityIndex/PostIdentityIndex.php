<?php
/**
 * What tells one post of a kind from another: its day, place, ticket, title and source, one row a post, all of it indexed.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\Database\PostIdentityIndex;

use DataMachine\Bridge\Schema\Installer;
use DataMachine\Core\Database\BaseRepository;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/** Days are `Y-m-d`; a row has the columns of the table, as texts. */
class PostIdentityIndex extends BaseRepository {

	public const TABLE_NAME = 'datamachine_post_identity';

	/** Columns that may be written, and how. */
	private const COLUMNS = array(
		'post_type'     => '%s',
		'event_date'    => '%s',
		'venue_term_id' => '%d',
		'ticket_url'    => '%s',
		'title_hash'    => '%s',
		'source_url'    => '%s',
	);

	/** Activation makes the table; this makes one that is missing. */
	public function create_table(): void {
		Installer::for_this_site()->install( false );
	}

	/**
	 * Writes the columns that are named and leaves the others.
	 *
	 * @param array<string, mixed> $fields
	 */
	public function upsert( int $post_id, array $fields ): bool {
		$fields = array_intersect_key( $fields, self::COLUMNS );
		if ( $post_id <= 0 || array() === $fields ) {
			return false;
		}
		if ( ! array_key_exists( 'post_type', $fields ) && null === $this->get( $post_id ) ) {
			$fields['post_type'] = (string) get_post_type( $post_id );
		}
		$columns = array( 'post_id' );
		$marks   = array( '%d' );
		$args    = array( $post_id );
		$changes = array();
		foreach ( $fields as $column => $value ) {
			$columns[] = $column;
			$changes[] = "$column = VALUES( $column )";
			// A column that may be NULL takes an empty value as none; the two others hold texts.
			$none    = in_array( $value, array( null, '', 0, '0' ), true ) && ! in_array( $column, array( 'post_type', 'title_hash' ), true );
			$marks[] = $none ? 'NULL' : self::COLUMNS[ $column ];
			if ( ! $none ) {
				$args[] = '%d' === self::COLUMNS[ $column ] ? (int) $value : self::cut( $column, (string) $value );
			}
		}
		$sql = 'INSERT INTO %i ( ' . implode( ', ', $columns ) . ' ) VALUES ( ' . implode( ', ', $marks ) . ' ) ON DUPLICATE KEY UPDATE ' . implode( ', ', $changes );
		return false !== $this->wpdb->query( $this->wpdb->prepare( $sql, $this->table_name, ...$args ) ); // phpcs:ignore WordPress.DB.PreparedSQL.NotPrepared -- columns of this class's own list.
	}

	public function delete( int $post_id ): bool {
		return false !== $this->wpdb->delete( $this->table_name, array( 'post_id' => $post_id ), array( '%d' ) );
	}

	/** @return array<string, ?string>|null */
	public function get( int $post_id ): ?array {
		return $this->rows( 'post_id = %d', array( $post_id ), 1 )[0] ?? null;
	}

	/** @return list<array<string, ?string>> */
	public function find_by_date_and_venue( string $event_date, ?int $venue_term_id = null, int $limit = 20 ): array {
		if ( null === $venue_term_id ) {
			return $this->find_by_date( $event_date, $limit );
		}
		return $this->rows( 'event_date = %s AND venue_term_id = %d', array( $event_date, $venue_term_id ), $limit );
	}

	/** @return array<string, ?string>|null */
	public function find_by_date_and_title_hash( string $event_date, string $title_hash ): ?array {
		return $this->rows( 'event_date = %s AND title_hash = %s', array( $event_date, $title_hash ), 1 )[0] ?? null;
	}

	/** @return array<string, ?string>|null */
	public function find_by_ticket_url_and_date( string $ticket_url, string $event_date ): ?array {
		return $this->rows( 'ticket_url = %s AND event_date = %s', array( self::cut( 'ticket_url', $ticket_url ), $event_date ), 1 )[0] ?? null;
	}

	/** @return array<string, ?string>|null */
	public function find_by_source_url( string $source_url ): ?array {
		return '' === $source_url ? null : $this->rows( 'source_url = %s', array( self::cut( 'source_url', $source_url ) ), 1 )[0] ?? null;
	}

	/** @return list<array<string, ?string>> Of that day, those that have a ticket. */
	public function find_with_ticket_url_on_date( string $event_date, int $limit = 50 ): array {
		return $this->rows( 'event_date = %s AND ticket_url IS NOT NULL', array( $event_date ), $limit );
	}

	/** @return list<array<string, ?string>> */
	public function find_by_date( string $event_date, int $limit = 50 ): array {
		return $this->rows( 'event_date = %s', array( $event_date ), $limit );
	}

	public function count( string $post_type = '' ): int {
		$where = '' === $post_type ? '' : $this->wpdb->prepare( ' WHERE post_type = %s', $post_type );
		return (int) $this->wpdb->get_var( $this->wpdb->prepare( 'SELECT COUNT(*) FROM %i', $this->table_name ) . $where ); // phpcs:ignore WordPress.DB.PreparedSQL.NotPrepared -- prepared in two parts.
	}

	/** @return list<int> Posts of a type that have no row and are not in the bin, oldest first. */
	public function find_missing_post_ids( string $post_type, int $limit = 500, int $offset = 0 ): array {
		$sql = "SELECT p.ID FROM %i p LEFT JOIN %i i ON i.post_id = p.ID WHERE p.post_type = %s AND i.post_id IS NULL AND p.post_status NOT IN ( 'trash', 'auto-draft', 'inherit' ) ORDER BY p.ID LIMIT %d OFFSET %d";
		return array_map( 'intval', $this->wpdb->get_col( $this->wpdb->prepare( $sql, $this->wpdb->posts, $this->table_name, $post_type, max( 1, $limit ), max( 0, $offset ) ) ) ); // phpcs:ignore WordPress.DB.PreparedSQL.NotPrepared -- a literal.
	}

	/** @return int How many rows there were. */
	public function delete_by_post_type( string $post_type ): int {
		return (int) $this->wpdb->delete( $this->table_name, array( 'post_type' => $post_type ), array( '%s' ) );
	}

	/**
	 * @param literal-string $where
	 * @param list<mixed>    $args
	 * @return list<array<string, ?string>>
	 */
	private function rows( string $where, array $args, int $limit ): array {
		$args[] = max( 1, $limit );
		$found  = $this->wpdb->get_results( $this->wpdb->prepare( "SELECT * FROM %i WHERE $where ORDER BY post_id LIMIT %d", $this->table_name, ...$args ), ARRAY_A ); // phpcs:ignore WordPress.DB.PreparedSQL.NotPrepared -- literals of this class.
		return is_array( $found ) ? $found : array();
	}

	/** As long as the column: a longer address is found again by its beginning. */
	private static function cut( string $column, string $value ): string {
		$most = array( 'post_type' => 20, 'title_hash' => 32, 'ticket_url' => 512, 'source_url' => 512 )[ $column ] ?? null; // phpcs:ignore WordPress.Arrays.ArrayDeclarationSpacing -- short.
		return null === $most ? $value : mb_substr( $value, 0, $most );
	}
}
