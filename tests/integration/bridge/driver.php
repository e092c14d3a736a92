<?php
/**
 * Runs a few lines of PHP with a bridge client, without WordPress: `php driver.php CONFIG < code`.
 *
 * The code finds `$client` and may set `$operations` to serve calls of Python. `$try` runs something and gives back
 * its value or the short name of the exception. What the code returns is printed as JSON.
 */

declare(strict_types=1);

use DataMachine\Bridge\Bridge\Client;
use DataMachine\Bridge\Bridge\Config;
use DataMachine\Bridge\Bridge\RemoteError;

require dirname( __DIR__, 2 ) . '/contract/bootstrap.php';
require dirname( __DIR__, 2 ) . '/contract/codec/stubs.php';

$settings   = json_decode( $argv[1], true, 512, JSON_THROW_ON_ERROR );
$config     = new Config( $settings['socket'], $settings['secret_file'], $settings['breaker'], $settings['site'] );
$operations = array();
$client     = new Client(
	$config,
	static function ( string $method, array $params ) use ( &$operations ): mixed {
		return isset( $operations[ $method ] ) ? $operations[ $method ]( ...array_values( $params ) ) : throw new RemoteError( 'unknown', 'No ' . $method );
	},
	$settings['source']
);
$try = static function ( Closure $work ): mixed {
	try {
		return $work();
	} catch ( RemoteError $error ) {
		return array( 'RemoteError', $error->error_code(), $error->getMessage() );
	} catch ( Throwable $error ) {
		return ( new ReflectionClass( $error ) )->getShortName();
	}
};
$timed = static function ( Closure $work ) use ( $try ): array {
	$started = hrtime( true );
	return array( $try( $work ), ( hrtime( true ) - $started ) / 1e6 );
};
set_error_handler(
	static function ( int $level, string $text ): bool {
		if ( 0 !== ( error_reporting() & $level ) ) {
			fwrite( STDERR, "PHP said: $text\n" );
			exit( 3 );
		}
		return true;
	}
);
$answer = eval( stream_get_contents( STDIN ) );
echo json_encode( $answer, JSON_THROW_ON_ERROR | JSON_PRESERVE_ZERO_FRACTION );
