<?php
/**
 * Runs memory operations in WordPress, one JSON line each, for the tests in Python.
 */

use AgentsAPI\Core\FilesRepository\AgentMemoryScope;
use DataMachine\Core\FilesRepository\AgentMemory;
use DataMachine\Core\FilesRepository\AgentMemoryStoreFactory;

$events = array();
foreach ( array( 'datamachine_agent_memory_updated', 'datamachine_agent_memory_deleted' ) as $hook ) {
	add_action(
		$hook,
		static function ( ...$args ) use ( &$events, $hook ) {
			$args[0]  = array( get_class( $args[0] ), $args[0]->key() );
			$events[] = array( $hook, $args );
		},
		10,
		3
	);
}

while ( false !== ( $line = fgets( STDIN ) ) ) {
	$ask   = json_decode( $line, true, 512, JSON_THROW_ON_ERROR );
	$scope = new AgentMemoryScope( $ask['layer'] ?? 'agent', $ask['user_id'] ?? 0, $ask['agent_id'] ?? 0, $ask['filename'] ?? '' );
	if ( 'facade' === $ask['door'] ) {
		$memory = new AgentMemory( $ask['user_id'] ?? 0, $ask['agent_id'] ?? 0, $ask['filename'] ?? 'MEMORY.md' );
		$value  = $memory->{$ask['method']}( ...( $ask['args'] ?? array() ) );
		$value  = is_object( $value ) ? get_object_vars( $value ) : $value;
	} elseif ( 'path' === $ask['door'] ) {
		$value = DataMachine\Bridge\Memory\Layout::file( $scope );
	} else {
		$store = AgentMemoryStoreFactory::for_scope( $scope );
		$args  = array( $scope );
		if ( 'write' === $ask['method'] ) {
			array_push( $args, base64_decode( $ask['content'] ), $ask['if_match'] );
		} elseif ( 'list_subtree' === $ask['method'] ) {
			$args[] = $ask['prefix'];
		}
		$value = $store->{$ask['method']}( ...$args );
		if ( is_array( $value ) ) {
			$value = array_map( 'get_object_vars', $value );
		} elseif ( is_object( $value ) ) {
			$value = get_object_vars( $value );
			if ( isset( $value['content'] ) ) {
				$value['content'] = base64_encode( $value['content'] );
			}
		}
		$value = array( 'store' => get_class( $store ), 'value' => $value );
	}
	$asked  = class_exists( 'Test_Memory_Store', false ) ? Test_Memory_Store::$asked : null;
	$answer = array( 'value' => $value, 'events' => $events, 'asked' => $asked );
	$events = array();
	fwrite( STDOUT, 'ANSWER ' . json_encode( $answer, JSON_THROW_ON_ERROR ) . "\n" );
	fflush( STDOUT );
}
