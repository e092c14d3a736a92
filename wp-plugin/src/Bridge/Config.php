<?php
/**
 * Where the bridge is: written by `datamachine init`, or a constant.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

final class Config {

	public const OPTION   = 'datamachine_bridge';
	public const CONSTANT = 'DATAMACHINE_BRIDGE_CONFIG';

	public function __construct(
		public readonly string $socket,
		public readonly string $secret_file,
		public readonly string $breaker,
		public readonly string $site
	) {}

	/** The constant, else the autoloaded option; null while neither names a socket and a secret file. */
	public static function load(): ?self {
		$data = defined( self::CONSTANT ) ? constant( self::CONSTANT ) : ( function_exists( 'get_option' ) ? get_option( self::OPTION ) : null );
		if ( ! is_array( $data ) || empty( $data['socket'] ) || empty( $data['secret_file'] ) ) {
			return null;
		}
		return new self(
			(string) $data['socket'],
			(string) $data['secret_file'],
			(string) ( $data['breaker'] ?? '' ),
			(string) ( $data['site'] ?? 'default' )
		);
	}

	/** @throws Unavailable When this process cannot read it. */
	public function secret(): string {
		$secret = @file_get_contents( $this->secret_file ); // phpcs:ignore WordPress.PHP.NoSilencedErrors, WordPress.WP.AlternativeFunctions -- a local file; unreadable is an answer.
		$secret = trim( (string) $secret );
		return '' === $secret ? throw new Unavailable( 'PHP cannot read the secret of the bridge.' ) : $secret;
	}
}
