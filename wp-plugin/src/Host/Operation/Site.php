<?php
/**
 * Facts about the site this process serves.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Host\Operation;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Site {

	/**
	 * Versions and addresses; holds no secret.
	 *
	 * @param array<string, mixed> $params
	 * @return array<string, mixed>
	 */
	public static function info( array $params ): array {
		unset( $params );
		return array(
			'wordpress'      => (string) $GLOBALS['wp_version'],
			'php'            => PHP_VERSION,
			'plugin'         => defined( 'DATAMACHINE_BRIDGE_VERSION' ) ? DATAMACHINE_BRIDGE_VERSION : null,
			'home_url'       => home_url(),
			'multisite'      => is_multisite(),
			'blog_id'        => get_current_blog_id(),
			'user_id'        => get_current_user_id(),
			'locale'         => get_locale(),
			'doing_cron'     => wp_doing_cron(),
			'rest'           => defined( 'REST_REQUEST' ) && REST_REQUEST,
			'operations'     => \DataMachine\Bridge\Host\Operations::names(),
		);
	}
}
