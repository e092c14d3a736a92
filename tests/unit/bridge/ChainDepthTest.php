<?php
/**
 * The signed header that stops WordPress and Python from calling each other for ever.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Tests\Unit\Bridge;

use DataMachine\Bridge\Bridge\ChainDepth;
use PHPUnit\Framework\TestCase;

final class ChainDepthTest extends TestCase {

	/** The same text stands in the Python test. */
	private const FROM_PYTHON = '2.1700000000.f7ddd0f0a59c48244182c842acaa8d27bf7d8175b9a1820e829cf8c0b0623e8c';

	public function test_what_python_signs_is_believed(): void {
		self::assertSame( self::FROM_PYTHON, ChainDepth::header( 2, 'secret', 1700000000 ) );
		self::assertSame( 2, ChainDepth::from_header( self::FROM_PYTHON, 'secret', 1700000010 ) );
	}

	/** @dataProvider forged */
	public function test_anything_else_counts_as_none( string $header ): void {
		self::assertSame( 0, ChainDepth::from_header( $header, 'secret', 1700000010 ) );
	}

	/** @return list<array{0: string}> */
	public function forged(): array {
		return array(
			array( '' ),
			array( '3' ),
			array( '3.1700000000.' ),
			array( '3' . substr( self::FROM_PYTHON, 1 ) ),
			array( ChainDepth::header( 3, 'another secret', 1700000000 ) ),
			array( ChainDepth::header( 3, 'secret', 1699990000 ) ),
			array( ChainDepth::header( -1, 'secret', 1700000000 ) ),
		);
	}
}
