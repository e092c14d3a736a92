<?php
/**
 * WordPress's answer to "may this caller use this route?", before anything travels to the sidecar.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Rest;

use DataMachine\Abilities\PermissionHelper;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Permission {

	/**
	 * @param array{actions?: list<string>, action?: string, public?: bool, code: string, message: string, status?: int} $rule
	 *        One of the actions is enough; without any, somebody must be signed in. `public` lets everybody in. No status:
	 *        401 for a visitor, 403 for others.
	 */
	public function __construct( private array $rule ) {
	}

	public function check(): bool|\WP_Error {
		if ( $this->permits() ) {
			return true;
		}
		$status = $this->rule['status'] ?? ( self::signed_in() ? 403 : 401 );
		return new \WP_Error( $this->rule['code'], $this->rule['message'], array( 'status' => $status ) );
	}

	private function permits(): bool {
		if ( true === ( $this->rule['public'] ?? false ) ) {
			return true;
		}
		$actions = $this->rule['actions'] ?? array_filter( array( $this->rule['action'] ?? '' ) );
		foreach ( $actions as $action ) {
			if ( PermissionHelper::can( $action ) ) {
				return true;
			}
		}
		return array() === $actions && self::signed_in();
	}

	/** An acting agent is somebody, whoever WordPress takes the caller for. */
	private static function signed_in(): bool {
		return PermissionHelper::in_agent_context() || PermissionHelper::acting_user_id() > 0;
	}
}
