<?php
/**
 * What a step does in WordPress, written down in the same breath.
 *
 * A worker may be killed between the insertion of a post and the note that it was inserted; the next attempt would
 * then insert it again. So the post's row and the note are one transaction: it opens just before WordPress inserts
 * the row and ends with the very next statement WordPress runs. No hook fires in between, and no other write is in it.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Host;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Effect {

	private bool $open = false;

	private bool $noted = false;

	private function __construct(
		private readonly int $job_id,
		private readonly string $step,
		private readonly string $call_key,
		private readonly ?int $token
	) {
	}

	/** @param array<array-key, mixed> $effect `{job_id, step, call_key, token?}`. */
	public static function from( array $effect ): self {
		return new self(
			Params::id( $effect, 'job_id' ),
			is_string( $effect['step'] ?? null ) ? $effect['step'] : '',
			Params::text( $effect, 'call_key' ),
			isset( $effect['token'] ) ? Params::id( $effect, 'token' ) : null
		);
	}

	/**
	 * Run something that inserts one post; its first insertion is this effect's.
	 *
	 * With a token, the row must still carry it: otherwise another worker has taken the step over, and the post is
	 * rolled back.
	 *
	 * @template T
	 * @param callable(): T $insert
	 * @return T
	 * @throws Failure `lease_lost`.
	 */
	public function during( callable $insert ): mixed {
		$before = function ( mixed $data = array() ): void {
			// An image that is stored before its post is no result of its own.
			if ( ! is_array( $data ) || ! in_array( $data['post_type'] ?? '', array( 'attachment', 'revision' ), true ) ) {
				$this->begin();
			}
		};
		$next   = function ( string $query ): string {
			$this->settle();
			return $query;
		};
		add_action( 'pre_post_insert', $before, PHP_INT_MAX );
		add_filter( 'query', $next, PHP_INT_MIN );
		try {
			$result = $insert();
			$this->settle();
			return $result;
		} catch ( \Throwable $error ) {
			$this->end( 'ROLLBACK' );
			throw $error;
		} finally {
			remove_action( 'pre_post_insert', $before, PHP_INT_MAX );
			remove_filter( 'query', $next, PHP_INT_MIN );
		}
	}

	private function begin(): void {
		if ( ! $this->noted && ! $this->open ) {
			self::run( 'START TRANSACTION' );
			$this->open = true;
		}
	}

	/** WordPress is about to run its next statement: was the last one the insertion? */
	private function settle(): void {
		global $wpdb;
		if ( ! $this->open ) {
			return;
		}
		$last = ltrim( (string) $wpdb->last_query );
		if ( ! str_starts_with( $last, "INSERT INTO `{$wpdb->posts}`" ) ) {
			return;
		}
		if ( '' !== $wpdb->last_error || (int) $wpdb->insert_id < 1 ) {
			$this->end( 'ROLLBACK' );
			return;
		}
		$this->note( (int) $wpdb->insert_id );
		$this->end( 'COMMIT' );
		$this->noted = true;
	}

	private function note( int $post_id ): void {
		global $wpdb;
		$table = $wpdb->prefix . 'datamachine_bridge_effects';
		$found = self::run(
			$wpdb->prepare(
				'UPDATE %i SET post_id = %d WHERE job_id = %d AND step = %s AND call_key = %s' . ( null === $this->token ? '' : ' AND token = %d' ),
				...array_merge( array( $table, $post_id, $this->job_id, $this->step, $this->call_key ), null === $this->token ? array() : array( $this->token ) )
			)
		);
		if ( $found > 0 ) {
			return;
		}
		if ( null !== $this->token ) {
			throw new Failure( 'lease_lost', 'Another worker has taken this step over.', 409 );
		}
		self::run(
			$wpdb->prepare(
				'INSERT INTO %i (job_id, step, call_key, post_id, created_at) VALUES (%d, %s, %s, %d, UTC_TIMESTAMP(6))',
				$table,
				$this->job_id,
				$this->step,
				$this->call_key,
				$post_id
			)
		);
	}

	private function end( string $how ): void {
		if ( $this->open ) {
			$this->open = false;
			self::run( $how );
		}
	}

	/**
	 * A statement beside $wpdb, which must keep the last query and insert id WordPress is about to read.
	 *
	 * @return int Affected rows.
	 */
	private static function run( string $sql ): int {
		global $wpdb;
		$dbh = $wpdb->dbh;
		if ( ! $dbh instanceof \mysqli ) {
			throw new Failure( 'database_unsupported', 'Effects need a MySQL or MariaDB connection.', 500 );
		}
		if ( false === mysqli_query( $dbh, $wpdb->remove_placeholder_escape( $sql ) ) ) {
			throw new Failure( 'database_error', 'The effect could not be written: ' . mysqli_error( $dbh ), 503 );
		}
		return (int) mysqli_affected_rows( $dbh );
	}
}
