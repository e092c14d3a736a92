<?php
/**
 * A kind of artifact and how it is handled.
 *
 * @package AgentsAPI
 */

declare(strict_types=1);

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/**
 * The callbacks are only kept here; whoever adopts packages calls them.
 */
final class WP_Agent_Package_Artifact_Type {

	private string $type;
	private string $label;
	private string $description;

	/** @var array<string,callable|null> */
	private array $callbacks = array();

	private array $meta;

	/**
	 * @param array $args label, description, validate_callback, diff_callback, import_callback, delete_callback, meta.
	 * @throws InvalidArgumentException When a value breaks a rule.
	 */
	public function __construct( string $type, array $args = array() ) {
		$this->type        = WP_Agent_Package_Artifact::prepare_type( $type );
		$label             = is_scalar( $args['label'] ?? null ) ? trim( (string) $args['label'] ) : '';
		$this->label       = '' === $label ? $this->type : $label;
		$this->description = is_scalar( $args['description'] ?? null ) ? trim( (string) $args['description'] ) : '';

		foreach ( array( 'validate_callback', 'diff_callback', 'import_callback', 'delete_callback' ) as $name ) {
			$callback = $args[ $name ] ?? null;
			if ( null !== $callback && ! is_callable( $callback ) ) {
				throw new InvalidArgumentException( sprintf( 'Agent package artifact type %s must be callable.', $name ) );
			}
			$this->callbacks[ $name ] = $callback;
		}
		$meta = $args['meta'] ?? array();
		if ( ! is_array( $meta ) ) {
			throw new InvalidArgumentException( 'Agent package artifact type meta must be an array.' );
		}
		$this->meta = $meta;
	}

	public function get_type(): string {
		return $this->type;
	}

	public function get_label(): string {
		return $this->label;
	}

	public function get_description(): string {
		return $this->description;
	}

	/** @return callable|null */
	public function get_validate_callback() {
		return $this->callbacks['validate_callback'];
	}

	/** @return callable|null */
	public function get_diff_callback() {
		return $this->callbacks['diff_callback'];
	}

	/** @return callable|null */
	public function get_import_callback() {
		return $this->callbacks['import_callback'];
	}

	/** @return callable|null */
	public function get_delete_callback() {
		return $this->callbacks['delete_callback'];
	}

	public function get_meta(): array {
		return $this->meta;
	}

	public function to_array(): array {
		return array(
			'type'        => $this->type,
			'label'       => $this->label,
			'description' => $this->description,
		) + $this->callbacks + array( 'meta' => $this->meta );
	}
}
