<?php
/**
 * The product's capabilities, given to roles while the plugin is active.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Identity;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Capabilities {

	public const ALL = array(
		'datamachine_manage_agents',
		'datamachine_manage_flows',
		'datamachine_manage_settings',
		'datamachine_chat',
		'datamachine_use_tools',
		'datamachine_view_logs',
		'datamachine_create_own_agent',
	);

	private const BY_ROLE = array(
		'administrator' => self::ALL,
		'editor'        => array( 'datamachine_chat', 'datamachine_use_tools', 'datamachine_view_logs', 'datamachine_create_own_agent' ),
		'author'        => array( 'datamachine_chat', 'datamachine_use_tools', 'datamachine_create_own_agent' ),
		'contributor'   => array( 'datamachine_chat', 'datamachine_create_own_agent' ),
		'subscriber'    => array( 'datamachine_chat', 'datamachine_create_own_agent' ),
	);

	public static function grant(): void {
		foreach ( self::BY_ROLE as $name => $capabilities ) {
			$role = get_role( $name );
			foreach ( null === $role ? array() : $capabilities as $capability ) {
				if ( ! $role->has_cap( $capability ) ) {
					$role->add_cap( $capability );
				}
			}
		}
	}

	public static function revoke(): void {
		foreach ( array_keys( self::BY_ROLE ) as $name ) {
			$role = get_role( $name );
			foreach ( null === $role ? array() : self::ALL as $capability ) {
				if ( $role->has_cap( $capability ) ) {
					$role->remove_cap( $capability );
				}
			}
		}
	}
}
