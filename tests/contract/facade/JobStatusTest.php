<?php
/**
 * Statuses of jobs, as they are written and read.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Tests\Contract\Facade;

use DataMachine\Core\JobStatus;
use PHPUnit\Framework\TestCase;

require_once __DIR__ . '/wordpress.php';

final class JobStatusTest extends TestCase {

	public static function statuses(): array {
		return array(
			array( 'pending', 'pending', null, false, false, false ),
			array( 'completed', 'completed', null, true, true, false ),
			array( 'completed_no_items', 'completed_no_items', null, true, true, false ),
			array( 'agent_skipped - not relevant - at all', 'agent_skipped', 'not relevant - at all', true, true, false ),
			array( 'failed - a: b', 'failed', 'a: b', true, false, true ),
			array( 'failed: a - b', 'failed', 'a - b', true, false, true ),
			array( 'cancelled - flow_deleted', 'cancelled', 'flow_deleted', true, false, false ),
			array( 'waiting', 'waiting', null, false, false, false ),
			array( '', '', null, false, false, false ),
		);
	}

	/** @dataProvider statuses */
	public function test_a_status( string $text, string $base, ?string $reason, bool $final, bool $success, bool $failure ): void {
		$status = JobStatus::fromString( $text );
		self::assertSame( array( $base, $reason ), array( $status->getBaseStatus(), $status->getReason() ) );
		self::assertSame( array( $final, $success, $failure ), array( $status->isFinal(), $status->isSuccess(), $status->isFailure() ) );
		self::assertSame( array( $final, $success, $failure ), array( JobStatus::isStatusFinal( $text ), JobStatus::isStatusSuccess( $text ), JobStatus::isStatusFailure( $text ) ) );
	}

	public function test_what_is_made_is_read_again(): void {
		foreach ( array( JobStatus::failed( 'x' ), JobStatus::failed(), JobStatus::agentSkipped( 'y - z' ), JobStatus::completedNoItems() ) as $status ) {
			self::assertEquals( $status, JobStatus::fromString( (string) $status ) );
		}
	}
}
