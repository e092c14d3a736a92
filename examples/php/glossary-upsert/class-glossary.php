<?php
/**
 * Creates the entry of a word, or changes the one that is there.
 *
 * @package GlossaryUpsert
 */

declare(strict_types=1);

namespace GlossaryUpsert;

use DataMachine\Core\Steps\HandlerRegistrationTrait;
use DataMachine\Core\Steps\Upsert\Handlers\UpsertHandler;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Glossary extends UpsertHandler {

	use HandlerRegistrationTrait;

	public function __construct() {
		self::registerHandler(
			'glossary_upsert',
			'upsert',
			self::class,
			__( 'Glossary', 'glossary-upsert' ),
			__( 'Keeps the entries of a glossary', 'glossary-upsert' ),
			false,
			null,
			null,
			static fn ( string $slug, array $handler_config, array $engine_data ): array => array(
				'glossary_upsert' => array(
					'class'          => self::class,
					'method'         => 'handle_tool_call',
					'handler'        => $slug,
					'description'    => __( 'Writes the entry of one word.', 'glossary-upsert' ),
					'parameters'     => array(
						'word'       => array(
							'type'        => 'string',
							'required'    => true,
							'description' => __( 'The word.', 'glossary-upsert' ),
						),
						'definition' => array(
							'type'        => 'string',
							'required'    => true,
							'description' => __( 'What it means, in a sentence or two.', 'glossary-upsert' ),
						),
					),
					'handler_config' => $handler_config,
				),
			)
		);
	}

	protected function executeUpsert( array $parameters, array $handler_config ): array {
		$word  = sanitize_text_field( (string) $parameters['word'] );
		$slug  = sanitize_title( $word );
		$known = get_page_by_path( $slug, OBJECT, 'glossary_entry' );
		$entry = array(
			'post_type'    => 'glossary_entry',
			'post_title'   => $word,
			'post_name'    => $slug,
			'post_content' => wp_kses_post( (string) $parameters['definition'] ),
			'post_status'  => 'publish',
		);
		if ( null !== $known && $known->post_content === $entry['post_content'] ) {
			return $this->answer( $known->ID, 'no_change' );
		}
		$saved = null === $known ? wp_insert_post( $entry, true ) : wp_update_post( array( 'ID' => $known->ID ) + $entry, true );
		if ( is_wp_error( $saved ) ) {
			return $this->errorResponse( $saved->get_error_message(), array( 'word' => $word ) );
		}
		return $this->answer( $saved, null === $known ? 'created' : 'updated' );
	}

	private function answer( int $post_id, string $action ): array {
		return array(
			'success'   => true,
			'data'      => array(
				'post_id'  => $post_id,
				'post_url' => get_permalink( $post_id ),
				'action'   => $action,
			),
			'tool_name' => 'glossary_upsert',
		);
	}
}
