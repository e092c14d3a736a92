<?php
/**
 * What a comparison of two texts found.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\Similarity;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class SimilarityResult {

	public const STRATEGY_EXACT   = 'exact';
	public const STRATEGY_PREFIX  = 'prefix';
	public const STRATEGY_EDIT    = 'levenshtein';
	public const STRATEGY_JACCARD = 'jaccard';
	public const STRATEGY_NONE    = 'none';

	/** @param float $score 0 for nothing in common, 1 for the same. */
	public function __construct(
		public readonly bool $match,
		public readonly float $score,
		public readonly string $strategy,
		public readonly string $normalized_a = '',
		public readonly string $normalized_b = ''
	) {
	}

	public static function noMatch( string $normalized_a = '', string $normalized_b = '' ): self {
		return new self( false, 0.0, self::STRATEGY_NONE, $normalized_a, $normalized_b );
	}

	/** @return array{match: bool, score: float, strategy: string, normalized_a: string, normalized_b: string} */
	public function toArray(): array {
		return get_object_vars( $this );
	}
}
