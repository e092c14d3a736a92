<?php
/**
 * Makes accounts and signs each in, as the login form would: prints id, cookie and nonce by name.
 *
 * Run by `wp eval-file` with the description as JSON on standard input.
 *
 * @package DataMachine\Bridge
 */

$made = array();
foreach ( json_decode( (string) file_get_contents( 'php://stdin' ), true ) as $name => $account ) {
	$id = username_exists( $name );
	if ( ! $id ) {
		$id = wp_insert_user(
			array(
				'user_login'   => $name,
				'user_pass'    => wp_generate_password(),
				'user_email'   => "$name@example.org",
				'display_name' => "The $name",
				'role'         => $account['role'],
			)
		);
	}
	if ( is_wp_error( $id ) ) {
		WP_CLI::error( $id );
	}
	$user = get_userdata( $id );
	foreach ( $account['capabilities'] as $capability ) {
		$user->add_cap( $capability );
	}
	$expires = time() + DAY_IN_SECONDS;
	$token   = WP_Session_Tokens::get_instance( $id )->create( $expires );
	$cookie  = wp_generate_auth_cookie( $id, $expires, 'logged_in', $token );
	wp_set_current_user( $id );
	$_COOKIE[ LOGGED_IN_COOKIE ] = $cookie;
	$made[ $name ]               = array(
		'id'     => $id,
		'cookie' => LOGGED_IN_COOKIE . '=' . rawurlencode( $cookie ),
		'nonce'  => wp_create_nonce( 'wp_rest' ),
	);
}
echo wp_json_encode( $made );
