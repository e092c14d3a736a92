<?php
/**
 * Queues of a flow step, for steps written in PHP.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\Steps;

use DataMachine\Bridge\Facade\Rows;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/**
 * For subclasses of {@see Step}. An entry is `{value, added_at, from_queue, mode}`; `value` is null when the queue is empty.
 * A step that begins again after its worker died takes the same entry again.
 */
trait QueueableTrait {

	/** @return array{value: ?string, added_at: string, from_queue: bool, mode: string} */
	protected function consumeFromPromptQueue( string $queue_mode ): array {
		return $this->consume_from_queue( 'prompt_queue', $queue_mode );
	}

	/** @return array{value: ?array<string, mixed>, added_at: string, from_queue: bool, mode: string} */
	protected function consumeFromConfigPatchQueue( string $queue_mode ): array {
		return $this->consume_from_queue( 'config_patch_queue', $queue_mode );
	}

	/**
	 * Maps merge deeply, lists append, anything else overwrites; JSON text is merged into and stays text.
	 *
	 * @param array<string, mixed> $config
	 * @param array<string, mixed> $patch
	 * @return array<string, mixed>
	 */
	protected function mergeQueuedConfigPatch( array $config, array $patch ): array {
		foreach ( $patch as $key => $value ) {
			$old  = $config[ $key ] ?? null;
			$text = is_string( $old ) && is_array( $value ) ? json_decode( $old, true ) : null;
			if ( is_array( $text ) ) {
				$config[ $key ] = wp_json_encode( $this->mergeQueuedConfigPatch( $text, $value ) );
			} elseif ( ! is_array( $old ) || ! is_array( $value ) ) {
				$config[ $key ] = $value;
			} elseif ( array_is_list( $old ) && array_is_list( $value ) ) {
				$config[ $key ] = array_merge( $old, $value );
			} else {
				$config[ $key ] = $this->mergeQueuedConfigPatch( $old, $value );
			}
		}
		return $config;
	}

	/** @return array{value: mixed, added_at: string, from_queue: bool, mode: string} */
	private function consume_from_queue( string $slot, string $mode ): array {
		$taken = Rows::write(
			'engine.queue',
			array(
				'flow_id' => (int) ( $this->flow_step_config['flow_id'] ?? 0 ),
				'step'    => $this->flow_step_config,
				'slot'    => $slot,
				'mode'    => $mode,
			)
		);
		return is_array( $taken ) ? $taken : array(
			'value'      => null,
			'added_at'   => '',
			'from_queue' => false,
			'mode'       => $mode,
		);
	}
}
