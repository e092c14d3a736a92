<?php
/**
 * Creates the tables that are absent on one site. It never alters one: that is `datamachine migrate`'s work.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Schema;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Installer {
	/** Tables of ours alone: made in companion mode too, dropped on uninstall. */
	public const OWN = 'datamachine_bridge_';

	/** The index that `datamachine migrate` adds to Action Scheduler's table, and its table without prefix. */
	public const INDEX       = 'datamachine_bridge_claim';
	public const INDEX_TABLE = 'actionscheduler_actions';

	/** Why a migration waits. */
	public const WAITS_VERSION = 'version';
	public const WAITS_TABLES  = 'tables';
	public const WAITS_COLUMNS = 'columns';
	public const WAITS_ROWS    = 'rows';

	/** Tables that `datamachine migrate` may alter; Action Scheduler's are its own. */
	private const PRODUCT = 'datamachine_';

	/**
	 * @param array{version: int, tables: array<string, string>, steps: array<string, array{guard: string, network: bool, shared: bool}>} $schema The generated schema.
	 */
	public function __construct( private readonly \wpdb $db, private readonly array $schema ) {
	}

	public static function for_this_site(): self {
		global $wpdb;
		return new self( $wpdb, require dirname( __DIR__, 2 ) . '/generated/schema.php' );
	}

	/**
	 * Create what is absent for the current blog and make sure there is a fence row.
	 *
	 * A site that had none of the tables is complete with that. Tables that were there may be older, and their rows
	 * as well: the version is recorded when nothing is left for `datamachine migrate`, and Site Health tells until then.
	 *
	 * @param bool $own_only True while PHP Data Machine is active: the other tables are its own.
	 * @return list<string> Full names of the tables created.
	 */
	public function install( bool $own_only ): array {
		require_once ABSPATH . 'wp-admin/includes/upgrade.php';
		$created = array();
		$new     = ! $own_only && $this->is_new();
		foreach ( $this->schema['tables'] as $name => $sql ) {
			if ( $own_only && ! str_starts_with( $name, self::OWN ) ) {
				continue;
			}
			$table = $this->table( $name );
			if ( $this->exists( $table ) ) {
				continue;
			}
			dbDelta( $this->statement( $sql ) );
			if ( $this->exists( $table ) ) {
				$created[] = $table;
			} else {
				error_log( "Data Machine Bridge could not create the table $table: {$this->db->last_error}" ); // phpcs:ignore WordPress.PHP.DevelopmentFunctions
			}
		}
		$this->ensure_fence();
		if ( $new ) {
			( new Steps( $this->db, $this->schema['steps'] ) )->mark_done();
		}
		if ( array() === array_diff( $this->waiting( $own_only ), array( self::WAITS_VERSION ) ) ) {
			$this->record_version();
		}
		return $created;
	}

	/**
	 * What is left for `datamachine migrate` on the current blog.
	 *
	 * @param bool $own_only True while PHP Data Machine is active.
	 * @return list<string> Some of `version`, `tables`, `columns`, `rows`; empty when nothing is.
	 */
	public function waiting( bool $own_only ): array {
		$waiting = array();
		if ( $this->recorded_version() < $this->schema['version'] ) {
			$waiting[] = self::WAITS_VERSION;
		}
		foreach ( $this->schema['tables'] as $name => $sql ) {
			if ( ! str_starts_with( $name, $own_only ? self::OWN : self::PRODUCT ) ) {
				continue;
			}
			$table = $this->table( $name );
			if ( ! $this->exists( $table ) ) {
				$waiting[] = self::WAITS_TABLES;
			} elseif ( array() !== array_diff( self::columns( $sql ), $this->db->get_col( $this->db->prepare( 'SHOW COLUMNS FROM %i', $table ) ) ) ) {
				$waiting[] = self::WAITS_COLUMNS;
			}
		}
		if ( ! $own_only && ! ( new Steps( $this->db, $this->schema['steps'] ) )->are_done() ) {
			$waiting[] = self::WAITS_ROWS;
		}
		return array_values( array_unique( $waiting ) );
	}

	/** Drop our own tables and our index; the tables of Data Machine and Action Scheduler stay. */
	public function uninstall(): void {
		foreach ( array_keys( $this->schema['tables'] ) as $name ) {
			if ( str_starts_with( $name, self::OWN ) ) {
				$this->db->query( $this->db->prepare( 'DROP TABLE IF EXISTS %i', $this->table( $name ) ) );
			}
		}
		$table = $this->table( self::INDEX_TABLE );
		if ( $this->exists( $table ) && $this->has_index( $table ) ) {
			$this->db->query( $this->db->prepare( 'ALTER TABLE %i DROP INDEX %i', $table, self::INDEX ) );
		}
	}

	/** The full name of a table for the current blog; the prefix changes with switch_to_blog(). */
	public function table( string $name ): string {
		$network = str_starts_with( $this->schema['tables'][ $name ] ?? '', 'CREATE TABLE {base_prefix}' );
		return ( $network ? $this->db->base_prefix : $this->db->prefix ) . $name;
	}

	/** Own tables that each site of a network has, with full names. */
	public function own_tables(): array {
		$own = array_filter(
			array_keys( $this->schema['tables'] ),
			fn ( string $name ): bool => str_starts_with( $name, self::OWN ) && str_starts_with( $this->schema['tables'][ $name ], 'CREATE TABLE {prefix}' )
		);
		return array_values( array_map( $this->table( ... ), $own ) );
	}

	/** True when this site has never had Data Machine's tables; those of the network count for the main site alone. */
	private function is_new(): bool {
		foreach ( $this->schema['tables'] as $name => $sql ) {
			if ( ! str_starts_with( $name, self::PRODUCT ) || str_starts_with( $name, self::OWN ) ) {
				continue;
			}
			// The first versions had tables of agents on each site of a network.
			if ( $this->exists( $this->db->prefix . $name ) ) {
				return false;
			}
		}
		return true;
	}

	/** The row that says which site this is; activation sets its mode afterwards. */
	private function ensure_fence(): void {
		$this->db->query(
			$this->db->prepare(
				'INSERT IGNORE INTO %i (id, site_uuid, home_url, database_name, mode, epoch, schema_version, updated_at)
				VALUES (1, %s, %s, %s, %s, 0, 0, UTC_TIMESTAMP(6))',
				$this->table( 'datamachine_bridge_sites' ),
				wp_generate_uuid4(),
				get_option( 'home' ),
				$this->db->dbname,
				'inactive'
			)
		);
	}

	/**
	 * The version counts for tables, columns and rows. Indexes on tables that others made are `datamachine migrate`'s,
	 * which looks for them at every run.
	 */
	private function record_version(): void {
		$this->db->query(
			$this->db->prepare(
				'UPDATE %i SET schema_version = %d, updated_at = UTC_TIMESTAMP(6) WHERE id = 1 AND schema_version < %d',
				$this->table( 'datamachine_bridge_sites' ),
				$this->schema['version'],
				$this->schema['version']
			)
		);
	}

	private function recorded_version(): int {
		$table = $this->table( 'datamachine_bridge_sites' );
		return $this->exists( $table ) ? (int) $this->db->get_var( $this->db->prepare( 'SELECT schema_version FROM %i WHERE id = 1', $table ) ) : 0;
	}

	/** @return list<string> The columns that a CREATE TABLE statement names. */
	private static function columns( string $sql ): array {
		preg_match_all( '/^\s+([a-z_]+) /m', $sql, $found );
		return $found[1];
	}

	private function exists( string $table ): bool {
		return null !== $this->db->get_var( $this->db->prepare( 'SHOW TABLES LIKE %s', $this->db->esc_like( $table ) ) );
	}

	private function has_index( string $table ): bool {
		return null !== $this->db->get_var( $this->db->prepare( 'SHOW INDEX FROM %i WHERE Key_name = %s', $table, self::INDEX ) );
	}

	private function statement( string $sql ): string {
		return strtr(
			$sql,
			array(
				'{base_prefix}' => $this->db->base_prefix,
				'{prefix}'      => $this->db->prefix,
				'{charset}'     => $this->db->get_charset_collate(),
			)
		);
	}
}
