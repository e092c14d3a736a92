<?php
/**
 * How the sidecar is doing, asked once a request.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Admin;

use DataMachine\Bridge\Bridge\BridgeException;
use DataMachine\Bridge\Bridge\Client;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Sidecar {

	private const BUDGET = 1.0;

	private static ?self $now = null;

	/**
	 * @param string     $error Why it does not answer; empty when it does.
	 * @param float|null $first Milliseconds of the first call, with connecting and the handshake.
	 * @param float|null $later Milliseconds of a call on the open connection.
	 */
	private function __construct(
		public readonly bool $configured,
		public readonly string $version = '',
		public readonly string $error = '',
		public readonly ?float $first = null,
		public readonly ?float $later = null
	) {
	}

	public static function now(): self {
		return self::$now ??= self::ask( Client::instance() );
	}

	public function answers(): bool {
		return $this->configured && '' === $this->error;
	}

	private static function ask( Client $client ): self {
		if ( ! $client->configured() ) {
			return new self( false );
		}
		try {
			$started = hrtime( true );
			$answer  = $client->call( 'ping', array(), self::BUDGET );
			$first   = ( hrtime( true ) - $started ) / 1e6;
			$started = hrtime( true );
			$client->call( 'ping', array(), self::BUDGET );
			$later = ( hrtime( true ) - $started ) / 1e6;
		} catch ( BridgeException $error ) {
			return new self( true, '', $error->getMessage() );
		}
		$version = is_array( $answer ) && is_string( $answer['version'] ?? null ) ? $answer['version'] : '';
		return new self( true, $version, '', $first, $later );
	}
}
