<?php
/**
 * What the settings class of a handler extends.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\Steps\Settings;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/**
 * A subclass supplies get_fields(): key to `{type, label, description, required?, default?, options?, min?, max?}`.
 */
abstract class SettingsHandler {

	/** @return array<string, array<string, mixed>> */
	abstract public static function get_fields(): array;

	/**
	 * Every declared key with a clean value; what is not declared is dropped.
	 *
	 * @param array<string, mixed> $raw_settings
	 * @return array<string, mixed>
	 * @throws \InvalidArgumentException A required value is empty.
	 */
	public static function sanitize( array $raw_settings ): array {
		$clean = array();
		foreach ( static::get_fields() as $key => $config ) {
			$clean[ $key ] = static::sanitizeField( $raw_settings, (string) $key, $config );
		}
		return $clean;
	}

	/**
	 * @param array<string, mixed> $raw_settings
	 * @param array<string, mixed> $config       The field.
	 * @return mixed
	 */
	protected static function sanitizeField( array $raw_settings, string $key, array $config ) {
		$default = $config['default'] ?? '';
		$value   = match ( $config['type'] ?? 'text' ) {
			'url'      => static::sanitizeUrl( $raw_settings, $key, $default ),
			'url_list' => static::sanitizeUrlList( $raw_settings, $key ),
			'textarea' => static::sanitizeTextarea( $raw_settings, $key, $default ),
			'checkbox' => static::sanitizeCheckbox( $raw_settings, $key ),
			'select'   => static::sanitizeSelect( $raw_settings, $key, $config ),
			'number'   => static::sanitizeNumber( $raw_settings, $key, $config ),
			default    => static::sanitizeText( $raw_settings, $key, $default ),
		};
		if ( ! empty( $config['required'] ) && ( '' === $value || array() === $value || null === $value ) ) {
			throw new \InvalidArgumentException( esc_html( $key ) . ' is required.' );
		}
		return $value;
	}

	/** @param mixed $default_value */
	protected static function sanitizeText( array $raw_settings, string $key, $default_value ): string {
		return sanitize_text_field( self::text( $raw_settings[ $key ] ?? $default_value ) );
	}

	/** @param mixed $default_value */
	protected static function sanitizeUrl( array $raw_settings, string $key, $default_value ): string {
		return esc_url_raw( self::text( $raw_settings[ $key ] ?? $default_value ) );
	}

	/** @return list<string> From a list, or a text with one address a line. */
	protected static function sanitizeUrlList( array $raw_settings, string $key ): array {
		$value = $raw_settings[ $key ] ?? array();
		$lines = is_array( $value ) ? $value : explode( "\n", self::text( $value ) );
		$urls  = array_map( static fn ( mixed $line ): string => esc_url_raw( trim( self::text( $line ) ) ), $lines );
		return array_values( array_filter( $urls, 'strlen' ) );
	}

	/** @param mixed $default_value */
	protected static function sanitizeTextarea( array $raw_settings, string $key, $default_value ): string {
		return sanitize_textarea_field( self::text( $raw_settings[ $key ] ?? $default_value ) );
	}

	/** A form sends "1"; clients that speak JSON send true or 1. */
	protected static function sanitizeCheckbox( array $raw_settings, string $key ): bool {
		return in_array( $raw_settings[ $key ] ?? false, array( '1', 1, true ), true );
	}

	/**
	 * A value that is one of the options, else the default.
	 *
	 * @param array<string, mixed> $config
	 * @return mixed
	 */
	protected static function sanitizeSelect( array $raw_settings, string $key, array $config ) {
		$default = $config['default'] ?? '';
		$value   = $raw_settings[ $key ] ?? $default;
		$options = array_map( 'strval', array_keys( is_array( $config['options'] ?? null ) ? $config['options'] : array() ) );
		return is_scalar( $value ) && in_array( (string) $value, $options, true ) ? $value : $default;
	}

	/** @param array<string, mixed> $config */
	protected static function sanitizeNumber( array $raw_settings, string $key, array $config ): int {
		$value = $raw_settings[ $key ] ?? $config['default'] ?? 0;
		$value = absint( is_scalar( $value ) ? $value : 0 );
		if ( isset( $config['min'] ) ) {
			$value = max( $value, (int) $config['min'] );
		}
		return isset( $config['max'] ) ? min( $value, (int) $config['max'] ) : $value;
	}

	private static function text( mixed $value ): string {
		return is_scalar( $value ) ? (string) $value : '';
	}
}
