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

	/** Whatever may change who the first administrator is, or what they are called. */
	private const EVENTS = array(
		'user_register',
		'profile_update',
		'deleted_user',
		'set_user_role',
		'add_user_role',
		'remove_user_role',
		'add_user_to_blog',
		'remove_user_from_blog',
		'update_site_option_datamachine_network_settings',
	);

	public static function register(): void {
		foreach ( self::EVENTS as $event ) {
			add_action( $event, array( self::class, 'forget' ), 10, 0 );
		}
	}

	/** @return array{user_id: int, slug: string, label: string, network: array<string, string>} */
	public static function current(): array {
		$known    = get_option( self::OPTION );
		$constant = self::constant();
		if ( is_array( $known ) && ( $known['constant'] ?? null ) === $constant && is_int( $known['user_id'] ?? null ) && is_string( $known['slug'] ?? null ) ) {
			return $known;
		}
		$user  = get_userdata( $constant > 0 ? $constant : self::first_administrator() );
		$found = array(
			'user_id'  => $constant > 0 ? $constant : (int) ( $user ? $user->ID : 1 ),
			'slug'     => $user ? sanitize_title( $user->user_login ) : '',
			'label'    => $user ? (string) $user->display_name : '',
			'network'  => self::network_model(),
			'constant' => $constant,
		);
		update_option( self::OPTION, $found, true );
		return $found;
	}

	/** The model an agent of this site starts with: the site's chat model, then the network's. Empty ones are absent. */
	public static function config(): array {
		// Every page comes here: an option that was never saved must not cost a query each time.
		$settings = isset( wp_load_alloptions()['datamachine_settings'] ) ? get_option( 'datamachine_settings' ) : array();
		$settings = is_array( $settings ) ? $settings : array();
		$network  = self::current()['network'] ?? array();
		$config   = array();
		foreach ( array( 'provider', 'model' ) as $part ) {
			$value = $settings['mode_models']['chat'][ $part ] ?? '';
			$value = $value ?: ( $network[ "chat_$part" ] ?? '' );
			$value = $value ?: ( $settings[ "default_$part" ] ?? '' );
			$value = $value ?: ( $network[ $part ] ?? '' );
			if ( is_string( $value ) && '' !== $value ) {
				$config[ "default_$part" ] = $value;
			}
		}
		return $config;
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

	/** @return array<string, string> */
	private static function network_model(): array {
		if ( ! is_multisite() ) {
			return array();
		}
		$settings = get_site_option( 'datamachine_network_settings', array() );
		$settings = is_array( $settings ) ? $settings : array();
		return array_filter(
			array(
				'provider'      => $settings['default_provider'] ?? '',
				'model'         => $settings['default_model'] ?? '',
				'chat_provider' => $settings['mode_models']['chat']['provider'] ?? '',
				'chat_model'    => $settings['mode_models']['chat']['model'] ?? '',
			),
			static fn ( $value ): bool => is_string( $value ) && '' !== $value
		);
	}
}
