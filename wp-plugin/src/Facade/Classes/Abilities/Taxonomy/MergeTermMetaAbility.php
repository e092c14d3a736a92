<?php
/**
 * Puts what is new of a term's data into its meta.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Abilities\Taxonomy;

use DataMachine\Abilities\PermissionHelper;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class MergeTermMetaAbility {

	/** What is stored already stays. */
	public const STRATEGY_FILL_EMPTY = 'fill_empty';

	/** What is given replaces it; an empty value never does. */
	public const STRATEGY_OVERWRITE = 'overwrite';

	public function __construct() {
	}

	/**
	 * @param array<string, mixed> $input `{term_id, taxonomy, data, field_map, strategy?, description?}`.
	 * @return array<string, mixed> As merge().
	 */
	public function execute( array $input ): array {
		return self::merge(
			is_numeric( $input['term_id'] ?? null ) ? (int) $input['term_id'] : 0,
			is_string( $input['taxonomy'] ?? null ) ? $input['taxonomy'] : '',
			is_array( $input['data'] ?? null ) ? $input['data'] : array(),
			is_array( $input['field_map'] ?? null ) ? $input['field_map'] : array(),
			is_string( $input['strategy'] ?? null ) ? $input['strategy'] : self::STRATEGY_FILL_EMPTY,
			is_string( $input['description'] ?? null ) ? $input['description'] : null
		);
	}

	public function checkPermission(): bool {
		return PermissionHelper::can_manage();
	}

	/**
	 * @param array<string, mixed>  $data        Values by field.
	 * @param array<string, string> $field_map   The meta key of each field.
	 * @param ?string               $description Of the term itself.
	 * @return array<string, mixed> `{success, term_id, updated: fields, skipped: fields}`, or `{success: false, error}`.
	 */
	public static function merge( int $term_id, string $taxonomy, array $data, array $field_map, string $strategy = self::STRATEGY_FILL_EMPTY, ?string $description = null ): array {
		if ( $term_id <= 0 ) {
			return self::failed( 'term_id is required' );
		}
		if ( ! in_array( $strategy, array( self::STRATEGY_FILL_EMPTY, self::STRATEGY_OVERWRITE ), true ) ) {
			return self::failed( sprintf( "Unknown strategy '%s'", $strategy ) );
		}
		$term = get_term( $term_id, $taxonomy );
		if ( ! $term instanceof \WP_Term ) {
			return self::failed( sprintf( "Term %d not found in taxonomy '%s'", $term_id, $taxonomy ) );
		}
		$updated = array();
		$skipped = array();
		foreach ( $field_map as $field => $key ) {
			$value = $data[ $field ] ?? null;
			if ( null === $value || '' === $value || array() === $value ) {
				continue;
			}
			$stored = get_term_meta( $term_id, (string) $key, true );
			$keeps  = self::STRATEGY_FILL_EMPTY === $strategy && ! in_array( $stored, array( '', null, array() ), true );
			if ( $keeps || $stored === $value ) {
				$skipped[] = $field;
				continue;
			}
			// Meta functions take slashes away.
			update_term_meta( $term_id, (string) $key, wp_slash( is_string( $value ) ? trim( wp_strip_all_tags( $value ) ) : $value ) );
			$updated[] = $field;
		}
		if ( null !== $description && '' !== trim( $description ) && ( self::STRATEGY_OVERWRITE === $strategy || '' === trim( $term->description ) ) ) {
			$changed = wp_update_term( $term_id, $taxonomy, array( 'description' => wp_slash( wp_kses_post( $description ) ) ) );
			if ( is_wp_error( $changed ) ) {
				return self::failed( $changed->get_error_message() );
			}
			$updated[] = 'description';
		}
		return array(
			'success' => true,
			'term_id' => $term_id,
			'updated' => $updated,
			'skipped' => $skipped,
		);
	}

	/** @return array{success: false, error: string} */
	private static function failed( string $error ): array {
		return array(
			'success' => false,
			'error'   => $error,
		);
	}
}
