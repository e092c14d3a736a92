<?php
/**
 * Plugin Name: The seam's switch (tests)
 *
 * The file `seam` beside WordPress's folder names the store of all memory: disk, php, guideline or python.
 */

use DataMachine\Core\FilesRepository\DiskAgentMemoryStore;
use DataMachine\Core\FilesRepository\GuidelineAgentMemoryStore;

require '{examples}/php/memory-in-a-table/memory-in-a-table.php';

function seam_is( string $store ): bool {
	return trim( (string) file_get_contents( dirname( ABSPATH ) . '/seam' ) ) === $store;
}

add_filter( 'memory_in_a_table_keeps', static fn () => seam_is( 'php' ) );

add_filter(
	'agents_api_memory_store',
	static fn ( $store ) => null === $store && seam_is( 'guideline' ) ? new GuidelineAgentMemoryStore() : $store
);

add_filter(
	'agents_api_memory_store',
	static fn ( $store ) => null === $store && seam_is( 'our own' ) ? new DiskAgentMemoryStore() : $store
);

add_filter(
	'agents_api_memory_store',
	static fn ( $store ) => seam_is( 'nonsense' ) ? 'no store' : $store,
	99
);

add_action(
	'init',
	static function () {
		register_taxonomy( 'wp_guideline_type', 'wp_guideline', array( 'hierarchical' => true ) );
		register_post_type(
			'wp_guideline',
			array(
				'public'     => false,
				'supports'   => array( 'title', 'editor', 'revisions' ),
				'taxonomies' => array( 'wp_guideline_type' ),
			)
		);
	}
);

add_action(
	'datamachine_log',
	static function ( $level, $message ) {
		file_put_contents( dirname( ABSPATH ) . '/seam.log', "$level $message\n", FILE_APPEND );
	},
	10,
	2
);
