<?php
/**
 * What the settings class of a publish handler extends.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\Steps\Publish\Handlers;

use DataMachine\Core\Steps\Settings\SettingsHandler;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

abstract class PublishHandlerSettings extends SettingsHandler {

	/** @return array<string, array<string, mixed>> What every publish handler can be told. */
	public static function get_common_fields(): array {
		return array(
			'link_handling'       => array(
				'type'        => 'select',
				'label'       => __( 'Source URL Handling', 'data-machine' ),
				'description' => __( 'Whether the address of the source stands below the content.', 'data-machine' ),
				'options'     => array(
					'none'   => __( 'Leave out', 'data-machine' ),
					'append' => __( 'Append to content', 'data-machine' ),
				),
				'default'     => 'append',
			),
			'include_images'      => array(
				'type'        => 'checkbox',
				'label'       => __( 'Include Images', 'data-machine' ),
				'description' => __( 'Publish the image that came with the item.', 'data-machine' ),
				'default'     => false,
			),
			'dedup_enabled'       => array(
				'type'        => 'checkbox',
				'label'       => __( 'Skip Duplicates', 'data-machine' ),
				'description' => __( 'Publish nothing that was published before.', 'data-machine' ),
				'default'     => true,
			),
			'dedup_lookback_days' => array(
				'type'        => 'number',
				'label'       => __( 'Duplicate Lookback (days)', 'data-machine' ),
				'description' => __( 'How far back duplicates are looked for.', 'data-machine' ),
				'default'     => 14,
				'min'         => 1,
				'max'         => 90,
			),
		);
	}
}
