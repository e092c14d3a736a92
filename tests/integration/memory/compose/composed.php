<?php
/**
 * Plugin Name: A composed file and what its sections say
 */

use DataMachine\Engine\AI\MemoryFileRegistry;
use DataMachine\Engine\AI\SectionRegistry;

const COMPOSED_C = 'COMPOSED-C.md';

add_action(
	'datamachine_memory_files',
	static function () {
		MemoryFileRegistry::register( COMPOSED_C, 60, array( 'layer' => 'shared', 'composable' => true ) );
		MemoryFileRegistry::register( 'NOTHING-C.md', 61, array( 'layer' => 'shared', 'composable' => true ) );
	}
);
add_action(
	'datamachine_sections',
	static function () {
		SectionRegistry::register( COMPOSED_C, 'late', 30, static fn() => '  late ' . get_option( 'compose_c_word', 'one' ) . "\n\n" );
		SectionRegistry::register( COMPOSED_C, 'tie-b', 20, static fn() => 'b' );
		SectionRegistry::register( COMPOSED_C, 'tie-a', 20, static fn() => 'a', array( 'label' => 'The A' ) );
		SectionRegistry::register( COMPOSED_C, 'empty', 10, static fn() => "  \n" );
		SectionRegistry::register( COMPOSED_C, 'number', 10, static fn() => 7 );
		SectionRegistry::register( COMPOSED_C, 'replaced', 5, static fn() => 'never seen' );
		SectionRegistry::register(
			COMPOSED_C,
			'replaced',
			5,
			static function ( array $context ) {
				if ( get_option( 'compose_c_throws' ) ) {
					throw new RuntimeException( 'the cook is ill' );
				}
				return 'for ' . wp_json_encode( $context ) . ' as ' . get_current_user_id() . ', admin ' . (int) is_admin() . ', cli ' . (int) defined( 'WP_CLI' );
			}
		);
		SectionRegistry::register( COMPOSED_C, 'gone', 6, static fn() => 'gone' );
		SectionRegistry::deregister( COMPOSED_C, 'gone' );
	}
);
add_filter( 'datamachine_composable_content', static fn( $content, $filename ) => COMPOSED_C === $filename ? "$content\n\nfiltered" : $content, 10, 2 );
add_filter( 'datamachine_composable_invalidation_hooks', static fn( $hooks ) => array_merge( $hooks, array( 'compose_c_changed' ) ) );
add_filter( 'datamachine_site_scaffold_content', static fn( $content ) => $content . "\n\nSeen by the site filter." );
add_action(
	'datamachine_composable_regenerated',
	static function ( $filename, $filepath, $context ) {
		if ( COMPOSED_C === $filename ) {
			update_option( 'compose_c_seen', array( (int) ( get_option( 'compose_c_seen' )[0] ?? 0 ) + 1, $filepath, $context ) );
		}
	},
	10,
	3
);
