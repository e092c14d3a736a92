<?php
/**
 * Agent packages, their artifacts and the registry of artifact types.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Tests\Contract\AgentsApi;

require_once __DIR__ . '/ContractCase.php';

final class PackageTest extends ContractCase {

	public function test_a_manifest_becomes_canonical(): void {
		$package = \WP_Agent_Package::from_array(
			array(
				'slug'         => 'My Pack',
				'agent'        => array( 'slug' => 'A B' ),
				'capabilities' => array( ' B.x ', 'a', 'a', 'not ok', array() ),
				'artifacts'    => array( array( 'type' => 'A/T', 'slug' => 'X', 'requires' => array( 'Q' ) ) ),
			)
		);
		self::assertSame(
			'{"slug":"my-pack","version":"1.0.0","agent":{"slug":"a-b","label":"a-b","description":"","memory_seeds":[],"owner_resolver":null,"default_config":[],"meta":[]},"capabilities":["a","b.x"],"artifacts":[{"type":"a\/t","slug":"x","label":"x","description":"","source":"","checksum":"","requires":["q"],"meta":[]}],"meta":[]}',
			json_encode( $package->to_array() )
		);
		self::assertSame( array(), $this->notices() );
	}

	public function test_slug_and_arguments_mean_the_same_as_a_manifest(): void {
		$args = array( 'version' => ' 2 ', 'agent' => new \WP_Agent( 'a' ), 'meta' => array( 'k' => 1 ) );
		self::assertSame(
			( new \WP_Agent_Package( 'p', $args ) )->to_array(),
			( new \WP_Agent_Package( array( 'slug' => 'p' ) + $args ) )->to_array()
		);
	}

	public function test_artifacts_are_sorted_by_type_then_slug(): void {
		$artifacts = array( array( 'type' => 'b/x', 'slug' => 'a' ), array( 'type' => 'a/x', 'slug' => 'z' ), new \WP_Agent_Package_Artifact( array( 'type' => 'a/x', 'slug' => 'b' ) ) );
		$package   = new \WP_Agent_Package( 'p', array( 'agent' => array( 'slug' => 'a' ), 'artifacts' => $artifacts ) );
		self::assertSame(
			array( 'a/x b', 'a/x z', 'b/x a' ),
			array_map( static fn ( $artifact ) => $artifact->get_type() . ' ' . $artifact->get_slug(), $package->get_artifacts() )
		);
	}

	/** @dataProvider broken_packages */
	public function test_broken_packages_are_refused( array $manifest, string $message ): void {
		self::assertStringContainsString( $message, $this->refused( static fn () => new \WP_Agent_Package( $manifest ) ) );
	}

	public static function broken_packages(): array {
		$agent = array( 'slug' => 'a' );
		return array(
			'no slug'      => array( array( 'slug' => '!', 'agent' => $agent ), 'package slug cannot be empty' ),
			'no agent'     => array( array( 'slug' => 'p' ), 'requires an agent definition' ),
			'no version'   => array( array( 'slug' => 'p', 'agent' => $agent, 'version' => ' ' ), 'version' ),
			'type'         => array( array( 'slug' => 'p', 'agent' => $agent, 'artifacts' => array( array( 'type' => 'flat', 'slug' => 's' ) ) ), 'type must be a namespaced slug' ),
			'capabilities' => array( array( 'slug' => 'p', 'agent' => $agent, 'capabilities' => 'all' ), 'capabilities' ),
			'artifacts'    => array( array( 'slug' => 'p', 'agent' => $agent, 'artifacts' => array( 'x' ) ), 'artifacts' ),
		);
	}

	/** @dataProvider sources */
	public function test_sources_stay_inside_the_package( string $source, ?string $expected ): void {
		$build = static fn () => ( new \WP_Agent_Package_Artifact( array( 'type' => 'a/b', 'slug' => 's', 'source' => $source ) ) )->get_source();
		if ( null === $expected ) {
			self::assertNotSame( '', $this->refused( $build ) );
		} else {
			self::assertSame( $expected, $build() );
		}
	}

	public static function sources(): array {
		return array(
			array( 'flows\\a//b.json', 'flows/a/b.json' ),
			array( 'a/..b/c', 'a/..b/c' ),
			array( '/etc/passwd', null ),
			array( '\\share', null ),
			array( 'C:\\x', null ),
			array( 'a/../../b', null ),
		);
	}

	public function test_adoption_results_check_their_status(): void {
		$diff = new \WP_Agent_Package_Adoption_Diff( 'Needs Update', array( array( 'x' ), 'y' ), array( ' w ', '', 'w' ) );
		self::assertSame( array( 'status' => 'needs-update', 'changes' => array( array( 'x' ) ), 'warnings' => array( 'w' ) ), $diff->to_array() );
		$result = new \WP_Agent_Package_Adoption_Result( 'adopted', 'A B', array( 'm', ' m ', '' ) );
		self::assertSame( array( 'status' => 'adopted', 'agent_slug' => 'a-b', 'messages' => array( 'm', 'm' ) ), $result->to_array() );

		$this->refused( static fn () => new \WP_Agent_Package_Adoption_Diff( 'adopted' ) );
		$this->refused( static fn () => new \WP_Agent_Package_Adoption_Result( 'clean', 'a' ) );
		$this->refused( static fn () => new \WP_Agent_Package_Adoption_Result( 'failed', '' ) );
	}

	public function test_artifact_types_open_lazily_once_with_the_registry(): void {
		self::assertSame( array(), wp_get_agent_package_artifact_types() );
		self::assertSame( array( 'WP_Agent_Package_Artifacts_Registry::get_instance|0.102.8' ), $this->notices() );
		do_action( 'init' );
		self::assertSame( 0, did_action( 'wp_agent_package_artifacts_init' ) );

		add_action(
			'wp_agent_package_artifacts_init',
			static function ( $registry ): void {
				self::assertSame( $registry, \WP_Agent_Package_Artifacts_Registry::get_instance() );
				wp_register_agent_package_artifact_type( 'Acme/Recipe', array( 'validate_callback' => 'strlen', 'meta' => array( 1 ) ) );
			}
		);
		self::assertTrue( wp_has_agent_package_artifact_type( 'acme/recipe' ) );
		self::assertSame( 'acme/recipe', wp_get_agent_package_artifact_type( 'ACME/recipe' )->get_label() );
		self::assertSame( array( 'acme/recipe' ), array_keys( wp_get_agent_package_artifact_types() ) );
		self::assertSame( 1, did_action( 'wp_agent_package_artifacts_init' ) );
		self::assertCount( 1, $this->notices() );
	}

	public function test_artifact_types_are_refused_with_one_notice_each(): void {
		do_action( 'init' );
		$registry = \WP_Agent_Package_Artifacts_Registry::get_instance();
		self::assertNull( wp_register_agent_package_artifact_type( 'a/b' ) );
		self::assertNull( $registry->register( 'flat' ) );
		self::assertNull( $registry->register( 'a/b', array( 'delete_callback' => 'no_such_function_anywhere' ) ) );
		self::assertNotNull( $registry->register( 'a/b' ) );
		self::assertNull( $registry->register( 'a/b' ) );
		self::assertNull( wp_get_agent_package_artifact_type( 'not a type' ) );
		self::assertFalse( wp_has_agent_package_artifact_type( 'not a type' ) );
		self::assertNull( wp_unregister_agent_package_artifact_type( 'c/d' ) );
		self::assertNotNull( wp_unregister_agent_package_artifact_type( 'A/B' ) );
		$registered = 'WP_Agent_Package_Artifacts_Registry::register|0.102.8';
		self::assertSame(
			array(
				'wp_register_agent_package_artifact_type|0.102.8',
				$registered,
				$registered,
				$registered,
				'WP_Agent_Package_Artifacts_Registry::get_registered|0.102.8',
				'WP_Agent_Package_Artifacts_Registry::unregister|0.102.8',
			),
			$this->notices()
		);
	}
}
