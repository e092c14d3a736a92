<?php
/**
 * Daily memory of one agent in files of its own layer: `daily/YYYY/MM/DD.md`, wherever `agents_api_memory_store` keeps those.
 *
 * Days are read and listed here. Changes and searches run in the sidecar, which has the rules.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\FilesRepository;

use AgentsAPI\Core\FilesRepository\AgentMemoryScope;
use DataMachine\Bridge\Bridge\BridgeException;
use DataMachine\Bridge\Bridge\Client;
use DataMachine\Bridge\Bridge\RemoteError;
use DataMachine\Bridge\Memory\Layout;
use DataMachine\Bridge\Memory\StoreProxy;
use DataMachine\Engine\AI\MemoryFileRegistry;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class DailyMemory implements DailyMemoryStorage {

	private const FOLDER = 'daily';

	private int $user_id;

	public function __construct( int $user_id = 0, private int $agent_id = 0 ) {
		$this->user_id = ( new DirectoryManager() )->get_effective_user_id( $user_id );
	}

	/** The folder on disk, whichever store keeps the days. */
	public function get_base_path(): string {
		return Layout::layer( new AgentMemoryScope( MemoryFileRegistry::LAYER_AGENT, $this->user_id, $this->agent_id, '' ) ) . '/' . self::FOLDER;
	}

	public function get_file_path( string $year, string $month, string $day ): string {
		return "{$this->get_base_path()}/$year/$month/$day.md";
	}

	public function get_today_path(): string {
		return $this->get_file_path( gmdate( 'Y' ), gmdate( 'm' ), gmdate( 'd' ) );
	}

	public function exists( string $year, string $month, string $day ): bool {
		return null !== self::parse_date( "$year-$month-$day" ) && $this->file( $year, $month, $day )->exists();
	}

	public function read( string $year, string $month, string $day ): array {
		$date  = "$year-$month-$day";
		$found = null === self::parse_date( $date ) ? null : $this->file( $year, $month, $day )->read();
		if ( null === $found || ! $found->exists ) {
			return array(
				'success' => false,
				'message' => "No daily memory for $date.",
			);
		}
		return array(
			'success' => true,
			'date'    => $date,
			'content' => $found->content,
		);
	}

	public function write( string $year, string $month, string $day, string $content ): array {
		return $this->remote( 'write', "$year-$month-$day", $content );
	}

	public function append( string $year, string $month, string $day, string $content ): array {
		return $this->remote( 'append', "$year-$month-$day", $content );
	}

	public function delete( string $year, string $month, string $day ): array {
		return $this->remote( 'delete', "$year-$month-$day" );
	}

	public function list_all(): array {
		$months = array();
		foreach ( AgentMemory::list_subtree( MemoryFileRegistry::LAYER_AGENT, $this->user_id, $this->agent_id, self::FOLDER ) as $entry ) {
			if ( 1 === preg_match( '#\Adaily/(\d{4})/(\d{2})/(\d{2})\.md\z#', $entry->filename, $at ) && checkdate( (int) $at[2], (int) $at[3], (int) $at[1] ) ) {
				$months[ "{$at[1]}/{$at[2]}" ][] = $at[3];
			}
		}
		krsort( $months );
		return array(
			'success' => true,
			'months'  => array_map(
				static function ( array $days ): array {
					sort( $days );
					return $days;
				},
				$months
			),
		);
	}

	/** @return array{success: bool, months: list<string>} Newest first. */
	public function list_months(): array {
		return array(
			'success' => true,
			'months'  => array_keys( $this->list_all()['months'] ),
		);
	}

	public function search( string $query, ?string $from = null, ?string $to = null, int $context_lines = 2 ): array {
		return $this->remote( 'search', $query, $from, $to, $context_lines ) + array(
			'matches'     => array(),
			'match_count' => 0,
		);
	}

	/** @return array{year: string, month: string, day: string}|null Null for what is no day of the calendar. */
	public static function parse_date( string $date ): ?array {
		if ( 1 !== preg_match( '/\A(\d{4})-(\d{2})-(\d{2})\z/', $date, $at ) || ! checkdate( (int) $at[2], (int) $at[3], (int) $at[1] ) ) {
			return null;
		}
		return array(
			'year'  => $at[1],
			'month' => $at[2],
			'day'   => $at[3],
		);
	}

	private function file( string $year, string $month, string $day ): AgentMemory {
		return new AgentMemory( $this->user_id, $this->agent_id, self::FOLDER . "/$year/$month/$day.md", MemoryFileRegistry::LAYER_AGENT );
	}

	/** @return array<string, mixed> */
	private function remote( string $method, mixed ...$args ): array {
		try {
			$answer = Client::instance()->call(
				'memory.daily',
				array(
					'method'   => $method,
					'args'     => array_map( static fn ( mixed $argument ): mixed => is_string( $argument ) ? StoreProxy::pieces( $argument ) : $argument, $args ),
					'user_id'  => $this->user_id,
					'agent_id' => $this->agent_id,
				),
				'search' === $method ? null : StoreProxy::CHANGE
			);
			if ( is_array( $answer ) ) {
				return $answer;
			}
			$message = 'The sidecar gave no answer that means anything.';
		} catch ( RemoteError $error ) {
			$message = $error->getMessage();
		} catch ( BridgeException $error ) {
			$message = 'The Data Machine sidecar does not answer.';
		}
		return array(
			'success' => false,
			'message' => $message,
		);
	}
}
