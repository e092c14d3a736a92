<?php
/**
 * Whose agent is meant when nobody is named: an administrator, resolved once and kept in an autoloaded option.
 *
 * Every page registers this agent, so finding out who it is must not cost a query each time.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Identity;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class DefaultAgent {

	/** The sidecar reads it too. */
	public const OPTION   = 'datamachine_bridge_default_agent';
	public const CONSTANT = 'DATAMACHINE_DEFAULT_AGENT_USER';

	/** Whatever may change who the first administrator is, what they are called, or the model their agent starts with. */
	private const EVENTS = array(
		'user_register',
		'profile_update',
		'deleted_user',
		'set_user_role',
		'add_user_role',
		'remove_user_role',
		'add_user_to_blog',
		'remove_user_from_blog',
		'add_option_datamachine_settings',
		'update_option_datamachine_settings',
		'delete_option_datamachine_settings',
		'add_site_option_datamachine_network_settings',
		'update_site_option_datamachine_network_settings',
	);

	public static function register(): void {
		foreach ( self::EVENTS as $event ) {
			add_action( $event, array( self::class, 'forget' ), 10, 0 );
		}
	}

	/** @return array{user_id: int, slug: string, label: string, config: array<string, string>} */
	public static function current(): array {
		$known    = get_option( self::OPTION );
		$constant = self::constant();
		if ( is_array( $known ) && ( $known['constant'] ?? null ) === $constant && is_int( $known['user_id'] ?? null ) && is_string( $known['slug'] ?? null ) && is_array( $known['config'] ?? null ) ) {
			return $known;
		}
		$user  = get_userdata( $constant > 0 ? $constant : self::first_administrator() );
		$found = array(
			'user_id'  => $constant > 0 ? $constant : (int) ( $user ? $user->ID : 1 ),
			'slug'     => $user ? sanitize_title( $user->user_login ) : '',
			'label'    => $user ? (string) $user->display_name : '',
			'config'   => self::config(),
			'constant' => $constant,
		);
		update_option( self::OPTION, $found, true );
		return $found;
	}

	public static function forget(): void {
		delete_option( self::OPTION );
	}

	private static function constant(): int {
		return defined( self::CONSTANT ) ? absint( constant( self::CONSTANT ) ) : 0;
	}

	private static function first_administrator(): int {
		$ids = get_users(
			array(
				'role'    => 'administrator',
				'orderby' => 'ID',
				'order'   => 'ASC',
				'number'  => 1,
				'fields'  => 'ID',
			)
		);
		return (int) ( $ids[0] ?? 1 );
	}

	/**
	 * The model the agent starts with: the chat model of the site, then of the network, then their defaults. What is not set
	 * is absent.
	 *
	 * @return array<string, string>
	 */
	private static function config(): array {
		$settings = get_option( 'datamachine_settings', array() );
		$network  = is_multisite() ? get_site_option( 'datamachine_network_settings', array() ) : array();
		$settings = is_array( $settings ) ? $settings : array();
		$network  = is_array( $network ) ? $network : array();
		$config   = array();
		foreach ( array( 'provider', 'model' ) as $part ) {
			$candidates = array(
				$settings['mode_models']['chat'][ $part ] ?? '',
				$network['mode_models']['chat'][ $part ] ?? '',
				$settings[ "default_$part" ] ?? '',
				$network[ "default_$part" ] ?? '',
			);
			foreach ( $candidates as $value ) {
				if ( is_string( $value ) && '' !== $value ) {
					$config[ "default_$part" ] = $value;
					break;
				}
			}
		}
		return $config;
	}
}
