<?php
/**
 * Sections to text. The sidecar asks for it in a unit of context `rest`; where the text goes is its business.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Memory;

use DataMachine\Bridge\Host\Params;
use DataMachine\Core\FilesRepository\AgentMemory;
use DataMachine\Engine\AI\MemoryFileRegistry;
use DataMachine\Engine\AI\SectionRegistry;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Composer {

	/** Files that are built from sections although the registry does not call them composable, and their own filter. */
	public const DESCRIPTIONS = array(
		'SITE.md'    => 'datamachine_site_scaffold_content',
		'NETWORK.md' => 'datamachine_network_scaffold_content',
	);

	/**
	 * The file's text without its last newline; '' when no section says anything.
	 *
	 * @param array<string, mixed> $context For the sections.
	 * @param bool                 $strict  A section that could not be made is an error, instead of being left out.
	 * @throws \RuntimeException When `$strict`; a section's own exceptions pass in any case.
	 */
	public static function text( string $filename, array $context, bool $strict = false ): string {
		$parts = array();
		foreach ( SectionRegistry::get_sections( $filename ) as $slug => $section ) {
			$text = call_user_func( $section['callback'], $context );
			if ( $strict && is_wp_error( $text ) ) {
				throw new \RuntimeException( sprintf( 'Section "%s": %s', $slug, $text->get_error_message() ) );
			}
			if ( is_string( $text ) && '' !== trim( $text ) ) {
				$parts[] = trim( $text );
			}
		}
		$content = implode( "\n\n", $parts );
		if ( isset( self::DESCRIPTIONS[ $filename ] ) ) {
			// phpcs:ignore WordPress.NamingConventions.PrefixAllGlobals -- one of the two names above.
			$content = apply_filters( self::DESCRIPTIONS[ $filename ], $content );
			$content = is_string( $content ) ? $content : '';
		}
		$content = apply_filters( 'datamachine_composable_content', $content, $filename, $context );
		return is_string( $content ) ? $content : '';
	}

	/**
	 * Host operation `memory.generate`: `{filename, context}` gives `{code, message, content, filename, filepath, sections}`;
	 * a code other than '' says why there is no content.
	 *
	 * @param array<string, mixed> $params
	 * @return array{code: string, message: string, content: string, filename: string, filepath: string, sections: int}
	 */
	public static function generate( array $params ): array {
		// Names of plugins, must-use plugins and drop-ins: without this the text would depend on who loaded what before.
		require_once ABSPATH . 'wp-admin/includes/plugin.php';
		$filename = sanitize_file_name( Params::text( $params, 'filename' ) );
		$context  = Params::items( $params, 'context' );
		$sections = count( SectionRegistry::get_sections( $filename ) );
		$refusal  = self::refusal( $filename, $sections );
		$content  = '';
		$path     = '';
		if ( null === $refusal ) {
			$path = ( new AgentMemory( absint( $context['user_id'] ?? 0 ), absint( $context['agent_id'] ?? 0 ), $filename ) )->get_file_path();
			try {
				$content = self::text( $filename, $context, true );
				if ( '' === trim( $content ) ) {
					$refusal = array( 'memory_sections_empty', sprintf( 'All sections returned empty content for "%s".', $filename ) );
				}
			} catch ( \Throwable $error ) {
				// Half a file would tell an agent that the rest is not there.
				$refusal = array( 'memory_section_failed', sprintf( '%s was not composed. %s', $filename, $error->getMessage() ) );
			}
		}
		return array(
			'code'     => $refusal[0] ?? '',
			'message'  => $refusal[1] ?? '',
			'content'  => null === $refusal ? $content : '',
			'filename' => $filename,
			'filepath' => $path,
			'sections' => $sections,
		);
	}

	/**
	 * Host operation `memory.sections`: `{}` gives `{composable: [filename], central: [filename], sections: [{file, slug,
	 * priority, label, description}]}`; central files are the main site's, whichever site of a network asks.
	 *
	 * @param array<string, mixed> $params
	 * @return array{composable: list<string>, central: list<string>, sections: list<array<string, mixed>>}
	 */
	public static function describe( array $params ): array {
		unset( $params );
		$rows    = array();
		$central = array();
		foreach ( MemoryFileRegistry::get_all() as $filename => $file ) {
			if ( '' !== $file['convention_path'] || MemoryFileRegistry::LAYER_NETWORK === $file['layer'] ) {
				$central[] = (string) $filename;
			}
			foreach ( SectionRegistry::get_sections( (string) $filename ) as $section ) {
				$rows[] = array(
					'file'        => (string) $filename,
					'slug'        => $section['slug'],
					'priority'    => $section['priority'],
					'label'       => $section['label'],
					'description' => $section['description'],
				);
			}
		}
		return array(
			'composable' => array_map( 'strval', array_keys( MemoryFileRegistry::get_composable() ) ),
			'central'    => $central,
			'sections'   => $rows,
		);
	}

	/** @return array{string, string}|null Code and sentence. */
	private static function refusal( string $filename, int $sections ): ?array {
		$described = isset( self::DESCRIPTIONS[ $filename ] );
		if ( ! MemoryFileRegistry::is_registered( $filename ) ) {
			return array( 'memory_file_not_registered', sprintf( 'File "%s" is not registered in the MemoryFileRegistry.', $filename ) );
		}
		if ( ! $described && ! MemoryFileRegistry::is_composable( $filename ) ) {
			return array( 'memory_file_not_composable', sprintf( 'File "%s" is not composable.', $filename ) );
		}
		if ( 'NETWORK.md' === $filename && ! is_multisite() ) {
			return array( 'memory_no_network', 'This site is not part of a network: there is no NETWORK.md to compose.' );
		}
		if ( $described && ! self::wanted() ) {
			return array( 'memory_site_context_off', sprintf( '%s is not written while the setting site_context_enabled is off.', $filename ) );
		}
		if ( 0 === $sections ) {
			return array( 'memory_no_sections', sprintf( 'No sections registered for "%s".', $filename ) );
		}
		return null;
	}

	/** The setting `site_context_enabled`, on unless somebody turned it off. */
	private static function wanted(): bool {
		$settings = get_option( 'datamachine_settings', array() );
		return ! is_array( $settings ) || ! empty( $settings['site_context_enabled'] ?? true );
	}
}
