<?php
/**
 * The definition of an agent.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Tests\Contract\AgentsApi;

require_once __DIR__ . '/ContractCase.php';

final class AgentTest extends ContractCase {

	public function test_defaults_and_key_order(): void {
		self::assertSame(
			'{"slug":"hello-world","label":"hello-world","description":"","memory_seeds":[],"owner_resolver":null,"default_config":[],"meta":[]}',
			json_encode( ( new \WP_Agent( 'Hello World!' ) )->to_array() )
		);
	}

	public function test_null_counts_as_absent_and_an_empty_label_becomes_the_slug(): void {
		$agent = new \WP_Agent( 'a', array( 'label' => '', 'description' => null, 'memory_seeds' => null, 'owner_resolver' => null, 'default_config' => null, 'meta' => null ) );
		self::assertSame( 'a', $agent->get_label() );
		self::assertSame( '', $agent->get_description() );
		self::assertSame( array(), $agent->get_default_config() );
		self::assertSame( array(), $this->notices() );
	}

	public function test_seeds_are_cleaned_and_keep_their_order(): void {
		$agent = new \WP_Agent(
			'a',
			array( 'memory_seeds' => array( 'SOUL.md' => '/t/soul', '' => '/t/none', '../MEMORY.md' => '/t/memory', 'USER.md' => '' ) )
		);
		self::assertSame( array( 'SOUL.md' => '/t/soul', 'MEMORY.md' => '/t/memory' ), $agent->get_memory_seeds() );
	}

	public function test_the_owner_resolver_is_kept_and_not_called(): void {
		$resolver = static function (): int {
			self::fail( 'The resolver ran.' );
		};
		self::assertSame( $resolver, ( new \WP_Agent( 'a', array( 'owner_resolver' => $resolver ) ) )->get_owner_resolver() );
	}

	/** @dataProvider wrong_types */
	public function test_wrong_types_are_refused( string $field, $value, string $message ): void {
		self::assertSame( $message, $this->refused( static fn () => new \WP_Agent( 'a', array( $field => $value ) ) ) );
	}

	public static function wrong_types(): array {
		return array(
			array( 'memory_seeds', 'x', 'Agent memory_seeds property must be an array.' ),
			array( 'default_config', 1, 'Agent default_config property must be an array.' ),
			array( 'meta', new \stdClass(), 'Agent meta property must be an array.' ),
			array( 'owner_resolver', 'no_such_function_anywhere', 'Agent owner_resolver property must be callable.' ),
		);
	}

	public function test_each_unknown_key_is_noticed_once_and_the_agent_is_built(): void {
		$agent = new \WP_Agent( 'a', array( 'color' => 'red', 'size' => null, 'slug' => 'b', 'label' => 'L' ) );
		self::assertSame( array( 'WP_Agent::__construct|0.71.0', 'WP_Agent::__construct|0.71.0' ), $this->notices() );
		self::assertStringContainsString( '&quot;color&quot;', $this->message( 0 ) );
		self::assertSame( 'a', $agent->get_slug() );
		self::assertSame( 'L', $agent->get_label() );
	}

	public function test_a_definition_is_never_serialized(): void {
		$agent = new \WP_Agent( 'a' );
		$this->refused( static fn () => serialize( $agent ), \LogicException::class );
		$this->refused( static fn () => $agent->__wakeup(), \LogicException::class );
	}
}
