<?php
/**
 * Executes abilities as another plugin would, one JSON line each: as a user, or as an agent of one.
 */

use DataMachine\Abilities\PermissionHelper;

$cli = false;
add_filter( 'datamachine_cli_bypass_permissions', static function () use ( &$cli ): bool {
	return $cli;
} );
while ( false !== ( $line = fgets( STDIN ) ) ) {
	$ask = json_decode( $line, true, 512, JSON_THROW_ON_ERROR );
	$cli = $ask['cli'] ?? false;
	wp_set_current_user( $ask['user'] ?? 0 );
	if ( isset( $ask['agent'] ) ) {
		PermissionHelper::set_agent_context( $ask['agent'], $ask['user'] );
	}
	$value = isset( $ask['code'] )
		? ( static fn() => eval( $ask['code'] ) )()
		: wp_get_ability( 'datamachine/' . $ask['ability'] )->execute( $ask['input'] );
	PermissionHelper::clear_agent_context();
	$answer = is_wp_error( $value )
		? array( 'error' => $value->get_error_code() )
		: array( 'value' => $value );
	fwrite( STDOUT, 'ANSWER ' . json_encode( $answer, JSON_THROW_ON_ERROR ) . "\n" );
	fflush( STDOUT );
}
