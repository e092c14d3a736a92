<?php
/**
 * Puts the forwarders into WordPress's hooks: one for each hook, priority and mode.
 * 
 * A page that fires none of them pays for the add_filter() calls and nothing else.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Hooks;

use DataMachine\Bridge\Host\Params;
use DataMachine\Bridge\Host\Unit;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Forwarders {

	/** @var array<string, true> Live forwarders that stand already, by "hook priority". */
	private static array $live = array();

	/**
	 * @param list<array<string, mixed>> $entries   Entries of the manifest or of the generated core list.
	 * @param bool                       $companion True leaves out what belongs to the product: another one is active.
	 */
	public static function register( array $entries, bool $companion ): void {
		$in_unit = Unit::expected();
		foreach ( $entries as $entry ) {
			if ( $companion && ! empty( $entry['product'] ) ) {
				continue;
			}
			$mode = $entry['mode'];
			if ( 'queued' === $mode ) {
				self::queued( $entry, $in_unit );
			} elseif ( 'live' === $mode || ( $in_unit && ! empty( $entry['product'] ) ) ) {
				// A unit's outcome is awaited: the product's own durable work happens at once.
				self::live( $entry );
			} else {
				self::durable( $entry );
			}
		}
	}

	/** @param array<string, mixed> $entry */
	private static function live( array $entry ): void {
		$hook     = $entry['hook'];
		$priority = $entry['priority'];
		if ( 'live' === $entry['mode'] ) {
			self::$live[ "$hook $priority" ] = true;
		}
		$policy = new Policy( $hook, $priority, $entry['on_failure'], $entry['denied'] ?? null );
		add_filter(
			$hook,
			new LiveForwarder( $hook, $entry['kind'], $priority, $policy, $entry['timeout'] ?? null, $entry['mode'] ),
			$priority,
			$entry['args'] ?? PHP_INT_MAX
		);
	}

	/** @param array<string, mixed> $entry */
	private static function queued( array $entry, bool $in_unit ): void {
		add_action(
			$entry['hook'],
			new QueuedForwarder( $entry['hook'], $entry['priority'], $in_unit ),
			$entry['priority'],
			$entry['args'] ?? PHP_INT_MAX
		);
	}

	/** @param array<string, mixed> $entry */
	private static function durable( array $entry ): void {
		$hook     = $entry['hook'];
		$priority = $entry['priority'];
		add_action(
			$hook,
			static function ( mixed ...$args ) use ( $hook, $priority ): void {
				Outbox::record( $hook, $priority, 'durable', $args );
			},
			$priority,
			$entry['args'] ?? PHP_INT_MAX
		);
	}

	/**
	 * Host operation `hook.forward`: a Python callback subscribed while this request runs.
	 *
	 * `{hook, priority, kind, on_failure, denied?, timeout?}`; WordPress decides, as for any add_filter(), whether a run
	 * of the hook that is under way still sees it.
	 *
	 * @param array<string, mixed> $params
	 */
	public static function forward( array $params ): bool {
		$hook     = Params::text( $params, 'hook' );
		$priority = (int) ( $params['priority'] ?? 10 );
		if ( isset( self::$live[ "$hook $priority" ] ) ) {
			return false;
		}
		self::live(
			array(
				'hook'       => $hook,
				'priority'   => $priority,
				'mode'       => 'live',
				'kind'       => 'action' === ( $params['kind'] ?? 'filter' ) ? 'action' : 'filter',
				'on_failure' => (string) ( $params['on_failure'] ?? 'pass' ),
				'denied'     => $params['denied'] ?? null,
				'timeout'    => isset( $params['timeout'] ) ? (float) $params['timeout'] : null,
			)
		);
		return true;
	}

	/**
	 * Host operation `hook.did`: how often a hook has fired in this process.
	 *
	 * @param array<string, mixed> $params
	 */
	public static function did( array $params ): int {
		$hook = Params::text( $params, 'hook' );
		return 'filter' === ( $params['kind'] ?? 'action' ) ? did_filter( $hook ) : did_action( $hook );
	}

	/**
	 * Host operation `hook.doing`: whether a hook runs now, at any depth; without a name, whether any does.
	 *
	 * @param array<string, mixed> $params
	 */
	public static function doing( array $params ): bool {
		return doing_filter( isset( $params['hook'] ) ? Params::text( $params, 'hook' ) : null );
	}
}
