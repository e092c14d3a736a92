<?php
/**
 * Whether two titles or texts speak of the same thing.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\Similarity;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class SimilarityEngine {

	/** The least share of words that two texts have in common. */
	public const DEFAULT_JACCARD_THRESHOLD = 0.65;

	/** The largest share of characters that may differ. */
	public const DEFAULT_LEVENSHTEIN_TOLERANCE = 0.15;

	/** Shorter titles, in characters, must be the same: a letter makes another word of them. */
	public const MIN_LEVENSHTEIN_LENGTH = 15;

	public const MIN_PREFIX_LENGTH = 5;

	public const STOP_WORDS = array( 'the', 'a', 'an', 'and', 'or', 'but', 'in', 'on', 'at', 'to', 'for', 'of', 'with', 'by', 'from', 'is', 'it', 'are', 'was', 'were', 'be', 'been', 'being', 'have', 'has', 'had', 'do', 'does', 'did', 'will', 'would', 'could', 'should', 'may', 'might', 'shall', 'can', 'not', 'no', 'if', 'when', 'what', 'why', 'how', 'who', 'where', 'which', 'that', 'this', 'these', 'those', 'as', 'so', 'than', 'then', 'its', 'your', 'our', 'their' );

	private const DASHES = '/[\x{2010}-\x{2015}\x{2212}\x{FE58}\x{FE63}\x{FF0D}]/u';

	/** What follows is who else is there, or which tour. A comma divides a list only when it has more than two parts. */
	private const TAIL = '/\s+(?:-|\||\+|\/\/|featuring|feat\.?|ft\.?|with|w\/)\s+/iu';

	private const SUBREDDIT = '/\b(?:(?:and|on|from|in)\s+)*r\/\w+/iu';

	private const REACTION = '/\s*-?\s*\b(?:reddit|fans?|twitter|internet)\s+(?:reacts?|respon(?:ds?|se))\b.*$/iu';

	/** The same after normalization, one the beginning of the other, or nearly the same letters. */
	public static function titlesMatch( string $title1, string $title2 ): SimilarityResult {
		$one   = self::normalizeTitle( $title1 );
		$other = self::normalizeTitle( $title2 );
		if ( '' === $one || '' === $other ) {
			return SimilarityResult::noMatch( $one, $other );
		}
		if ( $one === $other ) {
			return new SimilarityResult( true, 1.0, SimilarityResult::STRATEGY_EXACT, $one, $other );
		}
		$shorter = mb_strlen( $one ) <= mb_strlen( $other ) ? $one : $other;
		$longer  = $shorter === $one ? $other : $one;
		if ( mb_strlen( $shorter ) >= self::MIN_PREFIX_LENGTH && str_starts_with( $longer, $shorter . ' ' ) ) {
			return new SimilarityResult( true, mb_strlen( $shorter ) / mb_strlen( $longer ), SimilarityResult::STRATEGY_PREFIX, $one, $other );
		}
		// Part 1 is not part 2, however long the rest is.
		if ( mb_strlen( $shorter ) >= self::MIN_LEVENSHTEIN_LENGTH && self::numbers( $one ) === self::numbers( $other ) ) {
			$share = self::distance( $one, $other ) / mb_strlen( $longer );
			if ( $share <= self::DEFAULT_LEVENSHTEIN_TOLERANCE ) {
				return new SimilarityResult( true, 1.0 - $share, SimilarityResult::STRATEGY_EDIT, $one, $other );
			}
		}
		return SimilarityResult::noMatch( $one, $other );
	}

	/** Whether two texts share so many of their words. */
	public static function jaccardMatch( string $text1, string $text2, float $threshold = self::DEFAULT_JACCARD_THRESHOLD ): SimilarityResult {
		$one   = self::tokenize( $text1 );
		$other = self::tokenize( $text2 );
		$score = self::jaccard( $one, $other );
		$match = $score > 0.0 && $score >= $threshold;
		return new SimilarityResult( $match, $score, $match ? SimilarityResult::STRATEGY_JACCARD : SimilarityResult::STRATEGY_NONE, implode( ' ', $one ), implode( ' ', $other ) );
	}

	/**
	 * How much of two sets is common to both: 0 to 1, and 0 when one is empty.
	 *
	 * @param list<string> $set_a
	 * @param list<string> $set_b
	 */
	public static function jaccard( array $set_a, array $set_b ): float {
		$one   = array_unique( $set_a );
		$other = array_unique( $set_b );
		if ( array() === $one || array() === $other ) {
			return 0.0;
		}
		$both = count( array_intersect( $one, $other ) );
		return $both / ( count( $one ) + count( $other ) - $both );
	}

	/** What a title is about, without articles, marks, and what follows it. */
	public static function normalizeTitle( string $title ): string {
		$text  = self::plain( $title );
		$text  = (string) preg_replace( array( self::REACTION, self::SUBREDDIT ), '', $text );
		$parts = preg_split( self::TAIL, $text, 2 );
		$head  = is_array( $parts ) ? trim( $parts[0] ) : $text;
		if ( substr_count( $head, ',' ) > 1 ) {
			$head = strstr( $head, ',', true );
		}
		$found = self::letters( (string) $head );
		$found = trim( (string) preg_replace( '/\b(?:the|a|an)\b\s*/u', '', $found ) );
		$found = (string) preg_replace( '/\s+/u', ' ', $found );
		return mb_strlen( $found ) < 3 ? self::normalizeBasic( $title ) : $found;
	}

	/**
	 * The words that count, each once, in order.
	 *
	 * @return list<string>
	 */
	public static function tokenize( string $text ): array {
		$words = preg_split( '/\s+/u', self::letters( self::plain( $text ) ), -1, PREG_SPLIT_NO_EMPTY );
		$words = array_filter(
			is_array( $words ) ? $words : array(),
			static fn ( string $word ): bool => mb_strlen( $word ) > 1 && ! in_array( $word, self::STOP_WORDS, true )
		);
		return array_values( array_unique( $words ) );
	}

	/** The longest word that counts, the first of several; null when there is none. */
	public static function getBestSearchWord( string $text ): ?string {
		$best = null;
		foreach ( self::tokenize( $text ) as $word ) {
			if ( null === $best || mb_strlen( $word ) > mb_strlen( $best ) ) {
				$best = $word;
			}
		}
		return $best;
	}

	/** Every kind of dash as a hyphen. */
	public static function normalizeDashes( string $text ): string {
		return preg_replace( self::DASHES, '-', $text ) ?? $text;
	}

	/** Small letters and figures, without an article in front: nothing is cut off. */
	public static function normalizeBasic( string $text ): string {
		return (string) preg_replace( '/^(?:the|a|an)\s+/u', '', self::letters( self::plain( $text ) ) );
	}

	private static function plain( string $text ): string {
		return self::normalizeDashes( html_entity_decode( mb_scrub( $text, 'UTF-8' ), ENT_QUOTES | ENT_HTML5, 'UTF-8' ) );
	}

	/** Words in small letters with one space between: marks inside a word vanish, others divide. */
	private static function letters( string $text ): string {
		$text = (string) preg_replace( '/[\'’‘`.\-](?=\p{L}|\p{N})/u', '', mb_strtolower( $text, 'UTF-8' ) );
		return trim( (string) preg_replace( '/[^\p{L}\p{N}]+/u', ' ', $text ) );
	}

	/** @return list<string> */
	private static function numbers( string $text ): array {
		preg_match_all( '/\p{N}+/u', $text, $found );
		return $found[0];
	}

	/** How many letters to change, add or take away (Levenshtein), letters and not bytes. */
	private static function distance( string $one, string $other ): int {
		$letters = array();
		$coded   = array();
		foreach ( array( $one, $other ) as $text ) {
			$bytes = '';
			foreach ( mb_str_split( $text ) as $letter ) {
				// levenshtein() counts bytes: each letter becomes one, as long as there are bytes.
				$letters[ $letter ] ??= count( $letters ) % 256;
				$bytes               .= chr( $letters[ $letter ] );
			}
			$coded[] = $bytes;
		}
		return levenshtein( $coded[0], $coded[1] );
	}
}
