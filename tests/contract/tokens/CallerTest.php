<?php
/**
 * What other sites say of themselves, and how long their chains may be.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Tests\Contract\Tokens;

use DataMachine\Core\Auth\CallerContext;
use PHPUnit\Framework\TestCase;

require_once __DIR__ . '/Vectors.php';
require_once dirname( __DIR__, 3 ) . '/wp-plugin/src/Facade/Classes/Core/Auth/CallerContext.php';
require_once __DIR__ . '/wordpress.php';

final class CallerTest extends TestCase {

	/** @dataProvider callers */
	public function test_callers( \stdClass $case ): void {
		$caller = CallerContext::fromRequest( (array) $case->headers );
		self::assertSame(
			array( $case->depth, $case->cross_site, $case->site, $case->agent ),
			array( $caller->chainDepth(), $caller->isCrossSite(), $caller->callerSite(), $caller->callerAgent() )
		);
		self::assertNotSame( '', $caller->chainId() );
	}

	/** @dataProvider callers */
	public function test_headers_have_no_case( \stdClass $case ): void {
		$caller = CallerContext::fromRequest( array_change_key_case( (array) $case->headers, CASE_UPPER ) );
		self::assertSame( array( $case->depth, $case->site ), array( $caller->chainDepth(), $caller->callerSite() ) );
	}

	/** @return array<string, array{0: \stdClass}> */
	public static function callers(): array {
		return Vectors::named( 'callers' );
	}

	public function test_ceilings_of_chains(): void {
		foreach ( Vectors::all()->chain_ceilings as list( $setting, $expected ) ) {
			self::assertSame( $expected, CallerContext::ceiling( $setting ), (string) json_encode( $setting ) );
		}
	}

	public function test_a_call_of_ours_is_one_hop_further_in_the_same_chain(): void {
		$inbound = CallerContext::fromRequest( array( 'X-Agents-Api-Chain-Root' => 'c1', 'X-Agents-Api-Chain-Depth' => '1' ) );
		$said    = CallerContext::forOutbound( 'b.example', 'bot', $inbound )->toOutboundHeaders();
		ksort( $said );
		self::assertSame(
			array(
				'X-Agents-Api-Caller-Agent'  => 'bot',
				'X-Agents-Api-Caller-Host'   => 'https://b.example',
				'X-Agents-Api-Chain-Depth'   => '2',
				'X-Agents-Api-Chain-Root'    => 'c1',
				'X-Datamachine-Caller-Agent' => 'bot',
				'X-Datamachine-Caller-Site'  => 'b.example',
				'X-Datamachine-Chain-Depth'  => '2',
				'X-Datamachine-Chain-Id'     => 'c1',
			),
			$said
		);
	}

	public function test_without_an_agent_a_later_version_is_told_nothing(): void {
		$said = CallerContext::forOutbound( 'b.example', '' )->toOutboundHeaders();
		self::assertSame( array( 'X-Datamachine-Caller-Site', 'X-Datamachine-Chain-Id', 'X-Datamachine-Chain-Depth' ), array_keys( $said ) );
	}
}
