<?php
/**
 * Plugin Name: Writers of one memory file (tests)
 *
 * `?memory_writer=NAME` adds a line of that name to CROWD.md of user 1 by compare-and-swap until it is accepted, and says what it
 * read, what it wrote and how often it tried.
 */

use AgentsAPI\Core\FilesRepository\AgentMemoryScope;
use DataMachine\Core\FilesRepository\AgentMemoryStoreFactory;

add_action(
	'init',
	static function () {
		$name = $_GET['memory_writer'] ?? null;
		if ( ! is_string( $name ) ) {
			return;
		}
		$scope    = new AgentMemoryScope( 'agent', 1, 0, 'CROWD.md' );
		$store    = AgentMemoryStoreFactory::for_scope( $scope );
		$refusals = array();
		$torn     = 0;
		$until    = microtime( true ) + 60;
		do {
			$found = $store->read( $scope );
			list( $check, $lines ) = explode( "\n", $found->content, 2 ) + array( '', '' );
			if ( sha1( $lines ) !== $check || sha1( $found->content ) !== $found->hash ) {
				++$torn;
			}
			if ( str_contains( $lines, "$name\n" ) ) {
				$answer = array( 'accepted' => $found->hash, 'unsure' => true );
				break;
			}
			$lines  .= "$name\n";
			$content = sha1( $lines ) . "\n" . $lines;
			$result  = $store->write( $scope, $content, $found->hash );
			if ( $result->success ) {
				$answer = array( 'replaced' => $found->hash, 'accepted' => $result->hash );
				break;
			}
			$refusals[ $result->error ] = 1 + ( $refusals[ $result->error ] ?? 0 );
			usleep( random_int( 1000, 20000 ) );
		} while ( microtime( true ) < $until );
		wp_send_json( ( $answer ?? array() ) + array( 'name' => $name, 'torn' => $torn, 'refusals' => $refusals, 'store' => get_class( $store ) ) );
	}
);
