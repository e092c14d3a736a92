<?php
/**
 * Prints cases with the real WP_CLI\Formatter: `wp eval-file` without WordPress. Input: a JSON file of
 * [rows, fields, format]; output: each case's bytes, then the separator.
 */

$cases = json_decode( file_get_contents( getenv( 'FORMATTER_CASES' ) ), true );
foreach ( $cases as list( $rows, $fields, $format ) ) {
	$options   = array( 'format' => $format );
	$formatter = new WP_CLI\Formatter( $options, $fields );
	// Spyc trims nulls, which PHP calls deprecated; the notice is no part of the format.
	$level = error_reporting( E_ALL & ~E_DEPRECATED );
	$formatter->display_items( $rows );
	error_reporting( $level );
	fwrite( STDOUT, "\x1e" );
}
