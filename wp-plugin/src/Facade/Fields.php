<?php
/**
 * The settings of a handler whose fields are data: those of the product and of Python plugins.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Facade;

use DataMachine\Bridge\Bridge\BridgeException;
use DataMachine\Bridge\Hooks\Policy;

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

	/** @return array<string, array<string, mixed>> None while the sidecar, whose they are, does not say: a page goes on without. */
	public function get_fields(): array {
		try {
			return $this->known();
		} catch ( BridgeException $error ) {
			Policy::report( 'settings of a handler', 'no fields', $error );
			return array();
		}
	}

	/**
	 * @param array<string, mixed> $raw_settings
	 * @return array<string, mixed>
	 * @throws \InvalidArgumentException A required value is empty, or nobody knows the fields: nothing is to be stored then.
	 */
	public function sanitize( array $raw_settings ): array {
		try {
			$fields = $this->known();
		} catch ( BridgeException $error ) {
			throw new \InvalidArgumentException( 'The settings cannot be checked: the Data Machine sidecar does not answer.', 0, $error );
		}
		return FieldRules::clean( $fields, $raw_settings );
	}

	/** @return array<string, array<string, mixed>> */
	private function known(): array {
		return $this->known ??= ( $this->fields )();
	}
}
