<?php
/**
 * Items that flows have taken in, for PHP code that knows Data Machine's repository.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\Database\ProcessedItems;

use DataMachine\Bridge\Facade\Items;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class ProcessedItems {

	public const TABLE_NAME = 'datamachine_processed_items';

	public function has_item_been_processed( string $flow_step_id, string $source_type, string $item_identifier ): bool {
		return Items::is_processed( $flow_step_id, $source_type, $item_identifier );
	}

	public function add_processed_item( string $flow_step_id, string $source_type, string $item_identifier, int $job_id ): bool {
		return true === Items::change( 'mark', $flow_step_id, $source_type, $item_identifier, $job_id );
	}
}
