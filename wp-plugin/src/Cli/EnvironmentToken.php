<?php
/**
 * The token a session's shell carries: its commands act as the token's agent, within its limits.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Cli;

use DataMachine\Bridge\Identity\Bearer;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class EnvironmentToken {

	/** In the environment, where no process list shows it; the sidecar's own command line knows it too. */
	private const VARIABLE = 'DATAMACHINE_TOKEN';

	/**
	 * From here on the agent acts. Nothing changes without the variable.
	 *
	 * @return string|null What is wrong with it; null when it is good, or absent.
	 */
	public static function apply(): ?string {
		$token = trim( (string) getenv( self::VARIABLE ) );
		if ( '' === $token ) {
			return null;
		}
		$row = Bearer::row( $token );
		if ( is_string( $row ) ) {
			return self::VARIABLE . ': ' . Bearer::message( $row );
		}
		$named = get_current_user_id();
		if ( 0 !== $named && $named !== (int) $row['owner_id'] ) {
			return self::VARIABLE . ' acts as an agent of another user than --user names. Leave one of them away.';
		}
		Bearer::act( $row );
		return null;
	}
}
