<?php
/**
 * Plugin Name: Who hears that memory changed (tests)
 *
 * Keeps what `datamachine_agent_memory_updated` said last, where it was PHP's own scope.
 */

add_action(
	'datamachine_agent_memory_updated',
	static function ( $scope, $content, $meta ) {
		update_option( 'heard_memory', array( get_class( $scope ), $scope->key(), $content, $meta ), false );
	},
	10,
	3
);
