<?php
/**
 * Stands in for the PHP runner of the Action Scheduler library: `wp eval-file runner.php NAME SECONDS PERIOD STOP`.
 *
 * It cleans, claims, executes and releases with the library's own statements. NAME is its context in the log;
 * `deaf…` is a library that knows no claim filters, `once…` ends when nothing is due. PERIOD: seconds after which
 * it believes that a claim was left and that an action died (the library's default is 300). It ends after SECONDS or
 * when the file STOP exists; once it has begun there is a file STOP-NAME.
 */

// WP-CLI evaluates this text: it can declare no strict types.
use DataMachine\Bridge\Queue\CronTimes;
use DataMachine\Bridge\Queue\Schedule;
use DataMachine\Bridge\Queue\Store;

class ActionScheduler {
	public static ?object $store = null;
	public static function store(): object {
		return self::$store;
	}
}

class Deaf_Store {
	public function fetch_action( $id ): ?object {
		return Store::for_this_site()->action( (int) $id );
	}
}

final class Filtering_Store extends Deaf_Store {
	public array $excluded = array();
	public function set_claim_filter( string $name, $value ): void {
		if ( 'exclude-groups' === $name ) {
			$this->excluded = (array) $value;
		}
	}
}

final class Standin {

	private array $done = array( 'executed' => 0, 'failed' => 0, 'cleaned' => 0, 'batches' => 0 );

	public function __construct( private string $name, private int $period, private Deaf_Store $store ) {
	}

	public function work( int $seconds, string $stop ): array {
		$end = microtime( true ) + $seconds;
		touch( "$stop-{$this->name}" );
		while ( microtime( true ) < $end && ! file_exists( $stop ) ) {
			$this->clean();
			do_action( 'action_scheduler_before_process_queue' );
			$claim = $this->claim( 25 );
			foreach ( $this->claimed( $claim ) as $id ) {
				$this->process( $id );
			}
			$released = $this->release( $claim );
			++$this->done['batches'];
			if ( 0 === $released ) {
				if ( str_starts_with( $this->name, 'once' ) ) {
					break;
				}
				usleep( 50000 );
			}
		}
		return $this->done;
	}

	private function clean(): void {
		global $wpdb;
		$before = gmdate( 'Y-m-d H:i:s', time() - $this->period );
		foreach ( $wpdb->get_col( $wpdb->prepare( "SELECT action_id FROM {$wpdb->prefix}actionscheduler_actions WHERE status = 'pending' AND claim_id <> 0 AND last_attempt_gmt <= %s", $before ) ) as $id ) {
			$wpdb->query( $wpdb->prepare( "UPDATE {$wpdb->prefix}actionscheduler_actions SET claim_id = 0 WHERE action_id = %d", $id ) );
			$this->log( (int) $id, 'action reset' );
			++$this->done['cleaned'];
		}
		foreach ( $wpdb->get_col( $wpdb->prepare( "SELECT action_id FROM {$wpdb->prefix}actionscheduler_actions WHERE status = 'in-progress' AND last_attempt_gmt <= %s", $before ) ) as $id ) {
			$wpdb->query( $wpdb->prepare( "UPDATE {$wpdb->prefix}actionscheduler_actions SET status = 'failed' WHERE action_id = %d", $id ) );
			$this->log( (int) $id, "action marked as failed after {$this->period} seconds. Unknown error occurred." );
			++$this->done['cleaned'];
		}
	}

	private function claim( int $size ): int {
		global $wpdb;
		$wpdb->insert( "{$wpdb->prefix}actionscheduler_claims", array( 'date_created_gmt' => gmdate( 'Y-m-d H:i:s' ) ) );
		$claim  = (int) $wpdb->insert_id;
		$except = '';
		foreach ( $this->store->excluded ?? array() as $slug ) {
			$except .= $wpdb->prepare( " AND group_id NOT IN (SELECT group_id FROM {$wpdb->prefix}actionscheduler_groups WHERE slug = %s)", $slug );
		}
		$now = gmdate( 'Y-m-d H:i:s' );
		// A deadlock is no end: what is due is due in the next batch too.
		$wpdb->query( $wpdb->prepare( "UPDATE {$wpdb->prefix}actionscheduler_actions SET claim_id = %d, last_attempt_gmt = %s, last_attempt_local = %s WHERE claim_id = 0 AND scheduled_date_gmt <= %s AND status = 'pending'", $claim, $now, $now, $now ) . $except . " ORDER BY priority, attempts, scheduled_date_gmt, action_id LIMIT $size" );
		return $claim;
	}

	private function claimed( int $claim ): array {
		global $wpdb;
		return array_map( 'intval', $wpdb->get_col( $wpdb->prepare( "SELECT action_id FROM {$wpdb->prefix}actionscheduler_actions WHERE claim_id = %d ORDER BY priority, attempts, scheduled_date_gmt, action_id", $claim ) ) );
	}

	private function release( int $claim ): int {
		global $wpdb;
		$held = 0;
		foreach ( $this->claimed( $claim ) as $id ) {
			$wpdb->query( $wpdb->prepare( "UPDATE {$wpdb->prefix}actionscheduler_actions SET claim_id = 0 WHERE action_id = %d AND claim_id = %d", $id, $claim ) );
			++$held;
		}
		$wpdb->delete( "{$wpdb->prefix}actionscheduler_claims", array( 'claim_id' => $claim ) );
		return $held;
	}

	private function process( int $id ): void {
		global $wpdb;
		do_action( 'action_scheduler_before_execute', $id, $this->name );
		$row = $wpdb->get_row( $wpdb->prepare( "SELECT a.*, g.slug FROM {$wpdb->prefix}actionscheduler_actions a LEFT JOIN {$wpdb->prefix}actionscheduler_groups g ON g.group_id = a.group_id WHERE action_id = %d", $id ), ARRAY_A );
		if ( 'pending' !== $row['status'] ) {
			do_action( 'action_scheduler_execution_ignored', $id, $this->name );
			$this->log( $id, "action ignored via {$this->name}" );
			return;
		}
		do_action( 'action_scheduler_begin_execute', $id, $this->name );
		$this->log( $id, "action started via {$this->name}" );
		$this->mark( $id, 'in-progress', ', attempts = attempts + 1' );
		try {
			if ( ! has_action( $row['hook'] ) ) {
				throw new RuntimeException( "Scheduled action for {$row['hook']} will not be executed as no callbacks are registered." );
			}
			do_action_ref_array( $row['hook'], array_values( (array) json_decode( $row['extended_args'] ?? $row['args'], true ) ) );
			do_action( 'action_scheduler_after_execute', $id, $this->store->fetch_action( $id ), $this->name );
			$this->log( $id, "action complete via {$this->name}" );
			$this->mark( $id, 'complete' );
			do_action( 'action_scheduler_completed_action', $id );
			++$this->done['executed'];
		} catch ( Throwable $error ) {
			$this->mark( $id, 'failed' );
			do_action( 'action_scheduler_failed_execution', $id, $error, $this->name );
			$this->log( $id, "action failed via {$this->name}: {$error->getMessage()}" );
			++$this->done['failed'];
		}
		$this->follow( $row );
	}

	private function follow( array $row ): void {
		$next = null;
		if ( preg_match( '/ActionScheduler_IntervalSchedule.*?recurrence";i:(\d+);/s', $row['schedule'], $match ) ) {
			$next = Schedule::interval( time() + (int) $match[1], (int) $match[1] );
		} elseif ( preg_match( '/cronParts";a:\d+:\{((?:i:\d;s:\d+:"[^"]*";)+)\}/', $row['schedule'], $match ) ) {
			preg_match_all( '/"([^"]*)"/', $match[1], $parts );
			$next = Schedule::cron( ( new CronTimes( implode( ' ', $parts[1] ) ) )->at_or_after( time() + 1 ), implode( ' ', $parts[1] ) );
		}
		if ( null !== $next ) {
			Store::for_this_site()->schedule( $next, $row['hook'], json_decode( $row['args'], true ), (string) $row['slug'], (int) $row['priority'] );
		}
	}

	private function mark( int $id, string $status, string $more = '' ): void {
		global $wpdb;
		$now = gmdate( 'Y-m-d H:i:s' );
		$wpdb->query( $wpdb->prepare( "UPDATE {$wpdb->prefix}actionscheduler_actions SET status = %s, last_attempt_gmt = %s, last_attempt_local = %s{$more} WHERE action_id = %d", $status, $now, $now, $id ) );
	}

	private function log( int $id, string $message ): void {
		Store::for_this_site()->log( $id, $message );
	}
}

list( $runner_name, $runner_seconds, $runner_period, $runner_stop ) = $args;

ActionScheduler::$store = str_starts_with( $runner_name, 'deaf' ) ? new Deaf_Store() : new Filtering_Store();
do_action( 'action_scheduler_init' );
$runner = new Standin( $runner_name, (int) $runner_period, ActionScheduler::$store );
echo wp_json_encode( $runner->work( (int) $runner_seconds, $runner_stop ) );
