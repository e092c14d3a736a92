<?php
/**
 * Plugin Name: Agents of a plugin's own (tests)
 *
 * Declares what the option `test_agents` says and writes down what the hooks said.
 */

function test_note( string $what, ...$data ): void {
	global $wpdb;
	$notes   = get_option( 'test_notes', array() );
	$notes[] = array( $what, $data );
	update_option( 'test_notes', $notes, false );
}

function test_owner(): int {
	test_note( 'owner' );
	return (int) get_option( 'test_owner', 0 );
}

add_action(
	'wp_agents_api_init',
	static function ( $registry ) {
		foreach ( (array) get_option( 'test_agents', array() ) as $slug => $args ) {
			if ( ! empty( $args['seed'] ) ) {
				$args['memory_seeds'] = array( 'SOUL.md' => $args['seed'] );
			}
			$throws = ! empty( $args['throws'] );
			if ( ! empty( $args['resolve'] ) ) {
				$args['owner_resolver'] = $throws ? static fn () => throw new RuntimeException( 'no owner today' ) : 'test_owner';
			}
			wp_register_agent( $slug, array_diff_key( $args, array( 'seed' => 1, 'resolve' => 1, 'throws' => 1 ) ) );
		}
	}
);

add_action( 'datamachine_register_agents', static fn ( ...$args ) => get_option( 'test_legacy' ) ? datamachine_register_agent( 'legacy-agent', array( 'label' => 'Legacy' ) ) : null );

add_action( 'datamachine_registered_agent_reconciled', static fn ( $id, $slug ) => 'angry' === $slug ? throw new RuntimeException( 'not this one' ) : null, 5, 2 );

add_action(
	'datamachine_registered_agent_reconciled',
	static fn ( $id, $slug, $definition ) => test_note( 'reconciled', gettype( $id ), $id, $slug, array_keys( $definition ), $definition['label'], is_callable( $definition['owner_resolver'] ) ),
	10,
	3
);

foreach ( array( 'created' => 3, 'updated' => 1, 'deleted' => 2 ) as $what => $count ) {
	add_action( "datamachine_agent_$what", static fn ( ...$args ) => test_note( $what, ...$args ), 10, $count );
}

add_filter( 'datamachine_max_agents_per_user', static fn ( $limit, $owner ) => (int) get_option( "test_limit_$owner", $limit ), 10, 2 );

if ( isset( $_GET['test_queries'] ) ) {
	define( 'SAVEQUERIES', true );
	add_action(
		'shutdown',
		static function () {
			global $wpdb;
			$ours = array_values( array_filter( $wpdb->queries, static fn ( $query ) => str_contains( $query[2], 'DataMachine' ) || str_contains( $query[2], 'datamachine' ) ) );
			echo "\nTEST " . wp_json_encode(
				array(
					'queries' => array_column( $ours, 0 ),
					'spent'   => DataMachine\Bridge\Bridge\Client::instance()->spent(),
				)
			) . "\n";
		}
	);
}
