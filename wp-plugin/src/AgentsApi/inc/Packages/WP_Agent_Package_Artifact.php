<?php
/**
 * One thing an agent package carries: a flow, a prompt, a policy.
 *
 * @package AgentsAPI
 */

declare(strict_types=1);

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class WP_Agent_Package_Artifact {

	private string $type;
	private string $slug;
	private string $label;
	private string $description;
	private string $source;
	private string $checksum;
	private array $requires;
	private array $meta;

	/**
	 * @param array $artifact type, slug; optional label, description, source (a path inside the package), checksum, requires, meta.
	 * @throws InvalidArgumentException When a value breaks a rule.
	 */
	public function __construct( array $artifact ) {
		$this->type = self::prepare_type( $artifact['type'] ?? '' );
		$this->slug = sanitize_title( self::text( $artifact, 'slug' ) );
		if ( '' === $this->slug ) {
			throw new InvalidArgumentException( 'Agent package artifact slug cannot be empty.' );
		}
		$label             = self::text( $artifact, 'label' );
		$this->label       = '' === $label ? $this->slug : $label;
		$this->description = self::text( $artifact, 'description' );
		$this->source      = self::relative_path( self::text( $artifact, 'source' ) );
		$this->checksum    = self::text( $artifact, 'checksum' );
		$this->requires    = self::names( self::list_of( $artifact, 'requires' ) );
		$this->meta        = self::list_of( $artifact, 'meta' );
	}

	/** @throws InvalidArgumentException When a value breaks a rule. */
	public static function from_array( array $artifact ): self {
		return new self( $artifact );
	}

	/**
	 * @param mixed $type For example `acme/recipe`.
	 * @throws InvalidArgumentException When it is not a namespaced slug.
	 */
	public static function prepare_type( $type ): string {
		$type = is_scalar( $type ) ? strtolower( trim( (string) $type ) ) : '';
		if ( 1 !== preg_match( '~^[a-z0-9][a-z0-9_.-]*/[a-z0-9][a-z0-9_./-]*$~D', $type ) ) {
			throw new InvalidArgumentException( 'Agent package artifact type must be a namespaced slug.' );
		}
		return $type;
	}

	/**
	 * Lower-cased, unique and sorted; what is no name is dropped.
	 *
	 * @internal Shared with the package, which lists capabilities by the same rule.
	 * @return string[]
	 */
	public static function names( array $given ): array {
		$names = array();
		foreach ( $given as $name ) {
			$name = is_scalar( $name ) ? strtolower( trim( (string) $name ) ) : '';
			if ( 1 === preg_match( '~^[a-z0-9:_./-]+$~D', $name ) ) {
				$names[] = $name;
			}
		}
		$names = array_values( array_unique( $names ) );
		sort( $names, SORT_STRING );
		return $names;
	}

	public function get_type(): string {
		return $this->type;
	}

	public function get_slug(): string {
		return $this->slug;
	}

	public function get_label(): string {
		return $this->label;
	}

	public function get_description(): string {
		return $this->description;
	}

	/** Path inside the package, with forward slashes; '' when the artifact has no file. */
	public function get_source(): string {
		return $this->source;
	}

	public function get_checksum(): string {
		return $this->checksum;
	}

	/** @return string[] */
	public function get_requires(): array {
		return $this->requires;
	}

	public function get_meta(): array {
		return $this->meta;
	}

	public function to_array(): array {
		return array(
			'type'        => $this->type,
			'slug'        => $this->slug,
			'label'       => $this->label,
			'description' => $this->description,
			'source'      => $this->source,
			'checksum'    => $this->checksum,
			'requires'    => $this->requires,
			'meta'        => $this->meta,
		);
	}

	private static function relative_path( string $path ): string {
		$path = str_replace( '\\', '/', $path );
		if ( str_starts_with( $path, '/' ) || 1 === preg_match( '~^[a-z]:~i', $path ) ) {
			throw new InvalidArgumentException( 'Agent package artifact source must be a relative path.' );
		}
		$segments = array_filter( explode( '/', $path ), static fn ( string $segment ): bool => '' !== $segment );
		if ( in_array( '..', $segments, true ) ) {
			throw new InvalidArgumentException( 'Agent package artifact source cannot leave the package.' );
		}
		return implode( '/', $segments );
	}

	private static function text( array $artifact, string $field ): string {
		$value = $artifact[ $field ] ?? '';
		return is_scalar( $value ) ? trim( (string) $value ) : '';
	}

	private static function list_of( array $artifact, string $field ): array {
		$value = $artifact[ $field ] ?? array();
		if ( ! is_array( $value ) ) {
			throw new InvalidArgumentException( sprintf( 'Agent package artifact %s must be an array.', $field ) );
		}
		return $value;
	}
}
