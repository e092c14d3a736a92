<?php
/**
 * Runs abilities as the administrator: `{args}` is a JSON list of `[name, input]`; prints their answers.
 */

wp_set_current_user( 1 );
$answers = array();
foreach ( json_decode( base64_decode( $args[0] ), true ) as list( $name, $input ) ) {
	$answer    = wp_get_ability( "datamachine/$name" )->execute( $input );
	$answers[] = is_wp_error( $answer ) ? array( 'error' => $answer->get_error_message() ) : $answer;
}
echo wp_json_encode( $answers );
