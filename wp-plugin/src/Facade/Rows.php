<?php
/**
 * Rows of pipelines, flows and jobs as arrays of texts, their configurations decoded; and asking the sidecar to write them.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Facade;

use DataMachine\Bridge\Bridge\BridgeException;
use DataMachine\Bridge\Bridge\Client;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Rows {

	/**
	 * @param literal-string $sql       With placeholders; the first one (%i) is the table.
	 * @param list<string>   $documents Columns that hold JSON.
	 * @return list<array<string, mixed>>
	 */
	public static function all( string $table, string $sql, array $args = array(), array $documents = array() ): array {
		global $wpdb;
		$rows = $wpdb->get_results( $wpdb->prepare( $sql, $wpdb->prefix . $table, ...$args ), ARRAY_A ); // phpcs:ignore WordPress.DB.PreparedSQL.NotPrepared -- literal statements of our own.
		return array_map( static fn ( array $row ): array => self::decoded( $row, $documents ), is_array( $rows ) ? $rows : array() );
	}

	/** @param literal-string $sql */
	public static function value( string $table, string $sql, array $args = array() ): ?string {
		global $wpdb;
		return $wpdb->get_var( $wpdb->prepare( $sql, $wpdb->prefix . $table, ...$args ) ); // phpcs:ignore WordPress.DB.PreparedSQL.NotPrepared -- literal statements of our own.
	}

	/**
	 * Conditions for a user's and an agent's rows; null is no condition.
	 *
	 * @return array{0: string, 1: list<int>}
	 */
	public static function whose( ?int $user_id, ?int $agent_id ): array {
		$sql  = '';
		$args = array();
		if ( null !== $agent_id ) {
			$sql   .= ' AND agent_id = %d';
			$args[] = $agent_id;
		} elseif ( null !== $user_id ) {
			$sql   .= ' AND user_id = %d';
			$args[] = $user_id;
		}
		return array( $sql, $args );
	}

	/**
	 * Ask the sidecar to write.
	 *
	 * @param array<string, mixed> $params
	 * @return mixed Its answer, null when it could not be asked.
	 */
	public static function write( string $method, array $params ): mixed {
		try {
			return Client::instance()->call( $method, $params );
		} catch ( BridgeException $error ) {
			wp_trigger_error( __METHOD__, 'Nothing was written: ' . $error->getMessage(), E_USER_WARNING );
			return null;
		}
	}

	/**
	 * An ability of the product, as whoever acts here may use it.
	 *
	 * @param array<string, mixed> $input
	 * @return array<string, mixed> Empty when it failed.
	 */
	public static function ability( string $name, array $input ): array {
		$ability = function_exists( 'wp_get_ability' ) ? wp_get_ability( 'datamachine/' . $name ) : null;
		$answer  = null === $ability ? null : $ability->execute( $input );
		return is_array( $answer ) && ( $answer['success'] ?? true ) ? $answer : array();
	}

	/**
	 * @param array<string, mixed> $row
	 * @param list<string>         $documents
	 * @return array<string, mixed>
	 */
	private static function decoded( array $row, array $documents ): array {
		foreach ( $documents as $column ) {
			$value          = is_string( $row[ $column ] ?? null ) ? json_decode( $row[ $column ], true ) : null;
			$row[ $column ] = is_array( $value ) ? $value : array();
		}
		return $row;
	}
}
