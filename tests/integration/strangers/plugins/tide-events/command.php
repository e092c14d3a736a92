<?php
namespace TideEvents;

use DataMachine\Cli\BaseCommand;

class Command extends BaseCommand {

	/**
	 * Lists events.
	 *
	 * ## OPTIONS
	 *
	 * [--format=<format>]
	 * : table, json, csv, yaml, ids or count.
	 *
	 * @subcommand list
	 */
	public function list_( $args, $assoc_args ) {
		$posts = get_posts( array( 'post_type' => 'tide_event', 'post_status' => 'any', 'orderby' => 'ID', 'order' => 'ASC', 'numberposts' => 100 ) );
		$items = array_map( fn( $post ) => array( 'id' => $post->ID, 'title' => $post->post_title ), $posts );
		$this->format_items( $items, array( 'id', 'title' ), $assoc_args, 'id' );
		$this->output_pagination( 0, count( $items ), count( $items ) + 1, $assoc_args['format'] ?? 'table', 'events' );
	}
}
