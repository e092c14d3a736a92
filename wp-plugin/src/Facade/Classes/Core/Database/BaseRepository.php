<?php
/**
 * What the classes of tables have in common.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\Database;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/** A subclass names its table by the constant TABLE_NAME, without a prefix. */
abstract class BaseRepository {

	public const TABLE_NAME = '';

	/** @var \wpdb */
	protected $wpdb;

	protected string $table_name;

	public function __construct() {
		global $wpdb;
		$this->wpdb       = $wpdb;
		$this->table_name = static::get_table_prefix() . static::TABLE_NAME;
	}

	/** The site's prefix; the network's for tables that all its sites share. */
	protected static function get_table_prefix(): string {
		global $wpdb;
		return $wpdb->prefix;
	}

	public function get_table_name(): string {
		return $this->table_name;
	}
}
