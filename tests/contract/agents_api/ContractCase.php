<?php
/**
 * A fresh WordPress request, in plain PHP, for every test.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Tests\Contract\AgentsApi;

use PHPUnit\Framework\TestCase;

require_once __DIR__ . '/wordpress.php';

abstract class ContractCase extends TestCase {

	protected function setUp(): void {
		$GLOBALS['contract_hooks']   = array();
		$GLOBALS['contract_did']     = array();
		$GLOBALS['contract_doing']   = array();
		$GLOBALS['contract_notices'] = array();
		\WP_Agents_Registry::reset_for_tests();
		\WP_Agent_Package_Artifacts_Registry::reset_for_tests();
		\add_action( 'init', array( 'WP_Agents_Registry', 'init' ), 10, 0 );
	}

	/** Runs `init` with one callback inside the window of agents. */
	protected function in_window( callable $callback ): void {
		\add_action( 'wp_agents_api_init', $callback );
		\do_action( 'init' );
	}

	/** @return string[] `function|version` of every notice so far. */
	protected function notices(): array {
		return array_map( static fn ( array $notice ): string => "$notice[0]|$notice[2]", $GLOBALS['contract_notices'] );
	}

	protected function message( int $index = 0 ): string {
		return $GLOBALS['contract_notices'][ $index ][1];
	}

	/** Runs the callback and gives the message of the exception it must end with. */
	protected function refused( callable $callback, string $with = \InvalidArgumentException::class ): string {
		try {
			$callback();
		} catch ( \Throwable $e ) {
			self::assertInstanceOf( $with, $e );
			return $e->getMessage();
		}
		self::fail( "Nothing was thrown, expected $with." );
	}
}
