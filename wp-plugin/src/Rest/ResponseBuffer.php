<?php
/**
 * Collects the pieces of an answer that is larger than one frame; they arrive as nested calls before the answer.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Rest;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class ResponseBuffer {

	private static string $pieces = '';

	/** @param array<string, mixed> $params `piece`: the next bytes. */
	public static function write( array $params ): bool {
		self::$pieces .= (string) ( $params['piece'] ?? '' );
		return true;
	}

	public static function clear(): void {
		self::$pieces = '';
	}

	public static function take(): string {
		$pieces       = self::$pieces;
		self::$pieces = '';
		return $pieces;
	}
}
