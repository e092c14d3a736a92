<?php
/**
 * Evaluates a wp-config.php without the statement that loads WordPress and writes its constants to a descriptor as JSON.
 *
 * Arguments: the configuration file, the WordPress folder, the descriptor. sidecar.db.wpconfig hands this text to PHP.
 * It loads without WordPress: there is no ABSPATH to check, and no web server ever sees this file.
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Probe;

if ( 'cli' !== PHP_SAPI || 4 !== $argc ) {
	exit( 2 );
}

/**
 * The file's code with `__FILE__` and `__DIR__` as literals and every statement that names wp-settings.php left out.
 */
function without_wordpress( string $file ): string {
	$code      = '';
	$statement = '';
	$loads     = false;
	foreach ( \PhpToken::tokenize( (string) file_get_contents( $file ) ) as $token ) {
		$text = match ( $token->id ) {
			T_FILE  => var_export( $file, true ),
			T_DIR   => var_export( dirname( $file ), true ),
			default => $token->text,
		};
		$statement .= $text;
		if ( $token->is( T_CONSTANT_ENCAPSED_STRING ) && str_contains( $token->text, 'wp-settings.php' ) ) {
			$loads = true;
		}
		if ( $token->is( array( ';', '{', '}', T_CLOSE_TAG, T_OPEN_TAG ) ) ) {
			$code     .= $loads ? ( ';' === $token->text ? ';' : $token->text ) : $statement;
			$statement = '';
			$loads     = false;
		}
	}
	return $code . ( $loads ? '' : $statement );
}

( static function ( string $file, string $path, string $answer ): void {
	// The same values a web request sees before WordPress runs.
	$_SERVER += array( 'HTTP_HOST' => 'localhost', 'REQUEST_METHOD' => 'GET', 'REQUEST_URI' => '/' );
	if ( ! defined( 'ABSPATH' ) ) {
		define( 'ABSPATH', rtrim( $path, '/' ) . '/' );
	}
	register_shutdown_function(
		static function () use ( $answer ): void {
			global $table_prefix;
			$values = array( 'table_prefix' => $table_prefix ?? null, 'default_socket' => (string) ini_get( 'mysqli.default_socket' ) );
			foreach ( array( 'DB_NAME', 'DB_USER', 'DB_PASSWORD', 'DB_HOST', 'DB_CHARSET', 'DB_COLLATE', 'WP_CONTENT_DIR', 'UPLOADS', 'MULTISITE', 'MYSQL_CLIENT_FLAGS', 'DATAMACHINE_FILES_DIR' ) as $name ) {
				$values[ $name ] = defined( $name ) ? constant( $name ) : null;
			}
			file_put_contents( 'php://fd/' . $answer, json_encode( $values, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES ) );
		}
	);
	ob_start();
	$code                        = without_wordpress( $file );
	$GLOBALS['datamachine_code'] = str_starts_with( $code, '<?php' ) ? substr( $code, 5 ) : '?>' . $code;
} )( $argv[1], $argv[2], $argv[3] );

// In the global scope, as WordPress includes it: $table_prefix is a global variable.
eval( $GLOBALS['datamachine_code'] ); // phpcs:ignore Squiz.PHP.Eval
