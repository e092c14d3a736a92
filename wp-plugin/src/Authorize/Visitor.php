<?php
/**
 * Who sits at the browser: told by the login cookie alone, because only a person can consent.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Authorize;

use DataMachine\Abilities\PermissionHelper;
use DataMachine\Bridge\Identity\Rights;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Visitor {

	/** The name that Data Machine's form has for it too. */
	private const NONCE = 'datamachine_agent_authorize';

	/**
	 * Makes the person of the login cookie WordPress's current user; 0 for nobody.
	 *
	 * REST routes forget the cookie's user unless a nonce comes along. Links from elsewhere lead here, so there is none; what
	 * a nonce protects is protected by {@see self::consents()} and by answers no other origin can read.
	 *
	 * @return int|\WP_Error 403 for a caller who is no person at a browser's address bar.
	 */
	public static function recognise(): int|\WP_Error {
		if ( PermissionHelper::in_agent_context() ) {
			// It would be a way to a wider token, or to another agent's.
			return self::refused( __( 'An agent cannot authorize programs; a person must.', 'datamachine-bridge' ) );
		}
		// Sent by current browsers only. Scripts and frames of other pages have no business here.
		$mode        = self::header( 'HTTP_SEC_FETCH_MODE' );
		$destination = self::header( 'HTTP_SEC_FETCH_DEST' );
		if ( ! in_array( $mode, array( '', 'navigate' ), true ) || ! in_array( $destination, array( '', 'document' ), true ) ) {
			return self::refused( __( 'This page must be opened in a browser window of its own.', 'datamachine-bridge' ) );
		}
		$user_id = (int) wp_validate_auth_cookie( '', 'logged_in' );
		wp_set_current_user( $user_id );
		if ( $user_id > 0 && ! Rights::of( $user_id )->known() ) {
			wp_set_current_user( 0 );
			return self::refused( __( 'Your account is suspended.', 'datamachine-bridge' ) );
		}
		return $user_id;
	}

	/** A proof that the form was shown to this person in this session. */
	public static function nonce(): string {
		return wp_create_nonce( self::NONCE );
	}

	/** Whether the form that came back is one that was shown to this person, less than a day ago. */
	public static function consents( string $nonce ): bool {
		return false !== wp_verify_nonce( $nonce, self::NONCE );
	}

	private static function header( string $name ): string {
		return strtolower( sanitize_text_field( wp_unslash( (string) ( $_SERVER[ $name ] ?? '' ) ) ) ); // phpcs:ignore WordPress.Security.ValidatedSanitizedInput -- compared only.
	}

	private static function refused( string $message ): \WP_Error {
		return new \WP_Error( 'access_denied', $message, array( 'status' => 403 ) );
	}
}
