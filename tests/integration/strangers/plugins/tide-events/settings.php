<?php
namespace TideEvents;

use DataMachine\Core\Steps\Fetch\Handlers\FetchHandlerSettings;
use DataMachine\Core\Steps\Settings\SettingsHandler;
use DataMachine\Core\WordPress\WordPressSettingsHandler;

class FetchSettings extends FetchHandlerSettings {
	public static function get_fields(): array {
		return array_merge(
			array(
				'city'   => array( 'type' => 'text', 'label' => 'City', 'description' => 'Where events are.', 'required' => true ),
				'radius' => array( 'type' => 'number', 'label' => 'Radius', 'description' => 'In kilometres.', 'default' => 50, 'min' => 1, 'max' => 500 ),
			),
			parent::get_common_fields()
		);
	}
}

class UpsertSettings extends SettingsHandler {
	public static function get_fields(): array {
		return array_merge(
			array( 'calendar' => array( 'type' => 'select', 'label' => 'Calendar', 'description' => 'Which one.', 'options' => array( 'main' => 'Main', 'fringe' => 'Fringe' ), 'default' => 'main' ) ),
			WordPressSettingsHandler::get_taxonomy_fields( array( 'post_type' => 'tide_event', 'field_suffix' => '_selection' ) ),
			WordPressSettingsHandler::get_standard_publish_fields( array( 'domain' => 'tide-events' ) )
		);
	}

	public static function sanitize( array $raw ): array {
		return array_merge( parent::sanitize( $raw ), WordPressSettingsHandler::sanitize_taxonomy_fields( $raw, array( 'post_type' => 'tide_event' ) ) );
	}
}
