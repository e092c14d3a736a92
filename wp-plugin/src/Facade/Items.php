<?php
/**
 * Items that flows have taken in or claimed: read here, written by the sidecar.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Facade;

use DataMachine\Bridge\Bridge\Client;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Items {

	public static function is_processed( string $flow_step_id, string $source_type, string $identifier ): bool {
		return 'processed' === ( self::row( $flow_step_id, $source_type, $identifier )['status'] ?? '' );
	}

	/** Whether a job other than this one holds a claim that is not over. */
	public static function is_claimed( string $flow_step_id, string $source_type, string $identifier, int $job_id = 0 ): bool {
		$row = self::row( $flow_step_id, $source_type, $identifier );
		return 'claimed' === ( $row['status'] ?? '' ) && '1' === (string) $row['live'] && ( 0 === $job_id || (int) $row['job_id'] !== $job_id );
	}

	/**
	 * @return bool Whether the job has the item now.
	 * @throws \DataMachine\Bridge\Bridge\BridgeException When the claim could not be written: nobody knows whose the item is.
	 */
	public static function claim( string $flow_step_id, string $source_type, string $identifier, int $job_id ): bool {
		return true === self::change( 'claim', $flow_step_id, $source_type, $identifier, $job_id );
	}

	/** Tell the sidecar: `claim`, `mark` or `release`. */
	public static function change( string $what, string $flow_step_id, string $source_type, string $identifier, int $job_id ): mixed {
		return Client::instance()->call(
			'engine.items',
			array(
				'do'              => $what,
				'flow_step_id'    => $flow_step_id,
				'source_type'     => $source_type,
				'item_identifier' => $identifier,
				'job_id'          => $job_id,
			)
		);
	}

	/** @return array<string, string|null>|null */
	private static function row( string $flow_step_id, string $source_type, string $identifier ): ?array {
		global $wpdb;
		return $wpdb->get_row(
			$wpdb->prepare(
				'SELECT status, job_id, processed_timestamp, ( claim_expires_at IS NULL OR claim_expires_at > UTC_TIMESTAMP() ) AS live FROM %i WHERE flow_step_id = %s AND source_type = %s AND item_identifier = %s',
				$wpdb->prefix . 'datamachine_processed_items',
				$flow_step_id,
				$source_type,
				$identifier
			),
			ARRAY_A
		);
	}
}
