<?php
/**
 * Loaded by WP-CLI with --require, without WordPress: registers the declared commands with a callback that prints
 * what WP-CLI hands to it.
 */

final class Declared_Group extends WP_CLI\Dispatcher\CommandNamespace {
}

$declarations = json_decode( file_get_contents( getenv( 'COMMANDS_FILE' ) ), true );
foreach ( $declarations['namespaces'] as $path => $summary ) {
	WP_CLI::add_command( $path, Declared_Group::class, array( 'shortdesc' => $summary ) );
}
foreach ( $declarations['commands'] as $command ) {
	WP_CLI::add_command(
		$command['path'],
		static function ( $args, $assoc ) use ( $command ) {
			ksort( $assoc );
			echo json_encode( array( $command['target'], array_values( $args ), (object) $assoc ), JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE );
		},
		array( 'when' => 'before_wp_load' ) + array_intersect_key( $command, array_flip( array( 'shortdesc', 'longdesc', 'synopsis' ) ) )
	);
}
