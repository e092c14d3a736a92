<?php
/**
 * The one WordPress function that callers of other sites need.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

if ( ! function_exists( 'wp_generate_uuid4' ) ) {
	function wp_generate_uuid4(): string {
		return implode( '-', array_map( static fn( int $bytes ): string => bin2hex( random_bytes( $bytes ) ), array( 4, 2, 2, 2, 6 ) ) );
	}
}
