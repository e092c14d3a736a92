<?php
/**
 * Runs one command in the sidecar; what it prints comes back as nested calls while it runs (see Console).
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Cli;

use DataMachine\Abilities\PermissionHelper;
use DataMachine\Bridge\Bridge\BridgeException;
use DataMachine\Bridge\Bridge\Client;
use DataMachine\Bridge\Bridge\HandshakeFailed;
use DataMachine\Bridge\Bridge\RemoteError;
use DataMachine\Bridge\Bridge\Unavailable;
use DataMachine\Bridge\Identity\Principal;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Proxy {

	/**
	 * @param string               $command Its name for the sidecar, for example `agents list`.
	 * @param array<int, string>   $args    Positional arguments.
	 * @param array<string, mixed> $assoc   Options: text, or true and false for flags.
	 */
	public function run( string $command, array $args, array $assoc ): void {
		$client = Client::instance();
		if ( ! $client->configured() ) {
			\WP_CLI::error( 'This site is not connected to a Data Machine sidecar. Run "datamachine init --wp-path=' . rtrim( ABSPATH, '/' ) . '" on this machine, then "datamachine up".' );
		}
		$wrong = EnvironmentToken::apply();
		if ( null !== $wrong ) {
			\WP_CLI::error( $wrong );
		}
		if ( ! self::permitted() ) {
			\WP_CLI::error( 'You are not allowed to run this command. Name a user who may manage Data Machine with --user.' );
		}
		try {
			$answer = $client->call(
				'cli.run',
				array(
					'command'       => $command,
					'args'          => $args,
					// WP-CLI keeps its own option to itself, also from commands that have one of this name.
					'assoc'         => $assoc + ( \WP_CLI::get_config( 'quiet' ) ? array( 'quiet' => true ) : array() ),
					'principal'     => Principal::describe(),
					// What --agent is when the line has none; a session's shell knows, the sidecar does not.
					'default_agent' => (string) getenv( 'DATAMACHINE_AGENT_SLUG' ),
				)
			);
		} catch ( Unavailable | HandshakeFailed $error ) {
			\WP_CLI::error( 'The Data Machine sidecar does not answer: ' . $error->getMessage() . "\nIs it running? \"datamachine up\" starts it, \"datamachine doctor\" explains what is wrong." );
		} catch ( RemoteError $error ) {
			\WP_CLI::error( $error->getMessage() );
		} catch ( BridgeException $error ) {
			\WP_CLI::error( 'The Data Machine sidecar stopped answering, so the outcome is unknown: ' . $error->getMessage() );
		}
		$code = (int) ( is_array( $answer ) ? ( $answer['exit'] ?? 0 ) : 0 );
		if ( 0 !== $code ) {
			\WP_CLI::halt( $code );
		}
	}

	/**
	 * The operator of WP-CLI may do everything, unless the site's own filter `datamachine_cli_bypass_permissions` takes that
	 * away: then each command asks what the named user may.
	 */
	private static function permitted(): bool {
		return 'user' !== Principal::describe()['kind'] || PermissionHelper::acting_user_id() > 0;
	}
}
