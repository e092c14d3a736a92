<?php
/**
 * Plugin Name: Listens to memory (tests)
 *
 * Keeps the daily memory of agents named `…-elsewhere` in an option, owns a section of a bundle, has a kind of pending
 * action, and takes an upload for the ability.
 */

use DataMachine\Core\FilesRepository\DailyMemoryStorage;

add_filter(
	'datamachine_daily_memory_storage',
	static function ( $storage, $user_id, $agent_id ) {
		global $wpdb;
		$slug = (string) $wpdb->get_var( $wpdb->prepare( "SELECT agent_slug FROM {$wpdb->base_prefix}datamachine_agents WHERE agent_id = %d", $agent_id ) );
		if ( ! str_ends_with( $slug, '-elsewhere' ) ) {
			return $storage;
		}
		return new class() implements DailyMemoryStorage {
			private function days(): array {
				return (array) get_option( 'mem_days', array() );
			}

			private function keep( string $day, ?string $text, string $said ): array {
				$days         = $this->days();
				$days[ $day ] = $text;
				update_option( 'mem_days', array_filter( $days, 'is_string' ) );
				return array( 'success' => true, 'message' => $said );
			}

			public function read( string $year, string $month, string $day ): array {
				$text = $this->days()[ "$year-$month-$day" ] ?? null;
				return null === $text ? array( 'success' => false, 'message' => 'Nothing in the option.' ) : array( 'success' => true, 'date' => "$year-$month-$day", 'content' => $text );
			}

			public function write( string $year, string $month, string $day, string $content ): array {
				return $this->keep( "$year-$month-$day", $content, 'Kept in the option.' );
			}

			public function append( string $year, string $month, string $day, string $content ): array {
				return $this->keep( "$year-$month-$day", ( $this->days()[ "$year-$month-$day" ] ?? '' ) . $content, 'Added in the option.' );
			}

			public function delete( string $year, string $month, string $day ): array {
				return $this->keep( "$year-$month-$day", null, 'Gone from the option.' );
			}

			public function list_all(): array {
				$months = array();
				foreach ( array_keys( $this->days() ) as $day ) {
					$months[ strtr( substr( $day, 0, 7 ), '-', '/' ) ][] = substr( $day, 8 );
				}
				return array( 'success' => true, 'months' => $months );
			}

			public function search( string $query, ?string $from = null, ?string $to = null, int $context_lines = 2 ): array {
				return array( 'success' => true, 'matches' => array( array( 'date' => '2026-01-01', 'line' => 1, 'content' => $query, 'context' => $query ) ), 'match_count' => 1 );
			}
		};
	},
	10,
	3
);

add_filter(
	'datamachine_memory_section_artifact',
	static fn ( $artifact, $context ) => 'Shipped' === $context['section'] ? array( 'owner' => 'bundle', 'bundle_slug' => 'b' ) : $artifact,
	10,
	2
);

add_filter(
	'datamachine_pending_action_handlers',
	static fn ( array $handlers ): array => $handlers + array(
		'mem_note' => array(
			'apply'       => static function ( array $input, array $payload ): array {
				update_option( 'mem_note', $input['note'] . ' by ' . $payload['created_by'] );
				return array( 'noted' => true );
			},
			'can_resolve' => static fn ( array $payload, string $decision, int $user_id ) => $user_id === $payload['created_by'] ? true : new WP_Error( 'no', 'Only whoever asked.' ),
		),
	)
);

foreach ( array( 'staged', 'resolved' ) as $event ) {
	add_action( "datamachine_pending_action_$event", static fn ( ...$args ) => update_option( "mem_$event", $args ), 10, 5 );
}

add_action(
	'rest_api_init',
	static fn () => register_rest_route(
		'mem/v1',
		'/upload',
		array(
			'methods'             => 'POST',
			'permission_callback' => '__return_true',
			'callback'            => static function ( WP_REST_Request $request ) {
				wp_set_current_user( 1 );
				$file = $request->get_file_params()['file'];
				if ( null !== $request['path'] ) {
					$file['tmp_name'] = (string) $request['path'];
				}
				return wp_get_ability( 'datamachine/upload-agent-file' )->execute( array( 'agent_id' => (int) $request['agent'], 'file_data' => $file ) );
			},
		)
	)
);
