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

	/** Autoloaded: the version whose capabilities the roles were given, or that Data Machine looks after them. */
	public const OPTION = 'datamachine_bridge_capabilities';

	private const THEIRS = 'companion';

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

	/**
	 * Give the roles what they lack, once for each version of the plugin, and once Data Machine has gone: it takes the
	 * capabilities, which are ours too, from the roles when it is deactivated.
	 */
	public static function ensure( bool $companion ): void {
		$wanted = $companion ? self::THEIRS : DATAMACHINE_BRIDGE_VERSION;
		if ( get_option( self::OPTION ) === $wanted ) {
			return;
		}
		if ( ! $companion ) {
			self::grant();
		}
		update_option( self::OPTION, $wanted, true );
	}

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
		delete_option( self::OPTION );
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
