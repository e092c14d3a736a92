<?php
/**
 * Site Health test: can a stranger fetch what agents remember? It puts files there and asks for them.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Admin;

use DataMachine\Bridge\Memory\Protection;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class SiteHealthFiles {

	public const TEST = 'datamachine_files';

	/**
	 * Requests to this site take their time: the test runs after the page has been shown.
	 *
	 * @param mixed $tests What WordPress and other plugins have so far.
	 * @return array<string, array<string, array<string, mixed>>>
	 */
	public static function tests( $tests ): array {
		$tests          = is_array( $tests ) ? $tests : array();
		$tests['async'] = ( $tests['async'] ?? array() ) + array(
			self::TEST => array(
				'label'             => __( 'Data Machine files', 'datamachine-bridge' ),
				'test'              => self::TEST,
				'async_direct_test' => array( self::class, 'test' ),
			),
		);
		return $tests;
	}

	/** The action `wp_ajax_health-check-datamachine-files`, with which Site Health's page asks. */
	public static function answer(): void {
		check_ajax_referer( 'health-check-site-status' );
		if ( ! current_user_can( 'view_site_health_checks' ) ) {
			wp_send_json_error( null, 403 );
		}
		wp_send_json_success( self::test() );
	}

	/** @return array<string, mixed> */
	public static function test(): array {
		$asked  = Protection::everything();
		$probes = Protection::probes();
		try {
			$found = Protection::fetch( $probes );
		} finally {
			Protection::remove_probes( $probes );
		}
		if ( array() !== $found['served'] ) {
			return self::result(
				'critical',
				__( 'Anybody can read what your agents remember', 'datamachine-bridge' ),
				sprintf(
					/* translators: %s: names of folders and files. */
					__( 'This web server hands these out to strangers: %s. They hold what agents know of this site and its users.', 'datamachine-bridge' ),
					implode( ', ', $found['served'] )
				),
				__( 'With nginx, add these lines to the server block of this site and reload it; or move the files out of the web root with the constant DATAMACHINE_FILES_DIR.', 'datamachine-bridge' ),
				Protection::nginx()
			);
		}
		if ( array() !== $found['unknown'] ) {
			return self::result(
				'recommended',
				__( 'It could not be tested whether strangers can read what your agents remember', 'datamachine-bridge' ),
				sprintf(
					/* translators: %s: names of folders and files. */
					__( 'This site could not ask itself for: %s.', 'datamachine-bridge' ),
					implode( ', ', $found['unknown'] )
				)
			);
		}
		return self::result(
			'good',
			__( 'Strangers cannot read what your agents remember', 'datamachine-bridge' ),
			array() === $probes
				? __( 'No file of an agent is where this web server could find it.', 'datamachine-bridge' )
				: __( 'This site asked itself for files of agents and was refused.', 'datamachine-bridge' ),
			$asked ? '' : __( 'The sidecar did not answer; folders that are new are protected when it does.', 'datamachine-bridge' )
		);
	}

	/** @return array<string, mixed> */
	private static function result( string $status, string $label, string $description, string $action = '', string $code = '' ): array {
		return array(
			'label'       => $label,
			'status'      => $status,
			'badge'       => array(
				'label' => __( 'Data Machine', 'datamachine-bridge' ),
				'color' => 'blue',
			),
			'description' => '<p>' . esc_html( $description ) . '</p>',
			'actions'     => ( '' === $action ? '' : '<p>' . esc_html( $action ) . '</p>' ) . ( '' === $code ? '' : '<pre>' . esc_html( $code ) . '</pre>' ),
			'test'        => self::TEST,
		);
	}
}
