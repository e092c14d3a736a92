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

	private const NOTHING = array(
		'processed'  => false,
		'claimed_by' => 0,
	);

	/** Characters that are stored as they are: of longer ones the sidecar knows the form. */
	private const WHOLE = 191;

	public static function is_processed( string $flow_step_id, string $source_type, string $identifier ): bool {
		return self::known( $flow_step_id, $source_type, $identifier )['processed'];
	}

	/** Whether a job other than this one holds a claim that is not over. */
	public static function is_claimed( string $flow_step_id, string $source_type, string $identifier, int $job_id = 0 ): bool {
		$holder = self::known( $flow_step_id, $source_type, $identifier )['claimed_by'];
		return 0 !== $holder && $holder !== $job_id;
	}

	/**
	 * @return bool Whether the job has the item now.
	 * @throws \DataMachine\Bridge\Bridge\BridgeException When the claim could not be written: nobody knows whose the item is.
	 */
	public static function claim( string $flow_step_id, string $source_type, string $identifier, int $job_id ): bool {
		return true === self::change( 'claim', $flow_step_id, $source_type, $identifier, $job_id );
	}

	/** Ask the sidecar: `claim`, `mark`, `release` or `find`. */
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

	/** @return array{processed: bool, claimed_by: int} Whether it was processed, and the job that holds it now, or 0. */
	private static function known( string $flow_step_id, string $source_type, string $identifier ): array {
		global $wpdb;
		if ( mb_strlen( $identifier, 'UTF-8' ) > self::WHOLE ) {
			$found = self::change( 'find', $flow_step_id, $source_type, $identifier, 0 );
			return is_array( $found ) ? $found : self::NOTHING;
		}
		$row = $wpdb->get_row(
			$wpdb->prepare(
				'SELECT status, job_id, ( claim_expires_at IS NULL OR claim_expires_at > UTC_TIMESTAMP() ) AS live FROM %i WHERE flow_step_id = %s AND source_type = %s AND item_identifier = %s',
				$wpdb->prefix . 'datamachine_processed_items',
				$flow_step_id,
				$source_type,
				$identifier
			),
			ARRAY_A
		);
		if ( null === $row ) {
			return self::NOTHING;
		}
		$claimed = 'claimed' === $row['status'] && '1' === (string) $row['live'];
		return array(
			'processed'  => 'processed' === $row['status'],
			'claimed_by' => $claimed ? (int) $row['job_id'] : 0,
		);
	}
}
