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

	/**
	 * @param array{version: int, tables: array<string, string>} $schema The generated schema.
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
	 * @param bool $own_only True while PHP Data Machine is active: the other tables are its own.
	 * @return list<string> Full names of the tables created.
	 */
	public function install( bool $own_only ): array {
		require_once ABSPATH . 'wp-admin/includes/upgrade.php';
		$created = array();
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
		return $created;
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

	/**
	 * The row that says which site this is; activation sets its mode afterwards.
	 *
	 * The version counts for the tables only. Indexes on tables that others made are `datamachine migrate`'s, which
	 * looks for them at every run.
	 */
	private function ensure_fence(): void {
		$this->db->query(
			$this->db->prepare(
				'INSERT IGNORE INTO %i (id, site_uuid, home_url, database_name, mode, epoch, schema_version, updated_at)
				VALUES (1, %s, %s, %s, %s, 0, %d, UTC_TIMESTAMP(6))',
				$this->table( 'datamachine_bridge_sites' ),
				wp_generate_uuid4(),
				get_option( 'home' ),
				$this->db->dbname,
				'inactive',
				$this->schema['version']
			)
		);
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
