<?php
/**
 * Must-use plugin of the tests: puts a request into a situation and asks PermissionHelper.
 *
 * A situation is `{user, agent, authenticated, queue, ask: [[method, ...arguments], ...]}`. The answer is
 * `{answers, filter, errors}`: what the methods (or abilities) gave, the calls of datamachine_can_access_agent, and PHP's notices.
 * Asked over HTTP with the query argument `ask` (base64 of JSON), or from the command line with asked().
 */

use DataMachine\Abilities\PermissionHelper;

$GLOBALS['identity_php_filter'] = array();

function identity_php_answer( string $method, array $arguments ): mixed {
	if ( 'ability' === $method ) {
		$result = wp_get_ability( $arguments[0] )->execute( $arguments[1] );
		return is_wp_error( $result ) ? $result->get_error_code() : $result;
	}
	if ( str_starts_with( $method, 'resolve_scoped_' ) ) {
		$request = new WP_REST_Request( 'GET', '/' );
		foreach ( (array) array_shift( $arguments ) as $name => $value ) {
			$request->set_param( $name, $value );
		}
		array_unshift( $arguments, $request );
	}
	return PermissionHelper::$method( ...$arguments );
}

function asked( array $situation ): array {
	$GLOBALS['identity_php_filter'] = array();
	$errors                         = array();
	$answers                        = array();
	set_error_handler(
		static function ( int $level, string $text ) use ( &$errors ): bool {
			$errors[] = $text;
			return true;
		}
	);
	wp_set_current_user( $situation['user'] ?? 0 );
	$work = static function () use ( $situation, &$answers ): void {
		if ( isset( $situation['agent'] ) ) {
			PermissionHelper::set_agent_context( ...$situation['agent'] );
		}
		foreach ( $situation['ask'] as $question ) {
			$answers[] = identity_php_answer( array_shift( $question ), $question );
		}
		PermissionHelper::clear_agent_context();
	};
	if ( isset( $situation['authenticated'] ) ) {
		$inner = $work;
		$work  = static fn() => PermissionHelper::run_as_authenticated( $inner, $situation['authenticated'] );
	}
	if ( empty( $situation['queue'] ) ) {
		$work();
	} else {
		// Nobody else's listeners: the library would begin to work.
		$others = $GLOBALS['wp_filter']['action_scheduler_run_queue'] ?? null;
		unset( $GLOBALS['wp_filter']['action_scheduler_run_queue'] );
		add_action( 'action_scheduler_run_queue', $work );
		do_action( 'action_scheduler_run_queue' );
		unset( $GLOBALS['wp_filter']['action_scheduler_run_queue'] );
		if ( null !== $others ) {
			$GLOBALS['wp_filter']['action_scheduler_run_queue'] = $others;
		}
	}
	restore_error_handler();
	wp_set_current_user( 0 );
	return array(
		'answers' => $answers,
		'filter'  => $GLOBALS['identity_php_filter'],
		'errors'  => $errors,
	);
}

// Two listeners, to see PHP's own order; the second may turn the answer round.
add_filter(
	'datamachine_can_access_agent',
	static function ( $allowed, ...$arguments ) {
		$GLOBALS['identity_php_filter'][] = array( $allowed, ...$arguments );
		return $allowed;
	},
	5,
	4
);
add_filter(
	'datamachine_can_access_agent',
	static function ( $allowed, $agent_id, $user_id, $role ) {
		$rules = get_option( 'identity_php_rules', array() );
		return $rules[ "$agent_id:$user_id" ] ?? $allowed;
	},
	10,
	4
);

add_action(
	'wp_loaded',
	static function (): void {
		if ( isset( $_GET['ask'] ) ) {
			wp_send_json( asked( json_decode( base64_decode( $_GET['ask'] ), true ) ) );
		}
	}
);
