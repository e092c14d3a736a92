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
		$header = static function ( string $name ) use ( $request, $given ): string {
			$value = $request instanceof \WP_REST_Request ? $request->get_header( $name ) : ( $given[ strtolower( $name ) ] ?? '' );
			return is_scalar( $value ) ? sanitize_text_field( (string) $value ) : '';
		};
		$chain  = $header( self::HEADER_CHAIN_ID );
		return new self(
			$header( self::HEADER_CALLER_SITE ),
			$header( self::HEADER_CALLER_AGENT ),
			'' === $chain ? wp_generate_uuid4() : $chain,
			(int) $header( self::HEADER_CHAIN_DEPTH )
		);
	}

	/** What this site says when it calls on: one step further in the chain that reached it, or the first of a new one. */
	public static function forOutbound( string $site, string $agent, ?self $inbound = null ): self {
		$known = null !== $inbound && '' !== $inbound->chain;
		return new self( $site, $agent, $known ? $inbound->chain : wp_generate_uuid4(), ( null === $inbound ? 0 : $inbound->depth ) + 1 );
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
}
