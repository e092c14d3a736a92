<?php
/**
 * Who asks: what travels with calls so that Python knows user, blog, locale, request and source.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Bridge;

/**
 * Read from WordPress's globals and never through its functions: those fire filters, determine the user too early, or
 * could come back to the bridge.
 */
final class Context {

	private static ?string $request = null;

	private static ?int $depth = null;

	/** @return array{user_id: int, blog_id: int, locale: string, request_id: string, source: string, depth: int} */
	public static function now( ?string $source = null ): array {
		$user = $GLOBALS['current_user'] ?? null;
		return array(
			'user_id'    => is_object( $user ) ? (int) ( $user->ID ?? 0 ) : 0,
			'blog_id'    => (int) ( $GLOBALS['blog_id'] ?? 1 ),
			'locale'     => (string) ( $GLOBALS['locale'] ?? '' ),
			'request_id' => self::$request ??= bin2hex( random_bytes( 8 ) ),
			'source'     => $source ?? self::source(),
			'depth'      => self::$depth ?? 0,
		);
	}

	public static function source(): string {
		if ( defined( 'WP_CLI' ) && WP_CLI ) {
			return 'cli';
		}
		if ( in_array( 'action_scheduler_run_queue', (array) ( $GLOBALS['wp_current_filter'] ?? array() ), true ) ) {
			return 'queue';
		}
		if ( defined( 'DOING_CRON' ) && DOING_CRON ) {
			return 'cron';
		}
		if ( defined( 'REST_REQUEST' ) && REST_REQUEST ) {
			return 'rest';
		}
		return 'cli' === PHP_SAPI ? 'cli' : 'web';
	}

	/**
	 * Whether the chain that led to this request has crossed too many connections, as a header signed with the secret says.
	 *
	 * @throws Unavailable When there is such a header and the secret cannot be read.
	 */
	public static function chain_ends( Config $config ): bool {
		$header      = $_SERVER['HTTP_X_DATAMACHINE_CHAIN_DEPTH'] ?? ''; // phpcs:ignore WordPress.Security -- checked by its signature.
		self::$depth = is_string( $header ) && '' !== $header ? ChainDepth::from_header( $header, $config->secret() ) : 0;
		return self::$depth > 0 && self::$depth >= ChainDepth::MAX;
	}

	/** Forget the request: a forked process is another one. */
	public static function reset(): void {
		self::$request = null;
		self::$depth   = null;
	}
}
