<?php
/**
 * The value objects of memory.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Tests\Contract\AgentsApi;

use AgentsAPI\Core\FilesRepository\AgentMemoryListEntry;
use AgentsAPI\Core\FilesRepository\AgentMemoryReadResult;
use AgentsAPI\Core\FilesRepository\AgentMemoryScope;
use AgentsAPI\Core\FilesRepository\AgentMemoryWriteResult;

require_once __DIR__ . '/ContractCase.php';

final class MemoryContractsTest extends ContractCase {

	public function test_a_scope_is_its_address_and_checks_nothing(): void {
		self::assertSame( 'agent:7:42:daily/2026/04/17.md', ( new AgentMemoryScope( 'agent', 7, 42, 'daily/2026/04/17.md' ) )->key() );
		self::assertSame( ' odd :-1:0:', ( new AgentMemoryScope( ' odd ', -1, 0, '' ) )->key() );
	}

	public function test_sentinels(): void {
		self::assertEquals( new AgentMemoryReadResult( false, '', '', 0, null ), AgentMemoryReadResult::not_found() );
		self::assertEquals( new AgentMemoryWriteResult( true, 'h', 3, null ), AgentMemoryWriteResult::ok( 'h', 3 ) );
		self::assertEquals( new AgentMemoryWriteResult( false, '', 0, 'conflict' ), AgentMemoryWriteResult::failure( 'conflict' ) );
	}

	public function test_values_cannot_be_changed(): void {
		$entry = new AgentMemoryListEntry( 'a.md', 'agent', 1, null );
		$this->refused(
			static function () use ( $entry ): void {
				$entry->bytes = 2;
			},
			\Error::class
		);
	}
}
