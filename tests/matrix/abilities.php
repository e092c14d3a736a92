<?php
/**
 * Executes abilities as another plugin would: a question a line on standard input, an answer a line on standard output.
 *
 * @package DataMachine\Bridge
 */

use DataMachine\Abilities\PermissionHelper;

$cli = false;
add_filter( 'datamachine_cli_bypass_permissions', static function () use ( &$cli ): bool {
	return $cli;
} );
while ( false !== ( $line = fgets( STDIN ) ) ) {
	$question = json_decode( $line, true );
	$cli      = $question['cli'];
	wp_set_current_user( $question['user'] );
	if ( null !== $question['agent'] ) {
		// What runs as an agent has nobody in particular signed in: its owner's rights come from the context alone.
		wp_set_current_user( 0 );
		PermissionHelper::set_agent_context( $question['agent'], $question['user'], $question['ceiling'] ?? null, $question['token'] ?? null );
	}
	if ( isset( $question['code'] ) ) {
		$result = ( static fn() => eval( $question['code'] ) )(); // phpcs:ignore -- a test's own code.
	} else {
		$result = wp_get_ability( $question['ability'] )->execute( $question['input'] );
	}
	PermissionHelper::clear_agent_context();
	$cli = false;
	echo wp_json_encode(
		is_wp_error( $result )
			? array( 'error' => $result->get_error_code(), 'text' => (string) wp_json_encode( array( 'message' => $result->get_error_message() ) ) )
			: array( 'error' => null, 'text' => (string) wp_json_encode( $result ) )
	), "\n";
}
