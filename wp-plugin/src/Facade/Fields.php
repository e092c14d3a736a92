<?php
/**
 * The settings of a handler whose fields are data: those of the product and of Python plugins.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Facade;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/** Used as an object of a settings class is; one class serves every handler, so its methods are no static ones. */
final class Fields {

	/** @var array<string, array<string, mixed>>|null */
	private ?array $known = null;

	/** @param \Closure(): array<string, array<string, mixed>> $fields Asked once. */
	public function __construct( private readonly \Closure $fields ) {
	}

	/** @return array<string, array<string, mixed>> */
	public function get_fields(): array {
		return $this->known ??= ( $this->fields )();
	}

	/**
	 * @param array<string, mixed> $raw_settings
	 * @return array<string, mixed>
	 * @throws \InvalidArgumentException A required value is empty.
	 */
	public function sanitize( array $raw_settings ): array {
		return FieldRules::clean( $this->get_fields(), $raw_settings );
	}
}
