<?php
/**
 * Tools as they are offered, checked and found again, and the modes of agents.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Tests\Contract\Facade;

use DataMachine\Bridge\Facade\HandlerTools;
use DataMachine\Engine\AI\Tools\Execution\ToolExecutionCore;
use DataMachine\Engine\AI\Tools\ToolResultFinder;
use PHPUnit\Framework\TestCase;

require_once __DIR__ . '/wordpress.php';

final class ToolsTest extends TestCase {

	public function test_callbacks_of_either_form_offer_the_same(): void {
		$offer = static fn ( ...$given ): array => array( 'tool' => array( 'class' => 'X', 'given' => $given ) ); // phpcs:ignore
		$tools = array(
			'new'   => array( '_handler_callable' => static fn ( $slug, $config, $engine_data ) => $offer( $slug, $config, $engine_data ) ),
			'old'   => array( '_handler_callable' => static fn ( $tools, $slug, $config, $engine_data ) => $offer( $slug, $config, $engine_data ) ),
			'named' => array( '_handler_callable' => static fn ( $all_tools, $slug ) => $offer( $slug, array( 'a' => 1 ), array() ) ),
			'plain' => array( 'class' => 'Y' ),
			'odd'   => 'not a tool',
		);
		$found = HandlerTools::unify( $tools );
		self::assertSame( array( $tools['plain'], 'not a tool' ), array( $found['plain'], $found['odd'] ) );
		foreach ( array( 'new', 'old', 'named' ) as $name ) {
			$tool = HandlerTools::of( $found[ $name ], 'rss', array( 'a' => 1 ), array() )['tool'];
			self::assertSame( array( 'rss', array( 'a' => 1 ), array() ), $tool['given'] );
			self::assertSame( array( 'rss', array( 'pipeline' ), 'admin' ), array( $tool['handler'], $tool['modes'], $tool['access_level'] ) );
		}
		self::assertNull( HandlerTools::unify( null ) );
	}

	public function test_a_tool_keeps_what_it_says_itself(): void {
		$wrapper = array(
			'_handler_callable' => static fn (): array => array(
				'mine' => array(
					'handler' => 'other',
					'ability' => 'a/b',
				),
				'none' => 'no definition',
			),
			'access_level'      => 'public',
		);
		$found   = HandlerTools::of( $wrapper, 'rss', array(), array() );
		self::assertSame( array( 'mine' ), array_keys( $found ) );
		self::assertSame( 'other', $found['mine']['handler'] );
		self::assertArrayNotHasKey( 'access_level', $found['mine'] );
	}

	public function test_required_parameters(): void {
		$tool = array( 'parameters' => array( 'a' => array( 'required' => true ), 'b' => array( 'required' => true ), 'c' => array(), 'type' => 'object' ) ); // phpcs:ignore
		self::assertSame( array( 'valid' => false, 'required' => array( 'a', 'b' ), 'missing' => array( 'b' ) ), ToolExecutionCore::validateRequiredParameters( array( 'a' => 0, 'b' => '' ), $tool ) ); // phpcs:ignore
		self::assertTrue( ToolExecutionCore::validateRequiredParameters( array(), array( 'parameters' => 'none' ) )['valid'] );
	}

	public function test_results_are_found_by_handler(): void {
		$packet  = static fn ( string $type, string $handler, bool $success = true ): array => array( 'type' => $type, 'metadata' => array( 'handler_tool' => $handler, 'tool_success' => $success ) ); // phpcs:ignore
		$packets = array( $packet( 'tool_result', 'a', false ), $packet( 'fetch', 'a' ), $packet( 'tool_result', 'a' ), $packet( 'ai_handler_complete', 'b', false ), 'odd' );
		self::assertSame( $packets[2], ToolResultFinder::findHandlerResult( $packets, 'a', 's' ) );
		self::assertNull( ToolResultFinder::findHandlerResult( $packets, 'c', 's', false ) );
		self::assertSame( array( $packets[3], $packets[2] ), ToolResultFinder::findAllHandlerResults( $packets, array( 'b', 'a' ), 's' ) );
	}
}
