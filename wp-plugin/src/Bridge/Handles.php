<?php
/**
 * Objects lent to the other side by number, while a call lasts.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

/**
 * Calls nest strictly, so this is a stack: a call takes a mark before it lends anything and releases everything above
 * it when it ends. Numbers are never used twice on a connection, so that a stale one cannot mean another object.
 */
final class Handles {

	/** @var array<int, mixed> */
	private array $lent = array();

	/** @var array<int|string, int> */
	private array $numbers = array();

	private int $next = 1;

	/** @param object|resource $value */
	public function lend( $value ): int {
		$key = self::key( $value );
		if ( isset( $this->numbers[ $key ] ) ) {
			return $this->numbers[ $key ];
		}
		$number                = $this->next++;
		$this->lent[ $number ] = $value;
		return $this->numbers[ $key ] = $number;
	}

	/**
	 * @return object|resource
	 * @throws HandleExpired
	 */
	public function get( int $number ) {
		return $this->lent[ $number ] ?? throw new HandleExpired( sprintf( 'Handle %d is not valid any more.', $number ) );
	}

	public function mark(): int {
		return $this->next;
	}

	public function release( int $mark ): void {
		for ( $number = array_key_last( $this->lent ); null !== $number && $number >= $mark; $number = array_key_last( $this->lent ) ) {
			unset( $this->numbers[ self::key( $this->lent[ $number ] ) ] );
			array_pop( $this->lent );
		}
	}

	public function count(): int {
		return count( $this->lent );
	}

	/** @param object|resource $value */
	private static function key( $value ): int|string {
		return is_object( $value ) ? spl_object_id( $value ) : 'r' . get_resource_id( $value );
	}
}
