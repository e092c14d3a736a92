<?php
/**
 * Which titles speak of the same thing.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Tests\Contract\Facade;

use DataMachine\Core\Similarity\SimilarityEngine;
use DataMachine\Core\Similarity\SimilarityResult;
use PHPUnit\Framework\TestCase;

require_once __DIR__ . '/wordpress.php';

final class SimilarityTest extends TestCase {

	public static function pairs(): array {
		return array(
			'case'                => array( 'Quiet Harbour', 'QUIET HARBOUR', SimilarityResult::STRATEGY_EXACT ),
			'article'             => array( 'The Old Mill', 'Old Mill', SimilarityResult::STRATEGY_EXACT ),
			'entities, dashes'    => array( 'Salt &amp; Sand – Spring Tour', 'Salt & Sand', SimilarityResult::STRATEGY_EXACT ),
			'who else is there'   => array( 'Quiet Harbour with Friends', 'Quiet Harbour featuring Others', SimilarityResult::STRATEGY_EXACT ),
			'beginning'           => array( 'Spring Market', 'Spring Market in the Park', SimilarityResult::STRATEGY_PREFIX ),
			'a letter'            => array( 'Introduction to bookbinding', 'Introducton to bookbinding', SimilarityResult::STRATEGY_EDIT ),
			'a letter, of many'   => array( 'Führung über die Dächer', 'Führung über die Dacher', SimilarityResult::STRATEGY_EDIT ),
			'another number'      => array( 'A very long headline, part 1', 'A very long headline, part 2', SimilarityResult::STRATEGY_NONE ),
			'short'               => array( 'Cat', 'Car', SimilarityResult::STRATEGY_NONE ),
			'beginning of a word' => array( 'Spring', 'Springtime fair', SimilarityResult::STRATEGY_NONE ),
			'another thing'       => array( 'Gardens of the north', 'Trains of the south', SimilarityResult::STRATEGY_NONE ),
			'nothing'             => array( '', '', SimilarityResult::STRATEGY_NONE ),
			'not UTF-8'           => array( "\xff\xfe", "\xff", SimilarityResult::STRATEGY_NONE ),
		);
	}

	/** @dataProvider pairs */
	public function test_titles( string $one, string $other, string $how ): void {
		foreach ( array( array( $one, $other ), array( $other, $one ) ) as $pair ) {
			$result = SimilarityEngine::titlesMatch( ...$pair );
			self::assertSame( $how, $result->strategy );
			self::assertSame( SimilarityResult::STRATEGY_NONE !== $how, $result->match );
			self::assertSame( $result->match, $result->score > 0.5 );
		}
	}

	public function test_words_that_count(): void {
		self::assertSame( array( 'boat', 'river' ), SimilarityEngine::tokenize( 'A boat on the river; the boat!' ) );
		self::assertSame( 'lighthouse', SimilarityEngine::getBestSearchWord( 'The lighthouse at the sea' ) );
		self::assertNull( SimilarityEngine::getBestSearchWord( 'it is the' ) );
	}

	public function test_words_in_common(): void {
		self::assertEqualsWithDelta( 1 / 3, SimilarityEngine::jaccard( array( 'a', 'b' ), array( 'b', 'c', 'b' ) ), 1e-9 );
		self::assertSame( 0.0, SimilarityEngine::jaccard( array(), array() ) );
		self::assertTrue( SimilarityEngine::jaccardMatch( 'Best boats of the river', 'The best river boats' )->match );
		self::assertFalse( SimilarityEngine::jaccardMatch( '', '' )->match );
	}

	public function test_a_result_as_an_array(): void {
		$expected = array(
			'match'        => false,
			'score'        => 0.0,
			'strategy'     => 'none',
			'normalized_a' => 'a',
			'normalized_b' => 'b',
		);
		self::assertSame( $expected, SimilarityResult::noMatch( 'a', 'b' )->toArray() );
	}
}
