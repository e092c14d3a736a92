<?php
/**
 * Puts declared commands into WP-CLI.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Cli;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Registrar {

	/** @var array<string, string> */
	private array $refused = array();

	public function __construct( private Proxy $proxy ) {
	}

	/**
	 * @param array{namespaces: array<string, string>, commands: array<int, array<string, mixed>>} $declarations
	 */
	public function add( array $declarations ): void {
		// Parents first: a child without its parent is deferred by WP-CLI to a moment where nobody catches its exception.
		foreach ( $declarations['namespaces'] as $path => $summary ) {
			$this->attempt( $path, CommandGroup::class, array( 'shortdesc' => $summary ) );
		}
		$tree           = new CommandTree( $declarations['commands'], $declarations['namespaces'] );
		$this->refused += $tree->refused();
		foreach ( $tree->accepted() as $path => $command ) {
			if ( self::exists( $path ) ) {
				// WP-CLI would let the later one win: ours must not replace what the operator knows.
				$this->refused[ $path ] = 'the name is taken';
				continue;
			}
			$target = (string) $command['target'];
			$this->attempt(
				$path,
				function ( array $args, array $assoc ) use ( $target ): void {
					$this->proxy->run( $target, array_values( $args ), $assoc );
				},
				array_intersect_key( $command, array_flip( array( 'shortdesc', 'longdesc', 'synopsis' ) ) )
			);
		}
	}

	/** @return array<string, string> Reasons by command, for those that were left out. */
	public function refused(): array {
		return $this->refused;
	}

	private static function exists( string $path ): bool {
		$command = \WP_CLI::get_root_command();
		foreach ( explode( ' ', $path ) as $word ) {
			$command = $command->get_subcommands()[ $word ] ?? null;
			if ( null === $command ) {
				return false;
			}
		}
		return true;
	}

	/** @param array<string, mixed> $details */
	private function attempt( string $path, string|\Closure $command, array $details ): void {
		try {
			\WP_CLI::add_command( $path, $command, $details );
		} catch ( \Throwable $error ) {
			// Another plugin may own a runnable command of that name; ours are then simply absent.
			$this->refused[ $path ] = $error->getMessage();
		}
	}
}
