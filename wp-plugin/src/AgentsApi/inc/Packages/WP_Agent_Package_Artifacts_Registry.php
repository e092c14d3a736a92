<?php
/**
 * The kinds of artifact that plugins declare in this request.
 *
 * @package AgentsAPI
 */

declare(strict_types=1);

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/**
 * Opens when it is first asked for after `init` began: `wp_agent_package_artifacts_init` fires then, once, with the registry.
 */
final class WP_Agent_Package_Artifacts_Registry {

	private static ?self $instance = null;

	/** @var array<string,WP_Agent_Package_Artifact_Type> In the order of registration. */
	private array $types = array();

	private function __construct() {
	}

	/**
	 * @param string|WP_Agent_Package_Artifact_Type $type A name, or a type (then the arguments are ignored).
	 * @return WP_Agent_Package_Artifact_Type|null Null after a notice when it is invalid or taken.
	 */
	public function register( $type, array $args = array() ): ?WP_Agent_Package_Artifact_Type {
		try {
			if ( ! $type instanceof WP_Agent_Package_Artifact_Type ) {
				$type = new WP_Agent_Package_Artifact_Type( WP_Agent_Package_Artifact::prepare_type( $type ), $args );
			}
		} catch ( InvalidArgumentException $e ) {
			self::notice( __METHOD__, $e->getMessage() );
			return null;
		}
		$name = $type->get_type();
		if ( isset( $this->types[ $name ] ) ) {
			self::notice( __METHOD__, sprintf( 'Agent package artifact type "%s" is already registered.', $name ) );
			return null;
		}
		$this->types[ $name ] = $type;
		return $type;
	}

	/** @return array<string,WP_Agent_Package_Artifact_Type> */
	public function get_all_registered(): array {
		return $this->types;
	}

	/** Null after a notice when the name is malformed or unknown. */
	public function get_registered( string $type ): ?WP_Agent_Package_Artifact_Type {
		$found = $this->find( $type );
		if ( null === $found ) {
			self::notice( __METHOD__, sprintf( 'Agent package artifact type "%s" not found.', $type ) );
		}
		return $found;
	}

	/** False, silently, also for a malformed name. */
	public function is_registered( string $type ): bool {
		return null !== $this->find( $type );
	}

	/** The removed type; null after a notice when there was none. */
	public function unregister( string $type ): ?WP_Agent_Package_Artifact_Type {
		$found = $this->find( $type );
		if ( null === $found ) {
			self::notice( __METHOD__, sprintf( 'Agent package artifact type "%s" not found.', $type ) );
			return null;
		}
		unset( $this->types[ $found->get_type() ] );
		return $found;
	}

	/** Null after a notice before WordPress `init`. */
	public static function get_instance(): ?self {
		if ( ! did_action( 'init' ) && ! doing_action( 'init' ) ) {
			_doing_it_wrong(
				__METHOD__,
				'Artifact types are available from the <code>init</code> action on, not before.',
				'0.102.8'
			);
			return null;
		}
		if ( null === self::$instance ) {
			// Before the action: a callback that asks for the registry must get this one.
			self::$instance = new self();
			do_action( 'wp_agent_package_artifacts_init', self::$instance );
		}
		return self::$instance;
	}

	public static function reset_for_tests(): void {
		self::$instance = null;
	}

	/** @throws LogicException Always: a registry belongs to one request. */
	public function __wakeup(): void {
		throw new LogicException( __CLASS__ . ' cannot be unserialized.' );
	}

	/** @throws LogicException Always. */
	public function __sleep(): array {
		throw new LogicException( __CLASS__ . ' cannot be serialized.' );
	}

	private function find( string $type ): ?WP_Agent_Package_Artifact_Type {
		try {
			return $this->types[ WP_Agent_Package_Artifact::prepare_type( $type ) ] ?? null;
		} catch ( InvalidArgumentException $e ) {
			return null;
		}
	}

	private static function notice( string $method, string $message ): void {
		_doing_it_wrong( esc_html( $method ), esc_html( $message ), '0.102.8' );
	}
}
