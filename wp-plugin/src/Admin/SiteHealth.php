<?php
/**
 * Site Health tests: is this site joined with a sidecar, does the sidecar answer, are both of one version, are the
 * tables up to date.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Admin;

use DataMachine\Bridge\Plugin;
use DataMachine\Bridge\Schema\Installer;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class SiteHealth {

	/** Milliseconds on an open connection above which hooks are noticed by visitors. */
	private const SLOW = 5.0;

	/**
	 * @param mixed $tests What WordPress and other plugins have so far.
	 * @return array<string, array<string, array<string, mixed>>>
	 */
	public static function tests( $tests ): array {
		$tests           = is_array( $tests ) ? $tests : array();
		$tests['direct'] = ( $tests['direct'] ?? array() ) + array(
			'datamachine_sidecar'   => array(
				'label' => __( 'Data Machine sidecar', 'datamachine-bridge' ),
				'test'  => array( self::class, 'sidecar' ),
			),
			'datamachine_version'   => array(
				'label' => __( 'Data Machine versions', 'datamachine-bridge' ),
				'test'  => array( self::class, 'version' ),
			),
			'datamachine_migration' => array(
				'label' => __( 'Data Machine tables', 'datamachine-bridge' ),
				'test'  => array( self::class, 'migration' ),
			),
		);
		return $tests;
	}

	/** @return array<string, mixed> */
	public static function sidecar(): array {
		$sidecar = Sidecar::now();
		if ( ! $sidecar->configured ) {
			return self::result(
				'datamachine_sidecar',
				'recommended',
				__( 'Data Machine Bridge is idle', 'datamachine-bridge' ),
				__( 'No sidecar has been joined with this site, so hooks, commands and agents stay in WordPress.', 'datamachine-bridge' ),
				/* translators: %s: a command. */
				sprintf( __( 'On the server, run: %s', 'datamachine-bridge' ), 'datamachine init --wp-path=' . untrailingslashit( ABSPATH ) )
			);
		}
		if ( ! $sidecar->answers() ) {
			return self::result(
				'datamachine_sidecar',
				'critical',
				__( 'The Data Machine sidecar does not answer', 'datamachine-bridge' ),
				/* translators: %s: error message. */
				sprintf( __( 'Pages work, but agents, flows and Python plugins do not: %s', 'datamachine-bridge' ), $sidecar->error ),
				sprintf( __( 'On the server, run: %s', 'datamachine-bridge' ), 'datamachine doctor' )
			);
		}
		/* translators: 1: milliseconds of the first call, 2: milliseconds of a later call. */
		$latency = sprintf( __( 'The first call of a request takes %1$s ms, each further call %2$s ms.', 'datamachine-bridge' ), number_format_i18n( (float) $sidecar->first, 2 ), number_format_i18n( (float) $sidecar->later, 2 ) );
		if ( $sidecar->later > self::SLOW ) {
			return self::result( 'datamachine_sidecar', 'recommended', __( 'The Data Machine sidecar answers slowly', 'datamachine-bridge' ), $latency );
		}
		return self::result( 'datamachine_sidecar', 'good', __( 'The Data Machine sidecar answers', 'datamachine-bridge' ), $latency );
	}

	/** @return array<string, mixed> */
	public static function version(): array {
		$sidecar = Sidecar::now();
		if ( ! $sidecar->answers() ) {
			return self::result(
				'datamachine_version',
				'good',
				__( 'Data Machine versions are not compared while no sidecar answers', 'datamachine-bridge' ),
				__( 'The plugin and the sidecar must be of the same version.', 'datamachine-bridge' )
			);
		}
		/* translators: 1: version of the plugin, 2: version of the sidecar. */
		$both = sprintf( __( 'Plugin %1$s, sidecar %2$s.', 'datamachine-bridge' ), DATAMACHINE_BRIDGE_VERSION, $sidecar->version );
		if ( DATAMACHINE_BRIDGE_VERSION !== $sidecar->version ) {
			return self::result(
				'datamachine_version',
				'critical',
				__( 'The Data Machine plugin and its sidecar are of different versions', 'datamachine-bridge' ),
				$both,
				__( 'Install the same version of both and restart the sidecar.', 'datamachine-bridge' )
			);
		}
		return self::result( 'datamachine_version', 'good', __( 'The Data Machine plugin and its sidecar are of one version', 'datamachine-bridge' ), $both );
	}

	/** @return array<string, mixed> */
	public static function migration(): array {
		$waiting = Installer::for_this_site()->waiting( Plugin::instance()->is_companion() );
		if ( array() === $waiting ) {
			return self::result(
				'datamachine_migration',
				'good',
				__( 'The Data Machine tables are up to date', 'datamachine-bridge' ),
				__( 'Tables, columns and rows have the form this version works with.', 'datamachine-bridge' )
			);
		}
		$reasons = array_intersect_key(
			array(
				Installer::WAITS_TABLES  => __( 'Tables are missing.', 'datamachine-bridge' ),
				Installer::WAITS_COLUMNS => __( 'Tables were made by an older version and lack columns.', 'datamachine-bridge' ),
				Installer::WAITS_ROWS    => __( 'Rows from before there were agents have not been given to agents yet.', 'datamachine-bridge' ),
				Installer::WAITS_VERSION => __( 'The tables have not been looked at since the last update.', 'datamachine-bridge' ),
			),
			array_flip( $waiting )
		);
		return self::result(
			'datamachine_migration',
			in_array( Installer::WAITS_TABLES, $waiting, true ) || in_array( Installer::WAITS_COLUMNS, $waiting, true ) ? 'critical' : 'recommended',
			__( 'A migration of the Data Machine tables waits', 'datamachine-bridge' ),
			implode( ' ', $reasons ) . ' ' . __( 'WordPress does not change them itself; the command can be interrupted and run again.', 'datamachine-bridge' ),
			/* translators: %s: a command. */
			sprintf( __( 'On the server, run: %s', 'datamachine-bridge' ), 'datamachine migrate' )
		);
	}

	/** @return array<string, mixed> */
	private static function result( string $test, string $status, string $label, string $description, string $action = '' ): array {
		return array(
			'label'       => $label,
			'status'      => $status,
			'badge'       => array(
				'label' => __( 'Data Machine', 'datamachine-bridge' ),
				'color' => 'blue',
			),
			'description' => '<p>' . esc_html( $description ) . '</p>',
			'actions'     => '' === $action ? '' : '<p>' . esc_html( $action ) . '</p>',
			'test'        => $test,
		);
	}
}
