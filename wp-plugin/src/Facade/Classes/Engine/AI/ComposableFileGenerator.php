<?php
/**
 * Composed files, written anew from their sections.
 *
 * The sidecar composes them in a clean process, so that the bytes do not depend on the request that asks, and writes
 * them to the store that keeps them, only when they differ.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Engine\AI;

use DataMachine\Bridge\Memory\Composing;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class ComposableFileGenerator {

	/**
	 * @param array $context agent_id or user_id, for files of those layers; sections get it too.
	 * @return array{success: bool, message: string, filepath?: string}
	 */
	public static function regenerate( string $filename, array $context = array() ): array {
		$results = Composing::run( $filename, $context );
		if ( null === $results || ! isset( $results[0] ) ) {
			return array(
				'success' => false,
				'message' => 'The Data Machine sidecar does not answer.',
			);
		}
		unset( $results[0]['filename'] );
		return $results[0];
	}

	/**
	 * Every composable file; one that fails does not keep the others from being written.
	 *
	 * @return array{success: bool, message: string, results: list<array<string, mixed>>}
	 */
	public static function regenerate_all( array $context = array() ): array {
		$results = Composing::run( null, $context );
		if ( null === $results ) {
			return array(
				'success' => false,
				'message' => 'The Data Machine sidecar does not answer.',
				'results' => array(),
			);
		}
		$done = count( array_filter( array_column( $results, 'success' ) ) );
		return array(
			'success' => true,
			'message' => sprintf( 'Regenerated %d of %d composable file(s).', $done, count( $results ) ),
			'results' => $results,
		);
	}
}
