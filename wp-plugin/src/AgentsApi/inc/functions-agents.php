<?php
/**
 * Registering and finding agents.
 *
 * @package AgentsAPI
 */

declare(strict_types=1);

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

if ( ! function_exists( 'wp_register_agent' ) ) {
	/**
	 * Declares an agent. Works only while `wp_agents_api_init` runs.
	 *
	 * @param string|WP_Agent $agent A slug, or a definition (then the arguments are ignored).
	 * @param array           $args  See WP_Agent::__construct().
	 * @return WP_Agent|null Null after a notice outside the window, for an invalid definition or a slug that is taken.
	 */
	function wp_register_agent( $agent, array $args = array() ): ?WP_Agent {
		if ( ! doing_action( 'wp_agents_api_init' ) ) {
			$slug = $agent instanceof WP_Agent ? $agent->get_slug() : ( is_scalar( $agent ) ? (string) $agent : '' );
			_doing_it_wrong(
				__FUNCTION__,
				sprintf( 'Agents are registered on the <code>wp_agents_api_init</code> action. The agent <code>%s</code> was not.', esc_html( $slug ) ),
				'0.102.8'
			);
			return null;
		}
		$registry = WP_Agents_Registry::get_instance();
		return null === $registry ? null : $registry->register( $agent, $args );
	}
}

if ( ! function_exists( 'wp_get_agent' ) ) {
	/** A registered agent; null after a notice when there is none of that slug. */
	function wp_get_agent( string $slug ): ?WP_Agent {
		$registry = WP_Agents_Registry::get_instance();
		return null === $registry ? null : $registry->get_registered( $slug );
	}
}

if ( ! function_exists( 'wp_get_agents' ) ) {
	/**
	 * @return array<string,WP_Agent> By slug, in the order of registration.
	 */
	function wp_get_agents(): array {
		$registry = WP_Agents_Registry::get_instance();
		return null === $registry ? array() : $registry->get_all_registered();
	}
}

if ( ! function_exists( 'wp_has_agent' ) ) {
	/** Whether an agent of that slug is registered; says nothing when it is not. */
	function wp_has_agent( string $slug ): bool {
		$registry = WP_Agents_Registry::get_instance();
		return null !== $registry && $registry->is_registered( $slug );
	}
}

if ( ! function_exists( 'wp_unregister_agent' ) ) {
	/** Takes an agent back, at any time after `init` began; null after a notice when there is none of that slug. */
	function wp_unregister_agent( string $slug ): ?WP_Agent {
		$registry = WP_Agents_Registry::get_instance();
		return null === $registry ? null : $registry->unregister( $slug );
	}
}
