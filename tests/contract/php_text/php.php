<?php
/**
 * Answers one line for each line: what this PHP makes of a serialized value, or of a JSON text.
 */

declare(strict_types=1);

function encode( mixed $value, int $flags ): ?string {
	$text = json_encode( $value, $flags );
	return false === $text ? null : base64_encode( $text );
}

while ( false !== ( $line = fgets( STDIN ) ) ) {
	[ $kind, $data ] = explode( ' ', rtrim( $line, "\n" ), 2 );
	$data            = base64_decode( $data );
	if ( 'eval' === $kind ) {
		$value = eval( "return $data;" );
	} elseif ( 'json' === $kind ) {
		$value = json_decode( $data, true );
		if ( null === $value && 'null' !== trim( $data, " \t\r\n" ) ) {
			echo "null\n";
			continue;
		}
	} else {
		$value = unserialize( $data );
	}
	echo json_encode(
		array(
			'json'      => encode( $value, 0 ),
			'unicode'   => encode( $value, JSON_UNESCAPED_UNICODE ),
			'slashes'   => encode( $value, JSON_UNESCAPED_SLASHES | JSON_PRETTY_PRINT ),
			'serialize' => base64_encode( serialize( $value ) ),
		)
	), "\n";
}
