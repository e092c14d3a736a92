<?php
/**
 * What adopting a package has done.
 *
 * @package AgentsAPI
 */

declare(strict_types=1);

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class WP_Agent_Package_Adoption_Result {

	private const STATUSES = array( 'adopted', 'updated', 'skipped', 'failed' );

	private string $status;
	private string $agent_slug;
	private array $messages;

	/**
	 * @param string[] $messages Trimmed; empty ones are dropped, repeated ones stay.
	 * @throws InvalidArgumentException When the status is none of adopted, updated, skipped, failed, or the slug is empty.
	 */
	public function __construct( string $status, string $agent_slug, array $messages = array() ) {
		$this->status = sanitize_title( $status );
		if ( ! in_array( $this->status, self::STATUSES, true ) ) {
			throw new InvalidArgumentException( 'Agent package adoption result status is invalid.' );
		}
		$this->agent_slug = sanitize_title( $agent_slug );
		if ( '' === $this->agent_slug ) {
			throw new InvalidArgumentException( 'Agent package adoption result requires an agent slug.' );
		}
		$this->messages = self::texts( $messages );
	}

	public function get_status(): string {
		return $this->status;
	}

	public function get_agent_slug(): string {
		return $this->agent_slug;
	}

	/** @return string[] */
	public function get_messages(): array {
		return $this->messages;
	}

	public function to_array(): array {
		return array(
			'status'     => $this->status,
			'agent_slug' => $this->agent_slug,
			'messages'   => $this->messages,
		);
	}

	/**
	 * @internal Shared with the diff, whose warnings follow the same rule.
	 * @return string[]
	 */
	public static function texts( array $given ): array {
		$texts = array_map( static fn ( $text ): string => is_scalar( $text ) ? trim( (string) $text ) : '', $given );
		return array_values( array_filter( $texts, static fn ( string $text ): bool => '' !== $text ) );
	}
}
