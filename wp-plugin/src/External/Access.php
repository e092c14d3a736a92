<?php
/**
 * Who may use the tokens of other sites: its administrators, because with one they act as somebody else's agent there.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\External;

use DataMachine\Abilities\PermissionHelper;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Access {

	/** The rule of Python's `Permissions.administers()`; an acting agent passes it within its token's limit. */
	public static function permits(): bool {
		return PermissionHelper::is_unlimited() || ( PermissionHelper::can( 'manage_agents' ) && PermissionHelper::is_administrator() );
	}
}
