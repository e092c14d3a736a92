<?php
/**
 * The few functions of WordPress that the pure parts of the facade call, and one site's transients.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

namespace {

	require_once __DIR__ . '/../agents_api/wordpress.php';

	$GLOBALS['facade_transients'] = array();
	$GLOBALS['facade_user']       = 1;

	$functions = array(
		'set_transient'       => static function ( $name, $value ): bool {
			$GLOBALS['facade_transients'][ $name ] = $value;
			return true;
		},
		'get_transient'       => static fn ( $name ) => $GLOBALS['facade_transients'][ $name ] ?? false,
		'delete_transient'    => static function ( $name ): bool {
			unset( $GLOBALS['facade_transients'][ $name ] );
			return true;
		},
		'get_current_user_id' => static fn (): int => $GLOBALS['facade_user'],
		'wp_check_filetype'   => static fn ( $path ): array => array( 'type' => str_ends_with( $path, '.mp4' ) ? 'video/mp4' : false ), // phpcs:ignore
		'wp_json_encode'      => static fn ( $value ) => json_encode( $value ),
	);
	foreach ( $functions as $name => $work ) {
		$GLOBALS['facade_functions'][ $name ] = $work;
		if ( ! function_exists( $name ) ) {
			eval( "function $name( ...\$given ) { return \$GLOBALS['facade_functions']['$name']( ...\$given ); }" ); // phpcs:ignore -- names of the list above.
		}
	}

	if ( ! class_exists( 'WP_CLI_Command' ) ) {
		class WP_CLI_Command {
		}
	}

	require_once dirname( __DIR__, 3 ) . '/wp-plugin/src/AgentsApi/autoload.php';
	spl_autoload_register( array( DataMachine\Bridge\Facade\Module::class, 'load' ) );
}
