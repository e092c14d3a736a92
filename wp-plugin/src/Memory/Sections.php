<?php
/**
 * The product's own sections, before any plugin adds, replaces or removes one.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Memory;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Sections {

	private const AGENTS = array(
		'auto-generated-marker' => array( 0, 'marker', 'Where the file comes from' ),
		'datamachine'           => array( 10, 'datamachine', 'Data Machine' ),
		'abilities'             => array( 20, 'abilities', 'Abilities' ),
		'wordpress-source'      => array( 30, 'wordpress_source', 'WordPress Source' ),
	);

	private const SITE = array(
		'header'     => array( 0, 'header', 'Header' ),
		'identity'   => array( 10, 'identity', 'Identity' ),
		'structure'  => array( 20, 'structure', 'Site Structure' ),
		'post-types' => array( 30, 'post_types', 'Post Types' ),
		'taxonomies' => array( 40, 'taxonomies', 'Taxonomies' ),
		'user-roles' => array( 50, 'user_roles', 'User Roles' ),
		'plugins'    => array( 60, 'plugins', 'Active Plugins' ),
		'mu-plugins' => array( 65, 'mu_plugins', 'Must-Use Plugins' ),
		'dropins'    => array( 70, 'dropins', 'Drop-ins' ),
		'rest-api'   => array( 80, 'rest_api', 'REST API' ),
	);

	private const NETWORK = array(
		'header'           => array( 0, 'header', 'Header' ),
		'identity'         => array( 10, 'identity', 'Identity' ),
		'sites'            => array( 20, 'sites', 'Sites' ),
		'plugins'          => array( 30, 'plugins', 'Network Plugins' ),
		'shared-resources' => array( 40, 'shared_resources', 'Shared Resources' ),
	);

	/** @return list<array{string, string, int, callable, array<string, string>}> File, slug, priority, callback, arguments. */
	public static function built_in(): array {
		$agents = self::AGENTS;
		if ( is_multisite() ) {
			$agents['multisite'] = array( 40, 'multisite', 'Multisite' );
		}
		$rows = array();
		foreach ( array(
			array( 'AGENTS.md', AgentsSections::class, $agents ),
			array( 'SITE.md', SiteSections::class, self::SITE ),
			array( 'NETWORK.md', NetworkSections::class, is_multisite() ? self::NETWORK : array() ),
		) as list( $file, $class, $sections ) ) {
			foreach ( $sections as $slug => list( $priority, $method, $label ) ) {
				$rows[] = array( $file, $slug, $priority, array( $class, $method ), array( 'label' => $label ) );
			}
		}
		return $rows;
	}
}
