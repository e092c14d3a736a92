<?php
/**
 * Action Scheduler's tables where the library is absent: the same rows, byte for byte.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Queue;

use DataMachine\Bridge\Hooks\Policy;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

// phpcs:disable WordPress.DB.DirectDatabaseQuery -- a queue is never cached; the tables are Action Scheduler's.

final class Store {

	/** What fits the indexed `args` column; longer arguments leave their md5 there. */
	private const INDEXED = 191;

	/** `extended_args` is varchar(8000). */
	private const LONGEST = 8000;

	private function __construct( private readonly \wpdb $db ) {
	}

	public static function for_this_site(): self {
		global $wpdb;
		return new self( $wpdb );
	}

	/**
	 * Insert one pending action, tell listeners, log it.
	 *
	 * @param array<array-key, mixed> $args
	 * @return int Its id; 0 when `$unique` and one of the same hook and group waits or runs.
	 * @throws \RuntimeException When it could not be written; \InvalidArgumentException when the arguments are too long.
	 */
	public function schedule( Schedule $schedule, string $hook, array $args, string $group = '', int $priority = 10, bool $unique = false ): int {
		list( $indexed, $extended ) = self::arguments( $args );

		$group_id = $this->group( $group, true );
		if ( $unique && $this->find( array( 'hook' => $hook, 'group' => $group, 'status' => array( 'pending', 'in-progress' ), 'per_page' => 1 ) ) ) { // phpcs:ignore WordPress.Arrays
			return 0;
		}
		$row = array(
			'hook'                 => $hook,
			'status'               => 'pending',
			'scheduled_date_gmt'   => gmdate( 'Y-m-d H:i:s', $schedule->timestamp ),
			'scheduled_date_local' => wp_date( 'Y-m-d H:i:s', $schedule->timestamp ),
			'schedule'             => $schedule->serialized,
			'group_id'             => $group_id,
			'priority'             => max( 0, min( 255, $priority ) ),
			'args'                 => $indexed,
		);
		if ( null !== $extended ) {
			$row['extended_args'] = $extended;
		}
		if ( ! $this->db->insert( $this->table( 'actions' ), $row ) ) {
			throw new \RuntimeException( 'The action could not be written: ' . $this->db->last_error );
		}
		$id = (int) $this->db->insert_id;
		do_action( 'action_scheduler_stored_action', $id );
		$this->log( $id, 'action created' );
		return $id;
	}

	/**
	 * As schedule(), for whoever calls the library's functions: what could not be written is a line of the site's log.
	 *
	 * @param array<array-key, mixed> $args
	 * @return int Its id; 0 when it was not stored.
	 */
	public function try_schedule( Schedule $schedule, string $hook, array $args, string $group = '', int $priority = 10, bool $unique = false ): int {
		try {
			return $this->schedule( $schedule, $hook, $args, $group, $priority, $unique );
		} catch ( \Exception $error ) {
			Policy::report( $hook, 'action not stored', $error );
			return 0;
		}
	}

	public function log( int $action_id, string $message ): void {
		$this->db->insert(
			$this->table( 'logs' ),
			array(
				'action_id'      => $action_id,
				'message'        => $message,
				'log_date_gmt'   => gmdate( 'Y-m-d H:i:s' ),
				'log_date_local' => wp_date( 'Y-m-d H:i:s' ),
			)
		);
	}

	/** Cancel a pending action. */
	public function cancel( int $action_id ): bool {
		$canceled = $this->db->update(
			$this->table( 'actions' ),
			array( 'status' => 'canceled' ),
			array(
				'action_id' => $action_id,
				'status'    => 'pending',
			)
		);
		if ( ! $canceled ) {
			return false;
		}
		do_action( 'action_scheduler_canceled_action', $action_id );
		$this->log( $action_id, 'action canceled' );
		return true;
	}

	/**
	 * Ids of actions.
	 *
	 * @param array<string, mixed> $query `hook`, `args` (null: any), `group` ('': any), `status` (one or several),
	 *                                    `per_page` (-1: all), `offset`, `order`, `orderby` (date, hook, group, none).
	 * @return list<int>
	 */
	public function find( array $query ): array {
		$where  = array( '1 = 1' );
		$values = array();
		if ( '' !== (string) ( $query['hook'] ?? '' ) ) {
			$where[]  = 'hook = %s';
			$values[] = $query['hook'];
		}
		if ( isset( $query['args'] ) ) {
			$where[]  = 'args = %s';
			$values[] = self::arguments( (array) $query['args'] )[0];
		}
		if ( '' !== (string) ( $query['group'] ?? '' ) ) {
			$group = $this->group( (string) $query['group'], false );
			if ( 0 === $group ) {
				// The id of no group is what actions without one have.
				return array();
			}
			$where[]  = 'group_id = %d';
			$values[] = $group;
		}
		$statuses = array_filter( (array) ( $query['status'] ?? array() ) );
		if ( $statuses ) {
			$where[] = 'status IN (' . implode( ', ', array_fill( 0, count( $statuses ), '%s' ) ) . ')';
			$values  = array_merge( $values, array_values( $statuses ) );
		}
		$columns = array(
			'hook'  => 'hook',
			'group' => 'group_id',
			'none'  => 'action_id',
		);
		$column  = $columns[ $query['orderby'] ?? 'date' ] ?? 'scheduled_date_gmt';
		$order   = 'DESC' === strtoupper( (string) ( $query['order'] ?? 'ASC' ) ) ? 'DESC' : 'ASC';
		$sql     = "SELECT action_id FROM {$this->table( 'actions' )} WHERE " . implode( ' AND ', $where ) . " ORDER BY $column $order, action_id $order";
		$limit   = (int) ( $query['per_page'] ?? 5 );
		if ( $limit > 0 ) {
			$sql     .= ' LIMIT %d OFFSET %d';
			$values[] = $limit;
			$values[] = max( 0, (int) ( $query['offset'] ?? 0 ) );
		}
		// phpcs:ignore WordPress.DB.PreparedSQL -- every value is a placeholder, column and order are from fixed lists.
		return array_map( 'intval', $this->db->get_col( $values ? $this->db->prepare( $sql, ...$values ) : $sql ) );
	}

	public function action( int $action_id ): ?Action {
		$row = $this->db->get_row(
			$this->db->prepare(
				'SELECT a.*, g.slug FROM %i a LEFT JOIN %i g ON g.group_id = a.group_id WHERE a.action_id = %d',
				$this->table( 'actions' ),
				$this->table( 'groups' ),
				$action_id
			),
			ARRAY_A
		);
		return is_array( $row ) ? new Action( $row ) : null;
	}

	/** The id of a group; 0 when it does not exist and shall not. */
	private function group( string $slug, bool $create ): int {
		if ( '' === $slug ) {
			return 0;
		}
		$id = (int) $this->db->get_var( $this->db->prepare( 'SELECT group_id FROM %i WHERE slug = %s ORDER BY group_id LIMIT 1', $this->table( 'groups' ), $slug ) );
		if ( 0 === $id && $create ) {
			$this->db->insert( $this->table( 'groups' ), array( 'slug' => $slug ) );
			$id = (int) $this->db->insert_id;
		}
		return $id;
	}

	/**
	 * @param array<array-key, mixed> $args
	 * @return array{0: string, 1: ?string} The `args` and `extended_args` columns.
	 */
	private static function arguments( array $args ): array {
		$json = (string) wp_json_encode( $args );
		if ( strlen( $json ) <= self::INDEXED ) {
			return array( $json, null );
		}
		if ( strlen( $json ) > self::LONGEST ) {
			throw new \InvalidArgumentException( 'The arguments of an action take at most 8000 characters of JSON.' );
		}
		return array( md5( $json ), $json );
	}

	private function table( string $name ): string {
		return "{$this->db->prefix}actionscheduler_$name";
	}
}
