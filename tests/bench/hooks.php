<?php
/**
 * One PHP process with WordPress loaded that times hooks: `php hooks.php ABSPATH WAY COUNT [SOCKET]`, microseconds as JSON.
 *
 * Ways: `python` (a forwarder stands in the hook), `fresh` (the same, each call on a new connection), `php` (a PHP callback),
 * `http` (the same work over kept-alive HTTP).
 */

declare(strict_types=1);

list( , $path, $way, $count ) = $argv;

$_SERVER['HTTP_HOST'] = '127.0.0.1';
require $path . '/wp-load.php';

/** HTTP as fast as PHP can speak it: one prepared request, one write, and a busy loop instead of sleep. */
final class Bench_Http {

	/** @var resource */
	private $stream;

	public function __construct( string $socket ) {
		$this->stream = stream_socket_client( 'unix://' . $socket );
		stream_set_read_buffer( $this->stream, 0 );
		stream_set_blocking( $this->stream, false );
	}

	public function __invoke( string $value, int $id ): string {
		$body = json_encode( array( 'hook' => 'bench_http', 'kind' => 'filter', 'priority' => 10, 'args' => array( $value, $id ) ) );
		fwrite( $this->stream, "POST /hook HTTP/1.1\r\nHost: sidecar\r\nContent-Type: application/json\r\nContent-Length: " . strlen( $body ) . "\r\n\r\n" . $body );
		$answer = '';
		do {
			$answer .= (string) fread( $this->stream, 8192 );
			$end     = strpos( $answer, "\r\n\r\n" );
		} while ( false === $end || ! preg_match( '/content-length: (\d+)/i', $answer, $found ) || strlen( $answer ) < $end + 4 + (int) $found[1] );
		return json_decode( substr( $answer, $end + 4 ), true )['result'];
	}
}

add_filter( 'bench_php', static fn ( string $value, int $id ): string => $value . '!', 10, 2 );
if ( 'http' === $way ) {
	add_filter( 'bench_http', new Bench_Http( $argv[4] ), 10, 2 );
}

$fresh = 'fresh' === $way;
$hook  = 'bench_' . ( $fresh ? 'python' : $way );
$value = str_repeat( 'A title of a post, ', 10 );
$times = array();
for ( $i = 0; $i < 300 + (int) $count; ++$i ) {
	if ( $fresh ) {
		\DataMachine\Bridge\Bridge\Client::instance()->close();
	}
	$started = hrtime( true );
	$answer  = apply_filters( $hook, $value, $i );
	$times[] = ( hrtime( true ) - $started ) / 1e3;
	if ( $value . '!' !== $answer ) {
		fwrite( STDERR, "The filter did not answer: $answer\n" );
		exit( 1 );
	}
}
echo json_encode( array_slice( $times, 300 ) );
