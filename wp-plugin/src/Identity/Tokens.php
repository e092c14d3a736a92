<?php
/**
 * What counts as a token, and which token is accepted.
 *
 * The rule exists once a language, here and in the sidecar's identity package; both are tested with the same cases.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Identity;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Tokens {

	/** What every token of ours begins with. */
	public const PREFIX = 'datamachine_';

	/** Codes of refusal. */
	public const INVALID  = 'datamachine_invalid_token';
	public const NO_AGENT = 'datamachine_agent_not_found';
	public const NO_OWNER = 'datamachine_owner_not_found';

	/** One token after one scheme, and nothing else: printable ASCII, no comma, which joins two headers into one. */
	private const HEADER = '/\ABearer +(datamachine_[!-+\--~]{1,500})\z/';

	/** A header that means us, well-formed or not. */
	private const MEANT = '/(?:\A|[\s,])Bearer\s+datamachine_/';

	/** Bytes of a token that name whose it is, at most. */
	private const NAME = 100;

	/**
	 * The token of a request; null when there is none of ours, false when what is there is refused.
	 *
	 * @param string|null $authorization The header `Authorization`; null when absent.
	 * @param string|null $fallback      The header for servers that hide the first one.
	 */
	public static function presented( ?string $authorization, ?string $fallback ): string|false|null {
		$first  = self::of_header( $authorization );
		$second = self::of_header( $fallback );
		if ( false === $first || false === $second ) {
			return false;
		}
		// Two that differ are an attempt to be somebody else to a server in between.
		return null !== $first && null !== $second && $first !== $second ? false : $first ?? $second;
	}

	/** As it is stored. */
	public static function hash( string $token ): string {
		return hash( 'sha256', $token );
	}

	/** What a token says of whose it is: all before its last underscore. No secret, and no proof. */
	public static function name( string $token ): string {
		$end = strrpos( $token, '_' );
		return substr( $token, 0, min( self::NAME, false === $end ? strlen( $token ) : $end ) );
	}

	/**
	 * Why a token is refused; null when it is accepted.
	 *
	 * @param array{token_hash: string, expires_at: string|null}|null $row   What was found by the token's hash.
	 * @param bool                                                    $agent Whether its agent exists here.
	 * @param bool                                                    $owner Whether the agent's owner exists.
	 * @param string                                                  $now   UTC, `Y-m-d H:i:s`.
	 */
	public static function refusal( string $presented, ?array $row, bool $agent, bool $owner, string $now ): ?string {
		// The index of the hashes knows no case, and a comparison of it may stop early: this one does not.
		$known = hash_equals( self::hash( $presented ), $row['token_hash'] ?? '' );
		return match ( true ) {
			! $known || self::ended( $row['expires_at'], $now ) => self::INVALID,
			! $agent => self::NO_AGENT,
			! $owner => self::NO_OWNER,
			default  => null,
		};
	}

	/** Whether an end has come; one that is no time has. */
	public static function ended( ?string $end, string $now ): bool {
		if ( null === $end || '' === $end ) {
			return false;
		}
		$time = \DateTimeImmutable::createFromFormat( '!Y-m-d H:i:s', $end, new \DateTimeZone( 'UTC' ) );
		return false === $time || $time->format( 'Y-m-d H:i:s' ) !== $end || $end <= $now;
	}

	private static function of_header( ?string $header ): string|false|null {
		$text = trim( (string) $header, " \t\r\n" );
		if ( 1 === preg_match( self::HEADER, $text, $found ) ) {
			return $found[1];
		}
		return 1 === preg_match( self::MEANT, $text ) ? false : null;
	}
}
