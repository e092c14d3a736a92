<?php
/**
 * WordPress's own validation of one argument, and PHP's own reading of a query, for the tests beside this file.
 *
 * Usage: php oracle.php /path/to/wp-includes; one JSON question a line on standard input, one answer a line.
 */

declare(strict_types=1);

define( 'ABSPATH', dirname( $argv[1] ) . '/' );
define( 'WPINC', 'wp-includes' );
foreach ( array( 'compat', 'plugin', 'load', 'functions', 'formatting', 'class-wp-error', 'l10n', 'rest-api' ) as $file ) {
	require "$argv[1]/$file.php";
}
require "$argv[1]/pomo/translations.php";
add_filter( 'wp_sprintf', 'wp_sprintf_l', 10, 2 );

function judge( mixed $value, array $schema ): array {
	$valid = rest_validate_value_from_schema( $value, $schema, 'x' );
	if ( is_wp_error( $valid ) ) {
		return array(
			'code'    => $valid->get_error_code(),
			'message' => $valid->get_error_message(),
		);
	}
	return array( 'value' => rest_sanitize_value_from_schema( $value, $schema, 'x' ) );
}

/** Keys and values may be any bytes. */
function as_base64( mixed $read ): mixed {
	if ( ! is_array( $read ) ) {
		return base64_encode( $read );
	}
	$pairs = array();
	foreach ( $read as $key => $value ) {
		$pairs[ 'k' . base64_encode( (string) $key ) ] = as_base64( $value );
	}
	return $pairs;
}

while ( false !== ( $line = fgets( STDIN ) ) ) {
	$asked = json_decode( $line, true );
	if ( isset( $asked['query'] ) ) {
		parse_str( base64_decode( $asked['query'] ), $read );
		echo json_encode( as_base64( $read ), JSON_FORCE_OBJECT ), "\n";
	} else {
		echo json_encode( judge( $asked['value'], $asked['schema'] ) ), "\n";
	}
}
