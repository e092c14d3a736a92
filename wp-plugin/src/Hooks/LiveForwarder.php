<?php
/**
 * One forwarder: stands in WordPress's hook where Python subscribed, and hands the hook over by value.
 * 
 * By value, because a forwarder that took references would make PHP warn on every ordinary apply_filters().
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Hooks;

use DataMachine\Bridge\Bridge\Client;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class LiveForwarder {

	/** @var array<string, mixed> */
	private array $params;

	public function __construct(
		string $hook,
		private readonly string $kind,
		int $priority,
		private readonly Policy $policy,
		private readonly ?float $budget = null,
		?string $mode = null
	) {
		$this->params = array(
			'hook'     => $hook,
			'kind'     => $kind,
			'priority' => $priority,
			'args'     => array(),
		);
		if ( null !== $mode ) {
			$this->params['mode'] = $mode;
		}
	}

	/** @return mixed A filter's value; the very value that came in when Python did not change it. */
	public function __invoke( mixed ...$args ): mixed {
		$params         = $this->params;
		$params['args'] = $args;
		try {
			return Client::instance()->call( 'hook.fire', $params, $this->budget );
		} catch ( \Throwable $error ) {
			return $this->policy->answer( $args, $error );
		}
	}
}
