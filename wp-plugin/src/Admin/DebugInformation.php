<?php
/**
 * The section of Site Health's Info tab. No secret is read for it, and private fields stay out of what is copied.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Admin;

use DataMachine\Bridge\Bridge\Config;
use DataMachine\Bridge\Plugin;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class DebugInformation {

	/**
	 * @param mixed $info Sections so far.
	 * @return array<string, mixed>
	 */
	public static function add( $info ): array {
		$info                       = is_array( $info ) ? $info : array();
		$info['datamachine-bridge'] = array(
			'label'       => __( 'Data Machine Bridge', 'datamachine-bridge' ),
			'description' => __( 'How this site and its sidecar are joined.', 'datamachine-bridge' ),
			'fields'      => self::fields(),
		);
		return $info;
	}

	/** @return array<string, array<string, mixed>> */
	private static function fields(): array {
		$sidecar = Sidecar::now();
		$config  = Config::load();
		$fields  = array(
			'plugin' => self::field( __( 'Plugin version', 'datamachine-bridge' ), DATAMACHINE_BRIDGE_VERSION ),
			'mode'   => self::field( __( 'Mode', 'datamachine-bridge' ), Plugin::instance()->mode() ),
			'state'  => self::field(
				__( 'Sidecar', 'datamachine-bridge' ),
				match ( true ) {
					! $sidecar->configured => __( 'not initialised', 'datamachine-bridge' ),
					$sidecar->answers()    => __( 'answers', 'datamachine-bridge' ),
					default                => $sidecar->error,
				},
				! $sidecar->configured ? 'idle' : ( $sidecar->answers() ? 'up' : 'down' )
			),
		);
		if ( $sidecar->answers() ) {
			$fields['sidecar'] = self::field( __( 'Sidecar version', 'datamachine-bridge' ), $sidecar->version );
			$fields['first']   = self::field( __( 'First call (ms)', 'datamachine-bridge' ), number_format( (float) $sidecar->first, 2, '.', '' ) );
			$fields['later']   = self::field( __( 'Further calls (ms)', 'datamachine-bridge' ), number_format( (float) $sidecar->later, 2, '.', '' ) );
		}
		if ( null !== $config ) {
			$fields['site']   = self::field( __( 'Site name', 'datamachine-bridge' ), $config->site );
			$fields['socket'] = self::field( __( 'Socket', 'datamachine-bridge' ), $config->socket ) + array( 'private' => true );
			$fields['secret'] = self::field(
				__( 'Secret', 'datamachine-bridge' ),
				is_readable( $config->secret_file ) ? __( 'readable', 'datamachine-bridge' ) : __( 'not readable by PHP', 'datamachine-bridge' ),
				is_readable( $config->secret_file ) ? 'readable' : 'unreadable'
			);
		}
		return $fields;
	}

	/** @return array{label: string, value: string, debug: string} */
	private static function field( string $label, string $value, ?string $debug = null ): array {
		return array(
			'label' => $label,
			'value' => $value,
			'debug' => $debug ?? $value,
		);
	}
}
