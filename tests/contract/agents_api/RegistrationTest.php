<?php
/**
 * When agents may be registered, and what is said when they may not.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Tests\Contract\AgentsApi;

require_once __DIR__ . '/ContractCase.php';

final class RegistrationTest extends ContractCase {

	public function test_nothing_is_available_before_init_and_each_access_says_so_once(): void {
		self::assertNull( wp_get_agent( 'a' ) );
		self::assertSame( array(), wp_get_agents() );
		self::assertFalse( wp_has_agent( 'a' ) );
		self::assertNull( wp_unregister_agent( 'a' ) );
		self::assertSame( array_fill( 0, 4, 'WP_Agents_Registry::get_instance|0.102.8' ), $this->notices() );
		self::assertSame( 0, did_action( 'wp_agents_api_init' ) );
	}

	public function test_registering_outside_the_window_is_refused_with_one_notice(): void {
		self::assertNull( wp_register_agent( '<b>early</b>' ) );
		do_action( 'init' );
		self::assertNull( wp_register_agent( 'late' ) );
		self::assertSame( array( 'wp_register_agent|0.102.8', 'wp_register_agent|0.102.8' ), $this->notices() );
		self::assertStringContainsString( '<code>wp_agents_api_init</code>', $this->message() );
		self::assertStringContainsString( '&lt;b&gt;early', $this->message() );
		self::assertSame( array(), wp_get_agents() );
	}

	public function test_reading_during_init_before_priority_ten_is_empty_without_a_notice(): void {
		$seen = null;
		add_action(
			'init',
			static function () use ( &$seen ): void {
				$seen = array( wp_get_agents(), did_action( 'wp_agents_api_init' ) );
			},
			5,
			0
		);
		$this->in_window( static fn () => wp_register_agent( 'a' ) );
		self::assertSame( array( array(), 0 ), $seen );
		self::assertSame( array( 'a' ), array_keys( wp_get_agents() ) );
		self::assertSame( array(), $this->notices() );
	}

	public function test_the_window_opens_once_with_the_registry_and_never_again(): void {
		$registries = array();
		$this->in_window(
			static function ( $registry ) use ( &$registries ): void {
				$registries[] = $registry;
				\WP_Agents_Registry::init();
			}
		);
		self::assertSame( \WP_Agents_Registry::get_instance(), \WP_Agents_Registry::init() );
		self::assertSame( array( \WP_Agents_Registry::get_instance() ), $registries );

		add_action( 'wp_agents_api_init', static fn () => self::fail( 'A late callback was replayed.' ) );
		wp_get_agents();
		self::assertSame( 1, did_action( 'wp_agents_api_init' ) );
	}

	public function test_the_registry_itself_takes_agents_after_the_window(): void {
		do_action( 'init' );
		self::assertInstanceOf( \WP_Agent::class, \WP_Agents_Registry::get_instance()->register( 'later' ) );
		self::assertTrue( wp_has_agent( 'LATER' ) );
		self::assertSame( array(), $this->notices() );
	}

	public function test_agents_keep_the_order_of_registration_and_slugs_are_found_in_any_writing(): void {
		$this->in_window(
			static function (): void {
				wp_register_agent( 'Zulu Team' );
				wp_register_agent( new \WP_Agent( 'alpha', array( 'label' => 'A' ) ), array( 'label' => 'ignored' ) );
			}
		);
		self::assertSame( array( 'zulu-team', 'alpha' ), array_keys( wp_get_agents() ) );
		self::assertSame( 'A', wp_get_agent( 'ALPHA' )->get_label() );
	}

	public function test_the_first_of_two_wins_and_the_notice_names_where_it_came_from(): void {
		$this->in_window(
			static function (): void {
				wp_register_agent(
					'twin',
					array(
						'label' => 'First',
						'meta'  => array( 'source_version' => '2', 'source_plugin' => 'acme', 'source_type' => '', 'source_package' => array() ),
					)
				);
				self::assertNull( wp_register_agent( 'Twin', array( 'label' => 'Second' ) ) );
			}
		);
		self::assertSame( 'First', wp_get_agent( 'twin' )->get_label() );
		self::assertSame( array( 'WP_Agents_Registry::register|0.71.0' ), $this->notices() );
		self::assertStringContainsString( '&quot;twin&quot;', $this->message() );
		self::assertStringEndsWith( 'Existing source: plugin=acme, version=2.', $this->message() );
	}

	public function test_an_invalid_definition_becomes_one_notice(): void {
		$this->in_window(
			static function (): void {
				self::assertNull( wp_register_agent( '!!!' ) );
				self::assertNull( wp_register_agent( 'a', array( 'meta' => 'text' ) ) );
				self::assertNull( wp_register_agent( array() ) );
			}
		);
		self::assertSame( array_fill( 0, 3, 'WP_Agents_Registry::register|0.71.0' ), $this->notices() );
		self::assertSame( 'Agent slug cannot be empty.', $this->message( 0 ) );
		self::assertSame( 'Agent meta property must be an array.', $this->message( 1 ) );
	}

	public function test_unknown_agents_are_noticed_by_get_and_unregister_only(): void {
		do_action( 'init' );
		self::assertFalse( wp_has_agent( 'ghost' ) );
		self::assertSame( array(), $this->notices() );
		self::assertNull( wp_get_agent( 'ghost' ) );
		self::assertNull( wp_unregister_agent( 'ghost' ) );
		self::assertSame(
			array( 'WP_Agents_Registry::get_registered|0.71.0', 'WP_Agents_Registry::unregister|0.71.0' ),
			$this->notices()
		);
	}

	public function test_unregister_returns_the_object_and_frees_the_slug(): void {
		$this->in_window( static fn () => wp_register_agent( 'gone' ) );
		$agent = wp_get_agent( 'gone' );
		self::assertSame( $agent, wp_unregister_agent( 'GONE' ) );
		self::assertFalse( wp_has_agent( 'gone' ) );
		self::assertNotNull( \WP_Agents_Registry::get_instance()->register( 'gone' ) );
		self::assertSame( array(), $this->notices() );
	}

	public function test_a_registry_is_never_serialized(): void {
		do_action( 'init' );
		$registry = \WP_Agents_Registry::get_instance();
		$this->refused( static fn () => serialize( $registry ), \LogicException::class );
		$this->refused( static fn () => $registry->__wakeup(), \LogicException::class );
	}
}
