<?php
/**
 * What adopting a package would change.
 *
 * @package AgentsAPI
 */

declare(strict_types=1);

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class WP_Agent_Package_Adoption_Diff {

	private const STATUSES = array( 'clean', 'needs-adoption', 'needs-update', 'blocked' );

	private string $status;
	private array $changes;
	private array $warnings;

	/**
	 * @param array[]  $changes  What is not an array is dropped.
	 * @param string[] $warnings Trimmed; empty and repeated ones are dropped.
	 * @throws InvalidArgumentException When the status is none of clean, needs-adoption, needs-update, blocked.
	 */
	public function __construct( string $status, array $changes = array(), array $warnings = array() ) {
		$this->status = sanitize_title( $status );
		if ( ! in_array( $this->status, self::STATUSES, true ) ) {
			throw new InvalidArgumentException( 'Agent package adoption diff status is invalid.' );
		}
		$this->changes  = array_values( array_filter( $changes, 'is_array' ) );
		$this->warnings = array_values( array_unique( WP_Agent_Package_Adoption_Result::texts( $warnings ) ) );
	}

	public function get_status(): string {
		return $this->status;
	}

	/** @return array[] */
	public function get_changes(): array {
		return $this->changes;
	}

	/** @return string[] */
	public function get_warnings(): array {
		return $this->warnings;
	}

	public function to_array(): array {
		return array(
			'status'   => $this->status,
			'changes'  => $this->changes,
			'warnings' => $this->warnings,
		);
	}
}
