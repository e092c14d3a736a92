<?php
/**
 * What the settings class of a fetch handler extends.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\Steps\Fetch\Handlers;

use DataMachine\Bridge\Facade\FetchRules;
use DataMachine\Core\Steps\Settings\SettingsHandler;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

abstract class FetchHandlerSettings extends SettingsHandler {

	/** @return array<string, array<string, mixed>> What every fetch handler can be told. */
	public static function get_common_fields(): array {
		return array(
			'timeframe_limit'  => array(
				'type'        => 'select',
				'label'       => __( 'Process Items Within', 'data-machine' ),
				'description' => __( 'Only items from this period are taken in.', 'data-machine' ),
				'options'     => FetchRules::timeframes(),
			),
			'search'           => array(
				'type'        => 'text',
				'label'       => __( 'Include Keywords', 'data-machine' ),
				'description' => __( 'Only items with one of these words, separated by commas.', 'data-machine' ),
			),
			'exclude_keywords' => array(
				'type'        => 'text',
				'label'       => __( 'Exclude Keywords', 'data-machine' ),
				'description' => __( 'No items with one of these words, separated by commas.', 'data-machine' ),
			),
			'max_items'        => array(
				'type'        => 'number',
				'label'       => __( 'Max Items Per Run', 'data-machine' ),
				'description' => __( 'How many items one run takes in; 0 for all.', 'data-machine' ),
				'default'     => 1,
				'min'         => 0,
				'max'         => 100,
			),
		);
	}
}
