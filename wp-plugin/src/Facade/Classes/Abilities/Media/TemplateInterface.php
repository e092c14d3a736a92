<?php
/**
 * A picture that is drawn from data.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Abilities\Media;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/** Classes are listed on the filter `datamachine/image_generation/templates`, by id. */
interface TemplateInterface {

	public function get_id(): string;

	public function get_name(): string;

	public function get_description(): string;

	/** @return array<string, array<string, mixed>> `{label, type, required}` by key. */
	public function get_fields(): array;

	/** A key of {@see PlatformPresets}. */
	public function get_default_preset(): string;

	/**
	 * @param array<string, mixed> $data    By the keys of get_fields().
	 * @param array<string, mixed> $options `preset`, `format` (png or jpeg), `context` of the files.
	 * @return list<string> Paths of the files that were made.
	 */
	public function render( array $data, GDRenderer $renderer, array $options = array() ): array;
}
