<?php
/**
 * What a plugin says about schedules, and what it asks.
 *
 * @package Tests
 */

add_filter(
	'datamachine_scheduler_intervals',
	static function ( $intervals ) {
		$intervals['d_fortnightly'] = array(
			'label'   => 'Fortnightly',
			'seconds' => 1209600,
		);
		return $intervals;
	}
);
