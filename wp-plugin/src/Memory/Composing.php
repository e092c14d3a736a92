<?php
/**
 * PHP code that wants files composed or scaffolded: the sidecar does it.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Memory;

use DataMachine\Bridge\Bridge\BridgeException;
use DataMachine\Bridge\Bridge\Client;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Composing {

	/** Seconds: another WordPress process is opened for it. */
	private const BUDGET = 20.0;

	/**
	 * @param string|null          $filename Null for every composable file.
	 * @param array<string, mixed> $context  For the sections.
	 * @return list<array<string, mixed>>|null One entry a file: filename, success, message, filepath; null when nobody answers.
	 */
	public static function run( ?string $filename, array $context ): ?array {
		$answer = self::call(
			'memory.compose',
			array(
				'filename' => $filename,
				'context'  => $context,
			)
		);
		return is_array( $answer ) ? array_values( $answer ) : null;
	}

	/** Files every site starts with, for its default agent; false when nobody answers, or one is still missing. */
	public static function defaults(): bool {
		return true === self::call( 'memory.defaults', array() );
	}

	/** @param array<string, mixed> $params */
	private static function call( string $method, array $params ): mixed {
		try {
			return Client::instance()->call( $method, $params, 'cli' === PHP_SAPI ? null : self::BUDGET, Client::CONNECT_FOR_ANSWER );
		} catch ( BridgeException $error ) {
			return null;
		}
	}
}
