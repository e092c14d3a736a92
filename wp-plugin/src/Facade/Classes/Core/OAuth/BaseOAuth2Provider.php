<?php
/**
 * What a provider of OAuth 2.0 accounts extends: tokens that are renewed before they run out.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\OAuth;

use DataMachine\Bridge\Facade\Lock;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/**
 * The account holds `access_token`, maybe `refresh_token`, and `token_expires_at` (Unix time; absent for a token without
 * an end).
 */
abstract class BaseOAuth2Provider extends BaseAuthProvider {

	/** Begins the name of the cron event; the provider's slug ends it. */
	public const CRON_HOOK = 'datamachine_refresh_token_';

	/** The earliest that a token is renewed again, in seconds. */
	private const SOON = 60;

	/** @var array<string, true> Providers whose cron event is listened for. */
	private static array $listening = array();

	/** @var OAuth2Handler */
	protected $oauth2;

	public function __construct( string $provider_slug ) {
		parent::__construct( $provider_slug );
		$this->oauth2 = new OAuth2Handler();
		if ( ! isset( self::$listening[ $provider_slug ] ) ) {
			self::$listening[ $provider_slug ] = true;
			add_action( $this->get_cron_hook_name(), array( $this, 'handle_cron_refresh' ) );
		}
	}

	/** A public client proves itself by PKCE, or not at all. */
	protected function requires_client_secret(): bool {
		return 'code' === $this->get_oauth_response_type() && ! $this->uses_pkce();
	}

	/** `code`, or `token` for the implicit grant. */
	public function get_oauth_response_type(): string {
		return 'code';
	}

	public function uses_pkce(): bool {
		return false;
	}

	public function is_configured(): bool {
		$config = $this->get_config();
		return ! empty( $config['client_id'] ) && ( ! $this->requires_client_secret() || ! empty( $config['client_secret'] ) );
	}

	public function is_authenticated(): bool {
		$account = $this->get_account();
		return '' !== self::token_of( $account ) && ! self::is_over( $account );
	}

	/** A token that works now, renewed when it is about to run out; null when there is none. */
	public function get_valid_access_token(): ?string {
		$account = $this->get_account();
		$token   = self::token_of( $account );
		if ( '' === $token ) {
			return null;
		}
		if ( ! $this->is_due( $account ) ) {
			return $token;
		}
		return $this->renewed() ?? ( self::is_over( $account ) ? null : $token );
	}

	/**
	 * Ask the service for a new token: `{access_token, expires_at, refresh_token?}`, a WP_Error, or null where it cannot be asked.
	 *
	 * @return array<string, mixed>|\WP_Error|null
	 */
	protected function do_refresh_token( string $current_token ): \WP_Error|array|null { // phpcs:ignore Generic.CodeAnalysis.UnusedFunctionParameter -- overridden.
		return null;
	}

	/** How long before its end a token is renewed. */
	protected function get_refresh_buffer_seconds(): int {
		return 7 * DAY_IN_SECONDS;
	}

	public function get_cron_hook_name(): string {
		return self::CRON_HOOK . $this->provider_slug;
	}

	/** Whether the account's token will be renewed in time: by an event of WP-Cron, or at once when that is past. */
	public function schedule_proactive_refresh(): bool {
		$this->clear_proactive_refresh();
		$ends = self::end_of( $this->get_account() );
		if ( 0 === $ends ) {
			return false;
		}
		if ( $ends - $this->get_refresh_buffer_seconds() <= time() ) {
			return null !== $this->attempt_recovery_refresh();
		}
		return $this->schedule( $ends );
	}

	/** Callback of the cron event. */
	public function handle_cron_refresh(): void {
		$account = $this->get_account();
		if ( null === $this->get_valid_access_token() || ! $this->is_due( $account ) ) {
			return;
		}
		// The service was not to be had: once more before the token's end.
		if ( self::end_of( $this->get_account() ) === self::end_of( $account ) ) {
			$this->schedule( self::end_of( $account ) );
		}
	}

	/** A new token now; null when there is none to be had. */
	protected function attempt_recovery_refresh(): ?string {
		return $this->renewed();
	}

	public function clear_proactive_refresh(): void {
		wp_clear_scheduled_hook( $this->get_cron_hook_name() );
	}

	public function clear_account(): bool {
		$this->clear_proactive_refresh();
		return parent::clear_account();
	}

	abstract public function get_authorization_url(): string;

	/** The browser is back from the service; hand over to {@see OAuth2Handler::handle_callback()}. */
	abstract public function handle_oauth_callback();

	/**
	 * What every authorization URL needs; a provider adds its `scope`.
	 *
	 * @param array<string, mixed> $state_payload To be found again at the callback.
	 * @return array<string, string>
	 */
	protected function build_auth_url_params( array $state_payload = array() ): array {
		$params = array(
			'response_type' => $this->get_oauth_response_type(),
			'client_id'     => (string) ( $this->get_config()['client_id'] ?? '' ),
			'redirect_uri'  => $this->get_callback_url(),
			'state'         => $this->oauth2->create_state( $this->provider_slug, $state_payload ),
		);
		if ( $this->uses_pkce() ) {
			$pkce    = $this->oauth2->create_pkce( $this->provider_slug );
			$params += array(
				'code_challenge'        => $pkce['code_challenge'],
				'code_challenge_method' => $pkce['code_challenge_method'],
			);
		}
		return $params;
	}

	/** The two legs of the implicit grant: a page that reads its own address, and the form that it sends. */
	protected function dispatch_implicit_callback( callable $account_details_fn, ?callable $storage_fn = null ): void {
		if ( 'POST' === ( $_SERVER['REQUEST_METHOD'] ?? 'GET' ) ) {
			$this->oauth2->handle_implicit_callback( $this->provider_slug, $account_details_fn, $storage_fn ?? array( $this, 'save_account' ) );
			return;
		}
		$this->oauth2->render_implicit_callback_page( $this->provider_slug, $this->get_callback_url() );
	}

	/**
	 * The token after one process has renewed it. Whoever waited meanwhile finds it done: many services give each refresh token
	 * once, and a second use of it revokes the account.
	 */
	private function renewed(): ?string {
		$before = self::token_of( $this->get_account() );
		return Lock::during(
			'datamachine_oauth_' . $this->provider_slug,
			function () use ( $before ): ?string {
				self::forget_cached();
				$account = $this->get_account();
				$current = self::token_of( $account );
				if ( $current !== $before && ! $this->is_due( $account ) ) {
					return $current;
				}
				return $this->renew( $account, $current );
			}
		);
	}

	/** @param array<string, mixed> $account */
	private function renew( array $account, string $current ): ?string {
		$given = $this->do_refresh_token( $current );
		if ( null === $given ) {
			return null;
		}
		$token = is_array( $given ) ? self::token_of( $given ) : '';
		if ( '' === $token ) {
			/** This action is documented in hooks/product.json */
			do_action(
				'datamachine_log',
				'error',
				'OAuth: the token was not renewed',
				array(
					'provider' => $this->provider_slug,
					'error'    => is_wp_error( $given ) ? $given->get_error_message() : 'The service gave no token.',
				)
			);
			/** This action is documented in hooks/product.json */
			do_action( 'datamachine_oauth_refresh_failed', $this->provider_slug, $account );
			return null;
		}
		// The provider may have stored a new refresh token meanwhile.
		$stored = array_merge(
			$this->get_account(),
			array_filter( array_intersect_key( $given, array( 'refresh_token' => true, 'scope' => true ) ) ), // phpcs:ignore WordPress.Arrays.ArrayDeclarationSpacing -- short.
			array(
				'access_token'      => $token,
				'last_refreshed_at' => time(),
			)
		);
		unset( $stored['token_expires_at'] );
		$ends = (int) ( $given['expires_at'] ?? $given['token_expires_at'] ?? ( isset( $given['expires_in'] ) ? time() + (int) $given['expires_in'] : 0 ) );
		if ( $ends > 0 ) {
			$stored['token_expires_at'] = $ends;
		}
		$this->save_account( $stored );
		if ( $ends > 0 ) {
			$this->schedule( $ends );
		}
		return $token;
	}

	/** One event, the buffer before the token's end; halfway there when that is past. */
	private function schedule( int $ends ): bool {
		$this->clear_proactive_refresh();
		$now = time();
		$at  = $ends - $this->get_refresh_buffer_seconds();
		if ( $at <= $now ) {
			$at = $now + max( self::SOON, intdiv( $ends - $now, 2 ) );
		}
		return true === wp_schedule_single_event( $at, $this->get_cron_hook_name() );
	}

	/** @param array<string, mixed> $account */
	private function is_due( array $account ): bool {
		$ends = self::end_of( $account );
		return $ends > 0 && time() >= $ends - $this->get_refresh_buffer_seconds();
	}

	/** @param array<string, mixed> $account */
	private static function is_over( array $account ): bool {
		$ends = self::end_of( $account );
		return $ends > 0 && time() >= $ends;
	}

	/**
	 * @param array<string, mixed> $account
	 * @return int A Unix time, 0 for no end.
	 */
	private static function end_of( array $account ): int {
		return max( 0, (int) ( $account['token_expires_at'] ?? 0 ) );
	}

	/** @param array<string, mixed> $account */
	private static function token_of( array $account ): string {
		$token = $account['access_token'] ?? '';
		return is_string( $token ) ? $token : '';
	}
}
