<?php
/**
 * What another site says about itself when its agent calls ours: nothing in it is verified.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\Auth;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class CallerContext {

	public const HEADER_CALLER_SITE  = 'X-Datamachine-Caller-Site';
	public const HEADER_CALLER_AGENT = 'X-Datamachine-Caller-Agent';
	public const HEADER_CHAIN_ID     = 'X-Datamachine-Chain-Id';
	public const HEADER_CHAIN_DEPTH  = 'X-Datamachine-Chain-Depth';

	/** The words of later versions of the product: a chain through both kinds of site is one chain. */
	private const LATER_AGENT = 'X-Agents-Api-Caller-Agent';
	private const LATER_HOST  = 'X-Agents-Api-Caller-Host';
	private const LATER_CHAIN = 'X-Agents-Api-Chain-Root';
	private const LATER_DEPTH = 'X-Agents-Api-Chain-Depth';

	/** All that is read. */
	public const HEADERS = array(
		self::HEADER_CALLER_SITE,
		self::HEADER_CALLER_AGENT,
		self::HEADER_CHAIN_ID,
		self::HEADER_CHAIN_DEPTH,
		self::LATER_AGENT,
		self::LATER_HOST,
		self::LATER_CHAIN,
		self::LATER_DEPTH,
	);

	/** Hops a chain may have where the setting `max_chain_depth` says nothing; it is kept between 1 and the most. */
	private const DEFAULT_CEILING = 3;
	private const MOST            = 10;

	/** Seconds after which a chain that was refused may try again. */
	public const RETRY_AFTER = 60;

	/** Bytes of a header that are believed. */
	private const LONGEST = 200;

	private int $depth;

	public function __construct( private string $site = '', private string $agent = '', private string $chain = '', int $chain_depth = 0 ) {
		$this->depth = max( 0, $chain_depth );
	}

	/** @param \WP_REST_Request|array<string, mixed> $request A request, or headers by name in any spelling of case. */
	public static function fromRequest( $request ): self {
		$given = array();
		foreach ( is_array( $request ) ? $request : array() as $name => $value ) {
			$given[ strtolower( (string) $name ) ] = $value;
		}
		$header = static function ( string ...$names ) use ( $request, $given ): string {
			foreach ( $names as $name ) {
				$value = $request instanceof \WP_REST_Request ? $request->get_header( $name ) : ( $given[ strtolower( $name ) ] ?? '' );
				$text  = is_scalar( $value ) ? self::clean( (string) $value ) : '';
				if ( '' !== $text ) {
					return $text;
				}
			}
			return '';
		};
		$chain  = $header( self::HEADER_CHAIN_ID, self::LATER_CHAIN );
		return new self(
			$header( self::HEADER_CALLER_SITE, self::LATER_HOST ),
			$header( self::HEADER_CALLER_AGENT, self::LATER_AGENT ),
			'' === $chain ? wp_generate_uuid4() : $chain,
			max( self::number( $header( self::HEADER_CHAIN_DEPTH ) ), self::number( $header( self::LATER_DEPTH ) ) )
		);
	}

	/** What this site says when it calls on: one step further in the chain that reached it, or the first of a new one. */
	public static function forOutbound( string $site, string $agent, ?self $inbound = null ): self {
		$known = null !== $inbound && '' !== $inbound->chain;
		return new self( $site, $agent, $known ? $inbound->chain : wp_generate_uuid4(), ( null === $inbound ? 0 : $inbound->depth ) + 1 );
	}

	/** The setting `max_chain_depth` as it counts: a chain of so many hops is refused. */
	public static function ceiling( mixed $setting ): int {
		if ( is_string( $setting ) && 1 === preg_match( '/\A\d{1,9}\z/', $setting ) ) {
			$setting = (int) $setting;
		}
		return is_int( $setting ) ? max( 1, min( self::MOST, $setting ) ) : self::DEFAULT_CEILING;
	}

	public function callerSite(): string {
		return $this->site;
	}

	public function callerAgent(): string {
		return $this->agent;
	}

	public function chainId(): string {
		return $this->chain;
	}

	public function chainDepth(): int {
		return $this->depth;
	}

	public function isCrossSite(): bool {
		return $this->depth >= 1 && '' !== $this->site;
	}

	/** @return array<string, string> */
	public function toOutboundHeaders(): array {
		$said = array(
			self::HEADER_CALLER_SITE  => $this->site,
			self::HEADER_CALLER_AGENT => $this->agent,
		);
		if ( '' !== $this->site && '' !== $this->agent ) {
			// A later version refuses a depth without all the rest.
			$said += array(
				self::LATER_AGENT => $this->agent,
				self::LATER_HOST  => 'https://' . $this->site,
				self::LATER_CHAIN => $this->chain,
				self::LATER_DEPTH => (string) $this->depth,
			);
		}
		return array_filter( $said, static fn( string $value ): bool => '' !== $value ) + array(
			self::HEADER_CHAIN_ID    => $this->chain,
			self::HEADER_CHAIN_DEPTH => (string) $this->depth,
		);
	}

	/** @return array{caller_site: string, caller_agent: string, chain_id: string, chain_depth: int} */
	public function toLogContext(): array {
		return array(
			'caller_site'  => $this->site,
			'caller_agent' => $this->agent,
			'chain_id'     => $this->chain,
			'chain_depth'  => $this->depth,
		);
	}

	/** Hosts, slugs and ids are ASCII; the rest could only mislead a reader of the log. */
	private static function clean( string $text ): string {
		return substr( trim( (string) preg_replace( '/[^\x20-\x7e]|[<>]/', '', $text ) ), 0, self::LONGEST );
	}

	/** No more digits than a number can have: a longer one is as good as endless. */
	private static function number( string $text ): int {
		return 1 === preg_match( '/\A\s*[+-]?\d{1,9}/', $text, $found ) ? max( 0, (int) $found[0] ) : 0;
	}
}
