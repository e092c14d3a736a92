<?php
/**
 * Must-use plugin of the tests: a route that asks for a login only, one that asks for nothing, and handlers that decide
 * about a request before anybody else does.
 */

add_action(
	'rest_api_init',
	static function (): void {
		$who = static fn(): array => array(
			'user'  => get_current_user_id(),
			'agent' => DataMachine\Abilities\PermissionHelper::get_acting_agent_id(),
			'caller' => DataMachine\Bridge\Identity\Principal::describe()['caller'],
			'can'   => array_values( array_filter( array( 'read', 'manage_options', 'unfiltered_html' ), 'current_user_can' ) ),
		);
		foreach ( array( 'login' => 'is_user_logged_in', 'public' => '__return_true' ) as $name => $permission ) {
			register_rest_route(
				'bearer/v1',
				"/$name",
				array(
					'methods'             => array( 'GET', 'POST' ),
					'permission_callback' => $permission,
					'callback'            => $who,
				)
			);
		}
	}
);

$decide = get_option( 'bearer_decides' );
if ( $decide ) {
	add_filter(
		'rest_authentication_errors',
		static fn() => 'yes' === $decide ? true : new WP_Error( 'closed', 'Closed.', array( 'status' => 403 ) ),
		5
	);
}
