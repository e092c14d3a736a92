<?php
/**
 * Memory in posts: what the contract does not say. Prints one JSON document.
 */

use AgentsAPI\Core\FilesRepository\AgentMemoryScope;
use DataMachine\Core\FilesRepository\GuidelineAgentMemoryStore;

$seen  = array();
$store = new GuidelineAgentMemoryStore();
$scope = new AgentMemoryScope( 'agent', 1, 0, 'posts/KSES.md' );
$html  = "<script>alert('x\\\\y')</script> & <b onclick=\"z\">🌍</b>\n";
$post  = static fn () => get_posts(
	array(
		'post_type'   => 'wp_guideline',
		'name'        => 'memory-' . sha1( $scope->key() ),
		'post_status' => 'any',
	)
)[0] ?? null;
add_action(
	'datamachine_guideline_updated',
	static function ( ...$args ) use ( &$seen ) {
		$seen['events'][] = $args;
	},
	10,
	5
);

// Somebody whose HTML WordPress filters.
$author = wp_insert_user( array( 'user_login' => 'postsauthor', 'user_pass' => wp_generate_password(), 'role' => 'author' ) );
wp_set_current_user( $author );
$seen['filtered'] = ! current_user_can( 'unfiltered_html' ) && false !== has_filter( 'content_save_pre', 'wp_filter_post_kses' );

$written       = $store->write( $scope, $html );
$second        = $store->write( $scope, "$html$html", $written->hash );
$seen['exact'] = array( $written->success, $second->success, $store->read( $scope )->content === "$html$html" );
$row           = $post();

$seen['row'] = array(
	'type'   => $row->post_type,
	'status' => $row->post_status,
	'title'  => $row->post_title,
	'name'   => strlen( $row->post_name ),
	'author' => (int) $row->post_author,
	'exact'  => $row->post_content === "$html$html",
	'terms'  => wp_get_object_terms( $row->ID, 'wp_guideline_type', array( 'fields' => 'slugs' ) ),
	'meta'   => array_map( static fn ( $values ) => $values[0], get_post_meta( $row->ID ) ),
	'id'     => $row->ID,
);
$seen['revisions'] = array_values( array_map( static fn ( $revision ) => $revision->post_content === $html || $revision->post_content === "$html$html", wp_get_post_revisions( $row->ID ) ) );

// An editor changes the post: the hash is that of what is stored.
global $wpdb;
$wpdb->update( $wpdb->posts, array( 'post_content' => 'edited' ), array( 'ID' => $row->ID ) );
$seen['edited']   = array( $store->read( $scope )->hash === sha1( 'edited' ), $store->write( $scope, 'x', $second->hash )->error );
$seen['restored'] = $store->write( $scope, 'own', sha1( 'edited' ) )->success;

// Bytes no text column takes.
$bytes         = "\xff\x00\xfe";
$seen['bytes'] = array( $store->write( $scope, $bytes )->success, $store->read( $scope )->content === $bytes, str_starts_with( get_post( $post()->ID )->post_content, GuidelineAgentMemoryStore::ENCODED ) );
$trick         = GuidelineAgentMemoryStore::ENCODED . 'YQ==';
$seen['trick'] = array( $store->write( $scope, $trick )->success, $store->read( $scope )->content === $trick );
$seen['sizes'] = array_map( static fn ( $entry ) => array( $entry->filename, $entry->bytes ), $store->list_subtree( $scope, 'posts' ) );

// A row of a later version, whose name counts the site in.
$later = new AgentMemoryScope( 'shared', 0, 0, 'LATER.md' );
$id    = wp_insert_post(
	array(
		'post_type'    => 'wp_guideline',
		'post_status'  => 'publish',
		'post_title'   => 'LATER.md',
		'post_name'    => 'memory-' . sha1( 'shared:site:' . untrailingslashit( home_url( '/' ) ) . ':0:0:LATER.md' ),
		'post_content' => 'older',
		'meta_input'   => array( '_datamachine_memory_layer' => 'shared', '_datamachine_memory_user_id' => '0', '_datamachine_memory_agent_id' => '0', '_datamachine_memory_filename' => 'LATER.md', '_datamachine_memory_hash' => 'wrong', '_datamachine_memory_bytes' => '999' ),
	)
);
$found         = $store->read( $later );
$seen['later'] = array( $found->content, $found->hash === sha1( 'older' ), $store->list_layer( $later )[0]->bytes, $store->write( $later, 'newer', $found->hash )->success, get_post( $id )->post_content === 'newer' );

// A user's first agent and nobody: one file, one lock.
global $wpdb;
$first = (int) $wpdb->get_var( "SELECT MIN(agent_id) FROM {$wpdb->base_prefix}datamachine_agents WHERE owner_id = 1" );
$named = new AgentMemoryScope( 'agent', 1, $first, 'BOTH.md' );
$plain = new AgentMemoryScope( 'agent', 1, 0, 'BOTH.md' );
$one   = $store->write( $named, 'one' );

$seen['both'] = array( $first > 0, $store->read( $plain )->content, $store->write( $plain, 'two', '' )->error, $store->write( $plain, 'two', $one->hash )->success, $store->read( $named )->content );
$store->delete( $plain );
$seen['both'][] = $store->exists( $named );

$seen['deleted'] = array( $store->delete( $scope )->success, $store->exists( $scope ), $post() );

unregister_taxonomy( 'wp_guideline_type' );
$seen['away'] = array( GuidelineAgentMemoryStore::is_available(), $store->write( $scope, 'x' )->error, $store->read( $later )->exists, $store->delete( $scope )->success );
echo wp_json_encode( $seen );
