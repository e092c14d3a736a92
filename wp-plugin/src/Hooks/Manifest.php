<?php
/**
 * What Python subscribed to and registered, as published by the sidecar into one autoloaded option.
 * 
 * Page views only read it. Older generations are ignored, so that a sidecar that started earlier cannot undo a newer one.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Hooks;

use DataMachine\Bridge\Host\Acting;
use DataMachine\Bridge\Host\Params;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Manifest {

	public const OPTION = 'datamachine_bridge_manifest';

	/** The form of the array; a manifest of another form is not read. */
	public const FORMAT = 1;

	/** @param array<string, mixed> $data */
	private function __construct( private readonly array $data ) {
	}

	public static function stored(): self {
		$data = get_option( self::OPTION, array() );
		return new self( is_array( $data ) && self::FORMAT === ( $data['format'] ?? 0 ) ? $data : array() );
	}

	public function generation(): int {
		return (int) ( $this->data['generation'] ?? 0 );
	}

	/** @return list<array<string, mixed>> One entry for each forwarder: hook, priority, mode, kind, args, on_failure and the like. */
	public function forwarders(): array {
		return $this->data['forwarders'] ?? array();
	}

	/** @return array<string, mixed> Registrations by kind. */
	public function registrations(): array {
		return $this->data['registrations'] ?? array();
	}

	/** Plain facts for Site Health and `datamachine doctor`. */
	public function summary(): array {
		return array(
			'generation'   => $this->generation(),
			'plugins'      => $this->data['plugins'] ?? array(),
			'forwarders'   => count( $this->forwarders() ),
			'published_at' => $this->data['published_at'] ?? null,
		);
	}

	/**
	 * Host operation `manifest.publish`: `{manifest: {format, generation, hash, ...}}`.
	 *
	 * The same content again changes nothing; a generation that is not newer than the stored one is refused.
	 *
	 * @param array<string, mixed> $params
	 * @return array{stored: bool, generation: int, hash: string}
	 */
	public static function publish( array $params ): array {
		Acting::must( 'manage_options' );
		$new    = Params::items( $params, 'manifest' );
		$stored = self::store( $new );
		if ( is_multisite() ) {
			foreach ( get_sites( array( 'fields' => 'ids', 'number' => 0, 'site__not_in' => array( get_current_blog_id() ) ) ) as $blog ) {
				if ( ! wp_is_site_initialized( (int) $blog ) ) {
					// A site that is being made is given it at the end.
					continue;
				}
				switch_to_blog( (int) $blog );
				self::store( $new );
				restore_current_blog();
			}
		}
		$now = self::stored();
		return array(
			'stored'     => $stored,
			'generation' => $now->generation(),
			'hash'       => (string) ( $now->data['hash'] ?? '' ),
		);
	}

	/** @param array<string, mixed> $manifest */
	private static function store( array $manifest ): bool {
		$current = self::stored();
		$newer   = (int) ( $manifest['generation'] ?? 0 ) > $current->generation();
		if ( ! $newer || self::FORMAT !== ( $manifest['format'] ?? 0 ) || ( $manifest['hash'] ?? '' ) === ( $current->data['hash'] ?? '' ) ) {
			return false;
		}
		return update_option( self::OPTION, array( 'published_at' => gmdate( 'Y-m-d H:i:s' ) ) + $manifest, true );
	}
}
