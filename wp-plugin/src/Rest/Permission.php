<?php
/**
 * WordPress's answer to "may this caller use this route?", before anything travels to the sidecar.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Rest;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Permission {

	/** @param array{login?: bool, action?: string, code: string, message: string, status: int} $rule */
	public function __construct( private array $rule ) {
	}

	public function check(): bool|\WP_Error {
		if ( isset( $this->rule['action'] ) ? $this->can( $this->rule['action'] ) : is_user_logged_in() ) {
			return true;
		}
		return new \WP_Error( $this->rule['code'], $this->rule['message'], array( 'status' => $this->rule['status'] ) );
	}

	/**
	 * The product's own permission rule where the facade offers it (it also knows token ceilings); else the capability.
	 */
	private function can( string $action ): bool {
		$helper = '\DataMachine\Abilities\PermissionHelper';
		if ( class_exists( $helper ) ) {
			return (bool) $helper::can( $action );
		}
		return current_user_can( 'datamachine_' . $action ) || current_user_can( 'manage_options' );
	}
}
