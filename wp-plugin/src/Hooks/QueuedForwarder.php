<?php
/**
 * A hook whose work belongs to a worker: rings its doorbell and returns.
 *
 * Inside a unit of work the sidecar is asked first: what it does at once is not rung for.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Hooks;

use DataMachine\Bridge\Bridge\Client;
use DataMachine\Bridge\Queue\Doorbells;
use DataMachine\Bridge\Queue\Events;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class QueuedForwarder {

	public function __construct(
		private readonly string $hook,
		private readonly int $priority,
		private readonly bool $in_unit
	) {
	}

	public function __invoke( mixed ...$args ): void {
		try {
			// A worker fires its own doorbell's hook for WordPress's listeners; it does the work itself.
			if ( Events::firing( $this->hook ) ) {
				return;
			}
			if ( ! $this->in_unit || ! $this->taken( $args ) ) {
				Doorbells::ring( $this->hook, $args );
			}
		} catch ( \Throwable $error ) {
			Policy::report( $this->hook, 'doorbell not rung', $error );
		}
	}

	/** @param list<mixed> $args */
	private function taken( array $args ): bool {
		try {
			return true === Client::instance()->call(
				'hook.fire',
				array(
					'hook'     => $this->hook,
					'kind'     => 'action',
					'priority' => $this->priority,
					'mode'     => 'queued',
					'args'     => $args,
				)
			);
		} catch ( \Throwable $error ) {
			Policy::report( $this->hook, 'left to a worker', $error );
			return false;
		}
	}
}
