<?php
/**
 * Must-use plugin of the catalogue's test: writes down which hooks fire, with the kinds of their arguments.
 *
 * Names are in wp-content/walk.json; what was heard is in wp-content/walk.jsonl, each way to fire once a process.
 */

declare(strict_types=1);

( static function (): void {
	$heard = array();
	$file  = WP_CONTENT_DIR . '/walk.jsonl';
	foreach ( json_decode( (string) file_get_contents( WP_CONTENT_DIR . '/walk.json' ), true ) as $hook ) {
		add_filter(
			$hook,
			static function ( ...$args ) use ( $hook, $file, &$heard ) {
				$kinds = array_map( 'get_debug_type', $args );
				$line  = wp_json_encode( array( $hook, $kinds ) ) . "\n";
				if ( ! isset( $heard[ $line ] ) ) {
					$heard[ $line ] = true;
					file_put_contents( $file, $line, FILE_APPEND );
				}
				return $args[0] ?? null;
			},
			PHP_INT_MIN,
			99
		);
	}
} )();

/** What a plugin registers with the product's own traits. */
add_action(
	'plugins_loaded',
	static function (): void {
		if ( ! trait_exists( DataMachine\Core\Steps\StepTypeRegistrationTrait::class ) ) {
			return;
		}
		( new class() {
			use DataMachine\Core\Steps\StepTypeRegistrationTrait;
			use DataMachine\Core\Steps\HandlerRegistrationTrait;

			public static function get_fields(): array {
				return array( 'depth' => array( 'type' => 'number', 'label' => 'Depth' ) );
			}

			public function register(): void {
				self::registerStepType( 'walk', 'Walk', 'Goes.', self::class, stepSettings: array( 'label' => 'Walk' ) );
				self::registerHandler( 'walker', 'fetch', self::class, 'Walker', 'Walks.', settingsClass: self::class );
			}
		} )->register();
	},
	20
);
