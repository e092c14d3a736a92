<?php
/**
 * Where the days of an agent's daily memory are kept. A plugin's own comes from `datamachine_daily_memory_storage`.
 *
 * Every method answers an array with `success`; a failure has `message`.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\FilesRepository;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

interface DailyMemoryStorage {

	/** @return array{success: bool, date?: string, content?: string, message?: string} */
	public function read( string $year, string $month, string $day ): array;

	/** @return array{success: bool, message: string} */
	public function write( string $year, string $month, string $day, string $content ): array;

	/** @return array{success: bool, message: string} */
	public function append( string $year, string $month, string $day, string $content ): array;

	/** @return array{success: bool, message: string} */
	public function delete( string $year, string $month, string $day ): array;

	/** @return array{success: bool, months: array<string, list<string>>} */
	public function list_all(): array;

	/** @return array{success: bool, query: string, matches: list<array{date: string, line: int, content: string, context: string}>, match_count: int} */
	public function search( string $query, ?string $from = null, ?string $to = null, int $context_lines = 2 ): array;
}
