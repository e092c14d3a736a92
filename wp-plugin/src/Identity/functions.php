<?php
/**
 * Functions that plugins call or unhook by name.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

use DataMachine\Bridge\Identity\DefaultAgent;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

if ( ! function_exists( 'datamachine_register_default_admin_agent' ) ) {
	/**
	 * Declares the agent of the site's default agent user, like any plugin would.
	 *
	 * A site that wants none takes it out:
	 *
	 *     remove_action( 'wp_agents_api_init', 'datamachine_register_default_admin_agent' );
	 */
	function datamachine_register_default_admin_agent(): void {
		$default = DefaultAgent::current();
		if ( '' === $default['slug'] || wp_has_agent( $default['slug'] ) ) {
			return;
		}
		wp_register_agent(
			$default['slug'],
			array(
				'label'          => $default['label'],
				// Not translated: it is stored with the agent, and looking for a translation would cost every page.
				'description'    => 'Works for the administrator of this site.',
				'owner_resolver' => static fn (): int => $default['user_id'],
				'default_config' => $default['config'],
			)
		);
	}
}

if ( ! function_exists( 'datamachine_register_agent' ) ) {
	/**
	 * Declares an agent at any time after `init` began, also on the older hook `datamachine_register_agents`.
	 *
	 * @param string $slug The agent's slug.
	 * @param array  $args See wp_register_agent().
	 */
	function datamachine_register_agent( string $slug, array $args = array() ): void {
		$registry = WP_Agents_Registry::get_instance();
		if ( null !== $registry ) {
			$registry->register( $slug, $args );
		}
	}
}
