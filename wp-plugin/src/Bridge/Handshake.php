<?php
/**
 * Both sides prove that they know the site's secret, the server first.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

/**
 * A proof is HMAC-SHA256 over role, protocol, site, server nonce and client nonce. The role is part of it, so that a
 * proof sent back is worth nothing; the client proves itself only to a server that has. The client is the side that
 * connects: PHP for hooks, Python for host units.
 */
final class Handshake {

	public const PROTOCOL = 1;

	private function __construct( private readonly Frame $frame, private readonly string $site, private readonly string $nonce ) {}

	/**
	 * The connecting side begins. The server is busy with the answer for a while: time to prepare what comes after.
	 *
	 * @throws BridgeException
	 */
	public static function begin( Frame $frame, string $site, Deadline $deadline ): self {
		$nonce = bin2hex( random_bytes( 16 ) );
		$frame->write( self::json( array( 'protocol' => self::PROTOCOL, 'site' => $site, 'nonce' => $nonce ) ), $deadline );
		return new self( $frame, $site, $nonce );
	}

	/**
	 * Verify the server. Our own proof leaves with the first call, in the same write.
	 *
	 * @throws HandshakeFailed|BridgeException
	 */
	public function finish( string $secret, Deadline $deadline ): void {
		$frame        = $this->frame;
		$site         = $this->site;
		$nonce        = $this->nonce;
		$challenge    = self::read( $frame, $deadline );
		$server_nonce = (string) ( $challenge['nonce'] ?? '' );
		if ( self::PROTOCOL !== ( $challenge['protocol'] ?? null ) ) {
			throw new HandshakeFailed( 'The server speaks another protocol version.' );
		}
		$expected = self::proof( $secret, 'server', $site, $server_nonce, $nonce );
		if ( $server_nonce === $nonce || ! hash_equals( $expected, (string) ( $challenge['proof'] ?? '' ) ) ) {
			throw new HandshakeFailed( 'The server could not prove that it knows the secret.' );
		}
		$frame->hold( self::json( array( 'proof' => self::proof( $secret, 'client', $site, $server_nonce, $nonce ) ) ) );
	}

	/**
	 * The listening side.
	 *
	 * @throws HandshakeFailed|BridgeException
	 */
	public static function server( Frame $frame, string $site, string $secret, Deadline $deadline ): void {
		$hello        = self::read( $frame, $deadline );
		$client_nonce = (string) ( $hello['nonce'] ?? '' );
		if ( ! hash_equals( $site, (string) ( $hello['site'] ?? '' ) ) ) {
			throw new HandshakeFailed( 'The client asked for another site.' );
		}
		$nonce = bin2hex( random_bytes( 16 ) );
		$frame->write(
			self::json( array( 'protocol' => self::PROTOCOL, 'nonce' => $nonce, 'proof' => self::proof( $secret, 'server', $site, $nonce, $client_nonce ) ) ),
			$deadline
		);
		if ( self::PROTOCOL !== ( $hello['protocol'] ?? null ) ) {
			throw new HandshakeFailed( 'The client speaks another protocol version.' );
		}
		$given = self::read( $frame, $deadline );
		if ( ! hash_equals( self::proof( $secret, 'client', $site, $nonce, $client_nonce ), (string) ( $given['proof'] ?? '' ) ) ) {
			throw new HandshakeFailed( 'The client could not prove that it knows the secret.' );
		}
	}

	public static function proof( string $secret, string $role, string $site, string $server_nonce, string $client_nonce ): string {
		return hash_hmac( 'sha256', implode( "\n", array( $role, self::PROTOCOL, $site, $server_nonce, $client_nonce ) ), $secret );
	}

	/** @param array<string, mixed> $message */
	private static function json( array $message ): string {
		return json_encode( $message, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- works without WordPress.
	}

	/** @return array<string, mixed> */
	private static function read( Frame $frame, Deadline $deadline ): array {
		try {
			$message = json_decode( $frame->read( $deadline ), true );
		} catch ( ConnectionLost $error ) {
			// Nothing was asked yet. It may be a process that is being replaced, so another try is allowed.
			throw new Closing( 'The other side hung up during the handshake.', 0, $error );
		}
		return is_array( $message ) ? $message : throw new HandshakeFailed( 'A message of the handshake is not JSON.' );
	}
}
