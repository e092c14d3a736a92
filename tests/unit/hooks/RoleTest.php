<?php
/**
 * Companion or product, and the head of the active plugins.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Tests\Unit\Hooks;

use DataMachine\Bridge\LoadOrder;
use DataMachine\Bridge\Role;
use PHPUnit\Framework\TestCase;

final class RoleTest extends TestCase {

	private const OWN = 'datamachine-bridge/datamachine-bridge.php';

	/** @return array<string, array{0: list<string>, 1: list<string>, 2: string, 3: bool}> */
	public function sites(): array {
		return array(
			'alone'                             => array( array( self::OWN ), array(), 'standalone', false ),
			'data machine active'               => array( array( self::OWN, 'data-machine/data-machine.php' ), array(), 'companion', false ),
			'its folder renamed'                => array( array( 'dm-fork/data-machine.php' ), array(), 'companion', false ),
			'its main file renamed'             => array( array( 'data-machine/main.php' ), array(), 'companion', false ),
			'agents api active'                 => array( array( 'agents-api/agents-api.php' ), array(), 'standalone', true ),
			'a bundled copy was loaded earlier' => array( array( self::OWN ), array( 'agents-api' ), 'standalone', true ),
			'an extension is not the original'  => array( array( 'data-machine-code/data-machine-code.php' ), array(), 'standalone', false ),
		);
	}

	/**
	 * @dataProvider sites
	 * @param list<string> $active
	 * @param list<string> $loaded
	 */
	public function test_active_plugins_decide( array $active, array $loaded, string $mode, bool $agents_api ): void {
		$role = new Role( self::OWN, $active, $loaded );
		self::assertSame( $mode, $role->mode() );
		self::assertSame( $agents_api, $role->agents_api_elsewhere() );
	}

	public function test_requirements_of_others_are_met_by_us_while_the_original_is_away(): void {
		$alone = new Role( self::OWN, array( self::OWN ) );
		self::assertSame( 'datamachine-bridge', $alone->dependency_slug( 'data-machine' ) );
		self::assertSame( 'datamachine-bridge', $alone->dependency_slug( 'agents-api' ) );
		self::assertSame( 'akismet', $alone->dependency_slug( 'akismet' ) );
		$beside = new Role( self::OWN, array( self::OWN, 'data-machine/data-machine.php' ) );
		self::assertSame( 'data-machine', $beside->dependency_slug( 'data-machine' ) );
		self::assertSame( 'datamachine-bridge', $beside->dependency_slug( 'agents-api' ) );
	}

	public function test_ours_comes_first_and_nothing_else_moves(): void {
		$plugins = array( 'akismet/akismet.php', self::OWN, 'zebra/zebra.php' );
		self::assertSame( array( self::OWN, 'akismet/akismet.php', 'zebra/zebra.php' ), LoadOrder::first( $plugins, self::OWN ) );
		$without = array( 3 => 'akismet/akismet.php' );
		self::assertSame( $without, LoadOrder::first( $without, self::OWN ) );
		self::assertFalse( LoadOrder::first( false, self::OWN ) );
	}

	public static function requests(): array {
		$page = static fn ( string $page, string $action, string ...$plugins ): array => array(
			'cli'     => array(),
			'page'    => $page,
			'action'  => array( $action ),
			'plugins' => $plugins,
		);
		$cli  = static fn ( string ...$words ): array => array( 'cli' => $words ) + $page( '', '' );
		return array(
			'plugins page'          => array( true, $page( 'plugins.php', 'activate', 'data-machine/data-machine.php' ) ),
			'several'               => array( true, $page( 'plugins.php', 'activate-selected', 'a/a.php', 'data-machine-main/data-machine.php' ) ),
			'cards'                 => array( true, $page( 'admin-ajax.php', 'activate-plugin', 'data-machine/data-machine.php' ) ),
			'WP-CLI'                => array( true, $cli( 'wp', 'plugin', 'activate', 'data-machine' ) ),
			'its file'              => array( true, $cli( 'wp', 'plugin', 'activate', 'data-machine/data-machine' ) ),
			'an archive'            => array( true, $cli( 'wp', 'plugin', 'install', './data-machine-0.102.8.zip', '--activate' ) ),
			'an archive elsewhere'  => array( true, $cli( 'wp', 'plugin', 'install', 'https://example.org/x/data-machine/archive/refs/tags/v0.102.8.zip', '--activate' ) ),
			'an archive of another' => array( false, $cli( 'wp', 'plugin', 'install', '/home/data-machine/data-machine-events.1.2.zip', '--activate' ) ),
			'all there are'         => array( true, array( 'plugins' => array( 'data-machine/data-machine.php' ) ) + $cli( 'wp', 'plugin', 'activate', '--all' ) ),
			'all, and it is absent' => array( false, $cli( 'wp', 'plugin', 'activate', '--all' ) ),
			'deactivation'          => array( false, $page( 'plugins.php', 'deactivate', 'data-machine/data-machine.php' ) ),
			'another plugin'        => array( false, $page( 'plugins.php', 'activate', 'data-machine-events/data-machine-events.php' ) ),
			'another page'          => array( false, $page( 'index.php', 'activate', 'data-machine/data-machine.php' ) ),
			'no page of wp-admin'   => array( false, $page( '', 'activate', 'data-machine/data-machine.php' ) ),
			'another command'       => array( false, $cli( 'wp', 'plugin', 'deactivate', 'data-machine' ) ),
			'a command about other' => array( false, $cli( 'wp', 'plugin', 'activate', 'data-machine-events' ) ),
		);
	}

	/** @dataProvider requests */
	public function test_a_request_that_activates_it( bool $expected, array $request ): void {
		self::assertSame( $expected, Role::is_being_activated( Role::DATA_MACHINE, $request ) );
	}
}
