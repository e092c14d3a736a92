<?php
/**
 * A plugin with opinions on who is authorized for what. It acts for agents whose slug says so, so that other tests of the
 * site do not notice.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

add_filter(
	'datamachine_agent_authorize_pre_token',
	static function ( $redirect, array $agent, int $user, string $uri, string $label, WP_REST_Request $request ) {
		if ( 'e-filtered' !== $agent['agent_slug'] ) {
			return $redirect;
		}
		update_option( 'e_seen', array( get_current_user_id() === $user, $uri, $label, $request['state'] ), false );
		return array(
			'elsewhere' => 'https://elsewhere.example/done?x=[1]#part',
			'error'     => new WP_Error( 'site_closed', 'Not today.' ),
			'false'     => false,
			'true'      => true,
			'empty'     => '',
		)[ $label ] ?? $redirect;
	},
	10,
	6
);

add_filter(
	'datamachine_agent_scope_presets',
	static function ( array $presets, array $agent, string $uri ): array {
		if ( 'e-scoped' !== $agent['agent_slug'] || 'http://127.0.0.1:29340/callback' !== $uri ) {
			return $presets;
		}
		unset( $presets['publisher'] );
		return $presets + array(
			'logs'     => array(
				'label'        => 'Logs <b>only</b>',
				'capabilities' => array( 'datamachine_view_logs' ),
				'ability_deny' => array( 'datamachine/x' ),
			),
			'nothing'  => array(
				'label'        => 'Nothing',
				'capabilities' => array(),
			),
			'no_list'  => array(
				'label'        => 'Wrong',
				'capabilities' => 'all',
			),
			'no_names' => array(
				'label'        => 'Wrong',
				'capabilities' => array( 1 ),
			),
			'missing'  => array( 'label' => 'Wrong' ),
			'both'     => array(
				'label'        => 'Wrong',
				'capabilities' => null,
				'ability_deny' => array( 'datamachine/x' ),
			),
			'no_array' => 'Wrong',
		);
	},
	10,
	3
);

// What another plugin's code gets when it asks for the page inside WordPress.
add_action(
	'rest_api_init',
	static function (): void {
		register_rest_route(
			'e/v1',
			'/inside',
			array(
				'methods'             => 'GET',
				'permission_callback' => '__return_true',
				'callback'            => static function ( WP_REST_Request $outer ): array {
					$inner = new WP_REST_Request( 'GET', '/datamachine/v1/agent/authorize' );
					$inner->set_query_params( $outer->get_query_params() );
					$answer = rest_do_request( $inner );
					return array( $answer->get_status(), $answer->get_data() );
				},
			)
		);
	}
);
