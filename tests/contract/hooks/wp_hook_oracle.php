<?php
/**
 * Runs programs of hook operations on WordPress's own plugin.php and prints what happened.
 *
 * Usage: php wp_hook_oracle.php /path/to/wp-includes/plugin.php; one JSON program a line on standard input, one JSON
 * answer a line on standard output. A callback is a script of operations that run when it is called.
 */

declare(strict_types=1);

define( 'ABSPATH', __DIR__ . '/' );
require $argv[1];

final class Machine {
	/** @var list<mixed> */
	public array $log = array();
	/** @var array<string, Closure> */
	private array $callbacks = array();
	private int $fuel;

	/** @param array<string, mixed> $program */
	public function __construct( private array $program ) {
		$this->fuel = $program['fuel'];
		foreach ( $program['callbacks'] as $name => $script ) {
			$this->callbacks[ $name ] = function ( ...$args ) use ( $name, $script ) {
				$this->log[] = array( 'call', $name, $args, current_filter(), doing_filter( 'a' ) );
				$this->run( $script['ops'] );
				$value = $args[0] ?? 'nothing';
				return ( is_string( $value ) ? $value : 'x' ) . $script['suffix'];
			};
		}
	}

	/** @param list<array<int, mixed>> $ops */
	public function run( array $ops ): void {
		foreach ( $ops as $op ) {
			if ( --$this->fuel < 0 ) {
				return;
			}
			switch ( $op[0] ) {
				case 'add':
					add_filter( $op[1], $this->callbacks[ $op[2] ], $op[3], $op[4] );
					break;
				case 'remove':
					$this->log[] = array( 'removed', remove_filter( $op[1], $this->callbacks[ $op[2] ], $op[3] ) );
					break;
				case 'remove_all':
					remove_all_filters( $op[1], $op[2] ?? false );
					break;
				case 'filter':
					$this->log[] = array( 'value', apply_filters( $op[1], ...$op[2] ) );
					break;
				case 'action':
					do_action( $op[1], ...$op[2] );
					break;
				case 'ask':
					$at          = has_filter( $op[1], $this->callbacks[ $op[2] ] );
					$this->log[] = array( 'state', has_filter( $op[1] ), $at, did_action( $op[1] ), did_filter( $op[1] ), doing_action( $op[1] ) );
					break;
			}
		}
	}
}

set_error_handler(
	static function ( int $level, string $message, string $file ): bool {
		// Core reads the current priority of a running `all` hook, which it never stores, and goes on with null.
		if ( str_ends_with( $file, 'class-wp-hook.php' ) ) {
			return true;
		}
		throw new ErrorException( $message, 0, $level );
	}
);

while ( false !== ( $line = fgets( STDIN ) ) ) {
	$program           = json_decode( $line, true, 512, JSON_THROW_ON_ERROR );
	$wp_filter         = array();
	$wp_actions        = array();
	$wp_filters        = array();
	$wp_current_filter = array();
	$machine           = new Machine( $program );
	try {
		$machine->run( $program['ops'] );
		$machine->log[] = array( 'end', current_filter() );
	} catch ( Throwable $error ) {
		$machine->log = array( 'broken', $error->getMessage() );
	}
	echo json_encode( $machine->log, JSON_THROW_ON_ERROR ), "\n";
}
