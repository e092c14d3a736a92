<?php
/**
 * The rules of settings classes, for fields that no class of their own has.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Facade;

use DataMachine\Core\Steps\Settings\SettingsHandler;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class FieldRules extends SettingsHandler {

	/** @return array<string, array<string, mixed>> */
	public static function get_fields(): array {
		return array();
	}

	/**
	 * @param array<string, array<string, mixed>> $fields
	 * @param array<string, mixed>                $raw
	 * @return array<string, mixed>
	 * @throws \InvalidArgumentException A required value is empty.
	 */
	public static function clean( array $fields, array $raw ): array {
		$clean = array();
		foreach ( $fields as $key => $config ) {
			$clean[ $key ] = self::sanitizeField( $raw, (string) $key, $config );
		}
		return $clean;
	}
}
