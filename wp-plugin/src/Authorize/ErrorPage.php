<?php
/**
 * What a person reads when a program asked for something this site does not do.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Authorize;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class ErrorPage {

	/**
	 * @param string $message Plain text.
	 * @param string $login   Where somebody else can log in and come back; empty for no such link.
	 */
	public static function html( int $status, string $message, string $login ): string {
		$title = 503 === $status ? __( 'Not available at the moment', 'datamachine-bridge' ) : __( 'This does not work', 'datamachine-bridge' );
		$body  = '<p role="alert">' . esc_html( $message ) . '</p>';
		$user  = wp_get_current_user();
		if ( $user->exists() ) {
			/* translators: %s: name of a user. */
			$body .= '<p>' . esc_html( sprintf( __( 'You are logged in as %s.', 'datamachine-bridge' ), $user->display_name ) ) . '</p>';
		}
		if ( '' !== $login ) {
			$body .= '<p><a href="' . esc_url( $login ) . '">' . esc_html__( 'Log in as somebody else', 'datamachine-bridge' ) . '</a></p>';
		}
		return Document::html( $title, $body . '<p>' . esc_html__( 'No access was given. You can close this window.', 'datamachine-bridge' ) . '</p>' );
	}
}
