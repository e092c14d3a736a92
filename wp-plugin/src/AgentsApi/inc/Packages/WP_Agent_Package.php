<?php
/**
 * An agent with everything it brings along.
 *
 * @package AgentsAPI
 */

declare(strict_types=1);

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class WP_Agent_Package {

	private string $slug;
	private string $version;
	private WP_Agent $agent;
	private array $capabilities;

	/** @var WP_Agent_Package_Artifact[] Sorted by type, then slug. */
	private array $artifacts;

	private array $meta;

	/**
	 * @param string|array $slug_or_manifest A slug with arguments, or a whole manifest.
	 * @param array        $args             version, agent (definition, or array with `slug`), capabilities, artifacts, meta.
	 * @throws InvalidArgumentException When the manifest breaks a rule.
	 */
	public function __construct( $slug_or_manifest, array $args = array() ) {
		$manifest = is_array( $slug_or_manifest ) ? $slug_or_manifest : array( 'slug' => $slug_or_manifest ) + $args;

		$slug       = $manifest['slug'] ?? '';
		$this->slug = is_scalar( $slug ) ? sanitize_title( (string) $slug ) : '';
		if ( '' === $this->slug ) {
			throw new InvalidArgumentException( 'Agent package slug cannot be empty.' );
		}
		$version       = $manifest['version'] ?? '1.0.0';
		$this->version = is_scalar( $version ) ? trim( (string) $version ) : '';
		if ( '' === $this->version ) {
			throw new InvalidArgumentException( 'Agent package version cannot be empty.' );
		}
		$this->agent        = self::agent( $manifest['agent'] ?? null );
		$this->capabilities = WP_Agent_Package_Artifact::names( self::list_of( $manifest, 'capabilities' ) );
		$this->artifacts    = self::artifacts( self::list_of( $manifest, 'artifacts' ) );
		$this->meta         = self::list_of( $manifest, 'meta' );
	}

	/** @throws InvalidArgumentException When the manifest breaks a rule. */
	public static function from_array( array $manifest ): self {
		return new self( $manifest );
	}

	public function get_slug(): string {
		return $this->slug;
	}

	public function get_version(): string {
		return $this->version;
	}

	public function get_agent(): WP_Agent {
		return $this->agent;
	}

	/** @return string[] */
	public function get_capabilities(): array {
		return $this->capabilities;
	}

	/** @return WP_Agent_Package_Artifact[] */
	public function get_artifacts(): array {
		return $this->artifacts;
	}

	public function get_meta(): array {
		return $this->meta;
	}

	public function to_array(): array {
		return array(
			'slug'         => $this->slug,
			'version'      => $this->version,
			'agent'        => $this->agent->to_array(),
			'capabilities' => $this->capabilities,
			'artifacts'    => array_map( static fn ( WP_Agent_Package_Artifact $artifact ): array => $artifact->to_array(), $this->artifacts ),
			'meta'         => $this->meta,
		);
	}

	/** @param mixed $agent A definition, or an array with a slug. */
	private static function agent( $agent ): WP_Agent {
		if ( $agent instanceof WP_Agent ) {
			return $agent;
		}
		if ( ! is_array( $agent ) || ! is_scalar( $agent['slug'] ?? null ) ) {
			throw new InvalidArgumentException( 'Agent package requires an agent definition.' );
		}
		return new WP_Agent( (string) $agent['slug'], $agent );
	}

	/** @return WP_Agent_Package_Artifact[] */
	private static function artifacts( array $given ): array {
		$artifacts = array();
		foreach ( $given as $artifact ) {
			if ( is_array( $artifact ) ) {
				$artifact = new WP_Agent_Package_Artifact( $artifact );
			}
			if ( ! $artifact instanceof WP_Agent_Package_Artifact ) {
				throw new InvalidArgumentException( 'Agent package artifacts must be arrays or artifact objects.' );
			}
			$artifacts[] = $artifact;
		}
		usort(
			$artifacts,
			static fn ( WP_Agent_Package_Artifact $a, WP_Agent_Package_Artifact $b ): int =>
				array( $a->get_type(), $a->get_slug() ) <=> array( $b->get_type(), $b->get_slug() )
		);
		return $artifacts;
	}

	private static function list_of( array $manifest, string $field ): array {
		$value = $manifest[ $field ] ?? array();
		if ( ! is_array( $value ) ) {
			throw new InvalidArgumentException( sprintf( 'Agent package %s must be an array.', $field ) );
		}
		return $value;
	}
}
