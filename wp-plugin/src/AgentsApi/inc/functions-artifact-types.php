<?php
/**
 * Registering and finding the kinds of artifact an agent package may carry.
 *
 * @package AgentsAPI
 */

declare(strict_types=1);

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

if ( ! function_exists( 'wp_register_agent_package_artifact_type' ) ) {
	/**
	 * Declares a kind of artifact. Works only while `wp_agent_package_artifacts_init` runs.
	 *
	 * @param string|WP_Agent_Package_Artifact_Type $type For example `acme/recipe`.
	 * @param array                                 $args See WP_Agent_Package_Artifact_Type::__construct().
	 */
	function wp_register_agent_package_artifact_type( $type, array $args = array() ): ?WP_Agent_Package_Artifact_Type {
		if ( ! doing_action( 'wp_agent_package_artifacts_init' ) ) {
			$name = $type instanceof WP_Agent_Package_Artifact_Type ? $type->get_type() : ( is_scalar( $type ) ? (string) $type : '' );
			_doing_it_wrong(
				__FUNCTION__,
				sprintf( 'Artifact types are registered on the <code>wp_agent_package_artifacts_init</code> action. The type <code>%s</code> was not.', esc_html( $name ) ),
				'0.102.8'
			);
			return null;
		}
		$registry = WP_Agent_Package_Artifacts_Registry::get_instance();
		return null === $registry ? null : $registry->register( $type, $args );
	}
}

if ( ! function_exists( 'wp_get_agent_package_artifact_type' ) ) {
	/** A registered type; null after a notice when there is none of that name. */
	function wp_get_agent_package_artifact_type( string $type ): ?WP_Agent_Package_Artifact_Type {
		$registry = WP_Agent_Package_Artifacts_Registry::get_instance();
		return null === $registry ? null : $registry->get_registered( $type );
	}
}

if ( ! function_exists( 'wp_get_agent_package_artifact_types' ) ) {
	/**
	 * @return array<string,WP_Agent_Package_Artifact_Type> By type, in the order of registration.
	 */
	function wp_get_agent_package_artifact_types(): array {
		$registry = WP_Agent_Package_Artifacts_Registry::get_instance();
		return null === $registry ? array() : $registry->get_all_registered();
	}
}

if ( ! function_exists( 'wp_has_agent_package_artifact_type' ) ) {
	/** Whether a type is registered; says nothing when it is not. */
	function wp_has_agent_package_artifact_type( string $type ): bool {
		$registry = WP_Agent_Package_Artifacts_Registry::get_instance();
		return null !== $registry && $registry->is_registered( $type );
	}
}

if ( ! function_exists( 'wp_unregister_agent_package_artifact_type' ) ) {
	/** Takes a type back; null after a notice when there is none of that name. */
	function wp_unregister_agent_package_artifact_type( string $type ): ?WP_Agent_Package_Artifact_Type {
		$registry = WP_Agent_Package_Artifacts_Registry::get_instance();
		return null === $registry ? null : $registry->unregister( $type );
	}
}
