<?php
/**
 * Must-use plugin: a strategy that calls what mentions lemons a duplicate, and filters over what steps show.
 */

declare(strict_types=1);

add_filter(
	'datamachine_duplicate_strategies',
	static function ( array $strategies, string $post_type ): array {
		$strategies[] = array(
			'id'        => 'citrus',
			'post_type' => $post_type,
			'priority'  => 5,
			'callback'  => static function ( array $input ): ?array {
				if ( ! str_contains( $input['title'], 'lemon' ) || empty( $input['flow_id'] ) ) {
					return null;
				}
				return array(
					'verdict'  => 'duplicate',
					'source'   => 'orchard',
					'match'    => array( 'tree' => 7 ),
					'reason'   => 'There are lemons.',
					'strategy' => 'citrus',
				);
			},
		);
		return $strategies;
	},
	10,
	2
);
add_filter(
	'datamachine_get_handler_settings_display',
	static function ( array $display, string $step_id, string $step_type ): array {
		return 'fetch' === $step_type && $display
			? array_merge( $display, array( array( 'key' => 'seen', 'label' => 'Seen', 'value' => 1, 'display_value' => 'yes' ) ) )
			: $display;
	},
	10,
	3
);
