<?php
/**
 * Which of a list of commands WP-CLI can hold together.
 *
 * WP-CLI has no runnable parents: a command with a command below it throws an exception that ends every `wp` call on
 * the site. Such pairs are found here, before WP-CLI sees them.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Cli;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class CommandTree {

	/** @var array<string, array<string, mixed>> Accepted commands by path. */
	private array $accepted = array();

	/** @var array<string, string> Reasons by path. */
	private array $refused = array();

	/**
	 * @param array<int, array<string, mixed>> $commands   Each with `path` (words joined by single spaces).
	 * @param array<string, string>            $namespaces Paths that only hold others.
	 */
	public function __construct( array $commands, array $namespaces ) {
		$leaves = array();
		foreach ( $commands as $command ) {
			$leaves[ (string) ( $command['path'] ?? '' ) ] = true;
		}
		foreach ( $commands as $command ) {
			$path = (string) ( $command['path'] ?? '' );
			if ( 1 !== preg_match( '/^[a-z0-9][a-z0-9_-]*( [a-z0-9][a-z0-9_-]*)*$/', $path ) ) {
				$this->refused[ $path ] = 'its name is not made of plain words';
			} elseif ( isset( $this->accepted[ $path ] ) ) {
				$this->refused[ $path ] = 'the name is taken';
			} elseif ( isset( $namespaces[ $path ] ) ) {
				$this->refused[ $path ] = 'it is the name of a group';
			} elseif ( null !== $this->runnable_parent( $path, $leaves ) ) {
				$this->refused[ $path ] = "'" . $this->runnable_parent( $path, $leaves ) . "' is a command and cannot have subcommands";
			} else {
				$this->accepted[ $path ] = $command;
			}
		}
	}

	/** @return array<string, array<string, mixed>> */
	public function accepted(): array {
		return $this->accepted;
	}

	/** @return array<string, string> */
	public function refused(): array {
		return $this->refused;
	}

	/** @param array<string, true> $leaves */
	private function runnable_parent( string $path, array $leaves ): ?string {
		$words = explode( ' ', $path );
		while ( count( $words ) > 1 ) {
			array_pop( $words );
			$parent = implode( ' ', $words );
			if ( isset( $leaves[ $parent ] ) ) {
				return $parent;
			}
		}
		return null;
	}
}
