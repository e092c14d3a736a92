<?php
/**
 * What a declared agent's memory files begin with: the templates its plugin named.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Identity;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class MemorySeeds {

	/**
	 * Filter `datamachine_scaffold_content`. The template is read here, with PHP's own rights.
	 *
	 * @param mixed $content  Text somebody offered already, or ''.
	 * @param mixed $filename For example `SOUL.md`.
	 * @param mixed $context  `agent_slug` names the agent.
	 * @return mixed
	 */
	public static function content( $content, $filename = '', $context = array() ) {
		$slug = is_array( $context ) ? (string) ( $context['agent_slug'] ?? '' ) : '';
		if ( ( is_string( $content ) && '' !== $content ) || '' === $slug || ! wp_has_agent( $slug ) ) {
			return $content;
		}
		$path = wp_get_agent( $slug )->get_memory_seeds()[ $filename ] ?? '';
		if ( '' === $path || ! is_file( $path ) || ! is_readable( $path ) ) {
			return $content;
		}
		$text = file_get_contents( $path ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- a local file of a plugin.
		return false === $text || '' === trim( $text ) ? $content : $text;
	}
}
