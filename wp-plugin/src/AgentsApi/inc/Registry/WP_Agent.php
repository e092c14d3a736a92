<?php
/**
 * The definition of an agent.
 *
 * @package AgentsAPI
 */

declare(strict_types=1);

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/**
 * What a plugin declares about an agent. A definition has no identity, no owner and no files yet: whoever runs agents gives it those.
 *
 * Example:
 *
 *     add_action( 'wp_agents_api_init', function () {
 *         wp_register_agent( 'librarian', array( 'label' => 'Librarian', 'description' => 'Knows where things stand.' ) );
 *     } );
 */
class WP_Agent {

	protected string $slug;
	protected string $label       = '';
	protected string $description = '';

	/** @var array<string,string> File name => absolute path of its template. */
	protected array $memory_seeds = array();

	/** @var callable|null Takes nothing, returns a user id. */
	protected $owner_resolver = null;

	protected array $default_config = array();
	protected array $meta           = array();

	/**
	 * @param array $args label, description, memory_seeds, owner_resolver, default_config, meta. Null counts as absent.
	 * @throws InvalidArgumentException When a value has the wrong type or nothing is left of the slug.
	 */
	public function __construct( string $slug, array $args = array() ) {
		$slug = sanitize_title( $slug );
		if ( '' === $slug ) {
			throw new InvalidArgumentException( 'Agent slug cannot be empty.' );
		}
		$this->slug = $slug;
		unset( $args['slug'] );

		foreach ( $this->prepare_properties( $args ) as $name => $value ) {
			if ( ! is_string( $name ) || ! property_exists( $this, $name ) ) {
				_doing_it_wrong(
					__METHOD__,
					esc_html( sprintf( 'Property "%1$s" is not a known property of the agent "%2$s".', $name, $slug ) ),
					'0.71.0'
				);
				continue;
			}
			$this->$name = $value;
		}
	}

	/**
	 * Validates the arguments and brings them into the form the properties take.
	 *
	 * @return array Every known property, then whatever was not recognised.
	 * @throws InvalidArgumentException When a value has the wrong type.
	 */
	protected function prepare_properties( array $args ): array {
		$label = self::text( $args['label'] ?? '' );
		$owner = $args['owner_resolver'] ?? null;
		if ( null !== $owner && ! is_callable( $owner ) ) {
			throw new InvalidArgumentException( 'Agent owner_resolver property must be callable.' );
		}
		$known = array(
			'label'          => '' === $label ? $this->slug : $label,
			'description'    => self::text( $args['description'] ?? '' ),
			'memory_seeds'   => self::seeds( self::list_of( $args, 'memory_seeds' ) ),
			'owner_resolver' => $owner,
			'default_config' => self::list_of( $args, 'default_config' ),
			'meta'           => self::list_of( $args, 'meta' ),
		);
		return $known + $args;
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

	/** @return array<string,string> */
	public function get_memory_seeds(): array {
		return $this->memory_seeds;
	}

	/** @return callable|null */
	public function get_owner_resolver() {
		return $this->owner_resolver;
	}

	public function get_default_config(): array {
		return $this->default_config;
	}

	public function get_meta(): array {
		return $this->meta;
	}

	public function to_array(): array {
		return array(
			'slug'           => $this->slug,
			'label'          => $this->label,
			'description'    => $this->description,
			'memory_seeds'   => $this->memory_seeds,
			'owner_resolver' => $this->owner_resolver,
			'default_config' => $this->default_config,
			'meta'           => $this->meta,
		);
	}

	/** @throws LogicException Always: a definition holds a callable and belongs to one request. */
	public function __wakeup(): void {
		throw new LogicException( __CLASS__ . ' cannot be unserialized.' );
	}

	/** @throws LogicException Always. */
	public function __sleep(): array {
		throw new LogicException( __CLASS__ . ' cannot be serialized.' );
	}

	/** @param mixed $value Anything; what cannot be text counts as none. */
	private static function text( $value ): string {
		return is_scalar( $value ) || $value instanceof Stringable ? (string) $value : '';
	}

	private static function list_of( array $args, string $name ): array {
		$value = $args[ $name ] ?? array();
		if ( ! is_array( $value ) ) {
			throw new InvalidArgumentException( sprintf( 'Agent %s property must be an array.', $name ) );
		}
		return $value;
	}

	/** @return array<string,string> */
	private static function seeds( array $given ): array {
		$seeds = array();
		foreach ( $given as $name => $path ) {
			$name = sanitize_file_name( (string) $name );
			$path = self::text( $path );
			if ( '' !== $name && '' !== $path ) {
				$seeds[ $name ] = $path;
			}
		}
		return $seeds;
	}
}
