<?php
/**
 * Stages an action for approval.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Engine\AI\Actions;

use DataMachine\Abilities\PermissionHelper;
use DataMachine\Bridge\Bridge\BridgeException;
use DataMachine\Bridge\Bridge\Client;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class PendingActionHelper {

	/**
	 * @param array<string, mixed> $args `{kind, summary, apply_input, preview_data, agent_id, user_id?, context, action_id?}`.
	 * @return array<string, mixed> `{staged: true, action_id, ...}`, or `{staged: false, error, error_code}`.
	 */
	public static function stage( array $args ): array {
		$args += array( 'user_id' => PermissionHelper::acting_user_id() );
		try {
			$answer = Client::instance()->call( 'pending.stage', $args );
		} catch ( BridgeException $error ) {
			$answer = null;
		}
		return is_array( $answer ) ? $answer : array(
			'staged'     => false,
			'error'      => 'The Data Machine sidecar does not answer.',
			'error_code' => 'store_failed',
		);
	}
}
