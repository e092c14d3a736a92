<?php
/**
 * The agents that plugins declare in this request.
 *
 * @package AgentsAPI
 */

declare(strict_types=1);

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/**
 * Opens once a request: `init` at priority 10 fires `wp_agents_api_init` with the registry, and never again.
 */
final class WP_Agents_Registry {

	private static ?self $instance   = null;
	private static bool $initialized = false;

	/** @var array<string,WP_Agent> In the order of registration. */
	private array $agents = array();

	private function __construct() {
	}

	/**
	 * @param string|WP_Agent $agent A slug, or a definition (then the arguments are ignored).
	 * @return WP_Agent|null Null after a notice when the definition is invalid or the slug is taken.
	 */
	public function register( $agent, array $args = array() ): ?WP_Agent {
		try {
			if ( ! $agent instanceof WP_Agent ) {
				if ( ! is_scalar( $agent ) && ! $agent instanceof Stringable ) {
					throw new InvalidArgumentException( 'Agent must be a slug or a WP_Agent object.' );
				}
				$agent = new WP_Agent( (string) $agent, $args );
			}
		} catch ( InvalidArgumentException $e ) {
			self::notice( __METHOD__, $e->getMessage() );
			return null;
		}

		$slug  = $agent->get_slug();
		$first = $this->agents[ $slug ] ?? null;
		if ( null !== $first ) {
			self::notice( __METHOD__, sprintf( 'Agent "%s" is already registered.', $slug ) . self::provenance( $first ) );
			return null;
		}
		$this->agents[ $slug ] = $agent;
		return $agent;
	}

	/** @return array<string,WP_Agent> */
	public function get_all_registered(): array {
		return $this->agents;
	}

	/** Null after a notice when there is no such agent. */
	public function get_registered( string $slug ): ?WP_Agent {
		$agent = $this->agents[ sanitize_title( $slug ) ] ?? null;
		if ( null === $agent ) {
			self::notice( __METHOD__, sprintf( 'Agent "%s" not found.', $slug ) );
		}
		return $agent;
	}

	public function is_registered( string $slug ): bool {
		return isset( $this->agents[ sanitize_title( $slug ) ] );
	}

	/** The removed definition; null after a notice when there was none. */
	public function unregister( string $slug ): ?WP_Agent {
		$key   = sanitize_title( $slug );
		$agent = $this->agents[ $key ] ?? null;
		if ( null === $agent ) {
			self::notice( __METHOD__, sprintf( 'Agent "%s" not found.', $slug ) );
			return null;
		}
		unset( $this->agents[ $key ] );
		return $agent;
	}

	/** Opens the registration window, once; WordPress calls it at `init`. */
	public static function init(): ?self {
		$registry = self::get_instance();
		if ( null === $registry || self::$initialized ) {
			return $registry;
		}
		// Before the action: a callback that calls init() again must not open a second window.
		self::$initialized = true;
		do_action( 'wp_agents_api_init', $registry );
		return $registry;
	}

	/** Null after a notice before WordPress `init`; never opens the window. */
	public static function get_instance(): ?self {
		if ( ! did_action( 'init' ) && ! doing_action( 'init' ) ) {
			_doing_it_wrong(
				__METHOD__,
				'Agents are available from the <code>init</code> action on, not before.',
				'0.102.8'
			);
			return null;
		}
		self::$instance ??= new self();
		return self::$instance;
	}

	public static function reset_for_tests(): void {
		self::$instance    = null;
		self::$initialized = false;
	}

	/** @throws LogicException Always: a registry belongs to one request. */
	public function __wakeup(): void {
		throw new LogicException( __CLASS__ . ' cannot be unserialized.' );
	}

	/** @throws LogicException Always. */
	public function __sleep(): array {
		throw new LogicException( __CLASS__ . ' cannot be serialized.' );
	}

	/** Who registered the agent that came first, as far as its meta says; a convention, not proof. */
	private static function provenance( WP_Agent $agent ): string {
		$known = array();
		foreach ( array( 'plugin', 'type', 'package', 'version' ) as $part ) {
			$value = $agent->get_meta()[ "source_$part" ] ?? '';
			if ( is_scalar( $value ) && '' !== (string) $value ) {
				$known[] = $part . '=' . $value;
			}
		}
		return array() === $known ? '' : ' Existing source: ' . implode( ', ', $known ) . '.';
	}

	private static function notice( string $method, string $message ): void {
		_doing_it_wrong( esc_html( $method ), esc_html( $message ), '0.71.0' );
	}
}
