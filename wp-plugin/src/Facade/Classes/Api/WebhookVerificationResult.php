<?php
/**
 * Whether a webhook came from who it says.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Api;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/** What a class on the filter `datamachine_webhook_verifier_modes` answers; times are Unix times and seconds. */
class WebhookVerificationResult {

	public const OK                 = 'ok';
	public const BAD_SIGNATURE      = 'bad_signature';
	public const MISSING_HEADER     = 'missing_header';
	public const MISSING_SIGNATURE  = 'missing_signature';
	public const MISSING_TIMESTAMP  = 'missing_timestamp';
	public const STALE_TIMESTAMP    = 'stale_timestamp';
	public const NO_ACTIVE_SECRET   = 'no_active_secret';
	public const PAYLOAD_TOO_LARGE  = 'payload_too_large';
	public const MALFORMED_TEMPLATE = 'malformed_template';
	public const MALFORMED_CONFIG   = 'malformed_config';
	public const UNKNOWN_MODE       = 'unknown_mode';

	/**
	 * @param string  $reason    One of the constants.
	 * @param ?string $secret_id Which secret fitted.
	 * @param ?string $detail    For the log.
	 */
	public function __construct(
		public bool $ok,
		public string $reason,
		public ?string $secret_id = null,
		public ?int $timestamp = null,
		public ?int $skew_seconds = null,
		public ?string $detail = null
	) {
	}

	public static function ok( ?string $secret_id = null, ?int $timestamp = null, ?int $skew = null ): self {
		return new self( true, self::OK, $secret_id, $timestamp, $skew );
	}

	public static function fail( string $reason, ?string $detail = null, ?int $timestamp = null, ?int $skew = null ): self {
		return new self( false, $reason, null, $timestamp, $skew, $detail );
	}
}
