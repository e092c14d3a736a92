<?php
/**
 * An action as listeners of Action Scheduler's hooks and callers of as_get_scheduled_actions() read it, where the
 * library's own class is absent.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Queue;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Action {

	/** @param array<string, mixed> $row A row of the actions table with its group's `slug`. */
	public function __construct( private readonly array $row ) {
	}

	public function get_hook(): string {
		return (string) $this->row['hook'];
	}

	/** @return array<array-key, mixed> */
	public function get_args(): array {
		return (array) json_decode( (string) ( $this->row['extended_args'] ?? $this->row['args'] ?? '[]' ), true );
	}

	public function get_group(): string {
		return (string) ( $this->row['slug'] ?? '' );
	}

	public function get_priority(): int {
		return (int) $this->row['priority'];
	}

	/** When it is due. */
	public function get_date(): \DateTimeImmutable {
		return new \DateTimeImmutable( (string) $this->row['scheduled_date_gmt'], new \DateTimeZone( 'UTC' ) );
	}

	public function get_status(): string {
		return (string) $this->row['status'];
	}

	/** Without a time of its own: due at once. */
	public function is_async(): bool {
		return str_contains( (string) $this->row['schedule'], 'ActionScheduler_NullSchedule' );
	}

	/** @return array<string, mixed> */
	public function to_array(): array {
		return array(
			'hook'     => $this->get_hook(),
			'args'     => $this->get_args(),
			'group'    => $this->get_group(),
			'priority' => $this->get_priority(),
			'status'   => $this->get_status(),
			'date'     => $this->get_date(),
		);
	}

	public function is_finished(): bool {
		return in_array( $this->row['status'], array( 'complete', 'failed', 'canceled' ), true );
	}
}
