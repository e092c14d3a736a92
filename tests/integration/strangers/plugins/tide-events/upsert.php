<?php
namespace TideEvents;

use DataMachine\Abilities\Taxonomy\MergeTermMetaAbility;
use DataMachine\Abilities\Taxonomy\ResolveTermAbility;
use DataMachine\Core\Database\PostIdentityIndex\PostIdentityIndex;
use DataMachine\Core\Similarity\SimilarityEngine;
use DataMachine\Core\Steps\HandlerRegistrationTrait;
use DataMachine\Core\Steps\Upsert\Handlers\UpsertHandler;
use DataMachine\Core\WordPress\TaxonomyHandler;
use DataMachine\Core\WordPress\WordPressSettingsResolver;

class Upsert extends UpsertHandler {
	use HandlerRegistrationTrait;

	public function __construct() {
		self::registerHandler( 'tide_upsert', 'upsert', self::class, 'Tide Calendar', 'Creates or updates events', false, null, UpsertSettings::class, array( $this, 'tools' ) );
		TaxonomyHandler::addCustomHandler( 'tide_venue', array( $this, 'assign_venue' ) );
	}

	/** The older form: what was gathered so far comes first. */
	public function tools( $tools, $handler_slug, $handler_config, $engine_data ) {
		if ( 'tide_upsert' !== $handler_slug ) {
			return $tools;
		}
		$tools['upsert_event'] = array(
			'class'          => self::class,
			'method'         => 'handle_tool_call',
			'handler'        => 'tide_upsert',
			'description'    => 'Creates or updates the event.',
			'parameters'     => array_merge(
				array(
					'title'       => array( 'type' => 'string', 'required' => true, 'description' => 'Title' ),
					'description' => array( 'type' => 'string', 'required' => false, 'description' => 'Text' ),
				),
				TaxonomyHandler::getTaxonomyToolParameters( $handler_config, 'tide_event' )
			),
			'handler_config' => $handler_config,
		);
		return $tools;
	}

	public function assign_venue( $post_id, $parameters, $handler_config, $engine_data = array() ) {
		$venue = $engine_data['venue_data'] ?? array();
		if ( empty( $venue['name'] ) ) {
			return null;
		}
		$term = ResolveTermAbility::resolve( $venue['name'], 'tide_venue', true );
		MergeTermMetaAbility::merge( $term['term_id'], 'tide_venue', $venue, array( 'address' => '_tide_address' ), MergeTermMetaAbility::STRATEGY_FILL_EMPTY );
		wp_set_object_terms( $post_id, array( $term['term_id'] ), 'tide_venue' );
		return array( 'success' => true, 'taxonomy' => 'tide_venue', 'term_count' => 1, 'terms' => array( $term['name'] ) );
	}

	protected function executeUpsert( array $parameters, array $handler_config ): array {
		$engine = $parameters['engine'];
		$date   = $engine->get( 'event_date' );
		$index  = new PostIdentityIndex();
		$found  = 0;
		foreach ( $index->find_by_date( $date ) as $row ) {
			if ( SimilarityEngine::titlesMatch( $parameters['title'], get_the_title( (int) $row['post_id'] ) )->match ) {
				$found = (int) $row['post_id'];
			}
		}
		$post_id = wp_insert_post(
			array(
				'ID'           => $found,
				'post_type'    => 'tide_event',
				'post_title'   => $parameters['title'],
				'post_content' => $parameters['description'] ?? '',
				'post_status'  => WordPressSettingsResolver::getPostStatus( $handler_config, 'draft' ),
				'post_author'  => WordPressSettingsResolver::getPostAuthor( $handler_config ),
			),
			true
		);
		if ( is_wp_error( $post_id ) ) {
			return $this->errorResponse( $post_id->get_error_message(), array( 'title' => $parameters['title'] ) );
		}
		$index->upsert( $post_id, array( 'post_type' => 'tide_event', 'event_date' => $date, 'title_hash' => md5( SimilarityEngine::normalizeTitle( $parameters['title'] ) ), 'source_url' => $engine->getSourceUrl() ) );
		$terms = ( new TaxonomyHandler() )->processTaxonomies( $post_id, $parameters, $handler_config, $engine->all() );
		datamachine_merge_engine_data( (int) $parameters['job_id'], array( 'event_id' => $post_id ) );
		return array(
			'success'   => true,
			'data'      => array( 'post_id' => $post_id, 'action' => $found ? 'updated' : 'created', 'taxonomy_results' => $terms ),
			'tool_name' => 'upsert_event',
		);
	}
}
