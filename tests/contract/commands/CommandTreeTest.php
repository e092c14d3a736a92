<?php
/**
 * Which declared commands reach WP-CLI. No WordPress, no WP-CLI.
 */

declare(strict_types=1);

use DataMachine\Bridge\Cli\CommandTree;
use PHPUnit\Framework\TestCase;

defined( 'ABSPATH' ) || define( 'ABSPATH', __DIR__ . '/' );
require_once __DIR__ . '/../../../wp-plugin/src/Cli/CommandTree.php';

final class CommandTreeTest extends TestCase {

	/**
	 * @param list<string>          $paths
	 * @param array<string, string> $namespaces
	 */
	private static function tree( array $paths, array $namespaces = array() ): CommandTree {
		return new CommandTree( array_map( static fn( string $path ): array => array( 'path' => $path ), $paths ), $namespaces );
	}

	public function test_commands_side_by_side_are_accepted(): void {
		$tree = self::tree( array( 'datamachine agents list', 'datamachine agents show', 'datamachine flows' ), array( 'datamachine' => '' ) );
		self::assertSame( array( 'datamachine agents list', 'datamachine agents show', 'datamachine flows' ), array_keys( $tree->accepted() ) );
		self::assertSame( array(), $tree->refused() );
	}

	public function test_a_command_below_a_command_is_refused_in_either_order(): void {
		foreach ( array( array( 'x', 'x child' ), array( 'x child', 'x' ) ) as $paths ) {
			$tree = self::tree( $paths );
			self::assertSame( array( 'x' ), array_keys( $tree->accepted() ) );
			self::assertSame( array( 'x child' => "'x' is a command and cannot have subcommands" ), $tree->refused() );
		}
	}

	public function test_a_command_far_below_a_command_is_refused(): void {
		self::assertArrayHasKey( 'x y z', self::tree( array( 'x', 'x y z' ) )->refused() );
	}

	public function test_a_name_counts_once(): void {
		$tree = self::tree( array( 'x y', 'x y' ) );
		self::assertCount( 1, $tree->accepted() );
		self::assertSame( 'the name is taken', $tree->refused()['x y'] );
	}

	public function test_a_groups_name_is_not_a_command(): void {
		self::assertArrayHasKey( 'x', self::tree( array( 'x' ), array( 'x' => 'A group.' ) )->refused() );
	}

	public function test_names_that_wp_cli_would_split_or_misread_are_refused(): void {
		foreach ( array( '', ' ', 'x  y', 'x --y', '-x', "x\ny", 'x <y>' ) as $path ) {
			self::assertSame( array(), self::tree( array( $path ) )->accepted(), $path );
		}
	}
}
