<?php
/**
 * Status and author of posts that a handler writes.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\WordPress;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class WordPressSettingsResolver {

	/** @param array<string, mixed> $handler_config */
	public static function getPostStatus( array $handler_config, string $default_value = 'draft' ): string {
		$status = $handler_config['post_status'] ?? '';
		return is_string( $status ) && null !== get_post_status_object( $status ) ? $status : $default_value;
	}

	/**
	 * The configured author, else whoever acts, else the first administrator.
	 *
	 * @param array<string, mixed> $handler_config
	 */
	public static function getPostAuthor( array $handler_config ): int {
		$author = (int) ( $handler_config['post_author'] ?? 0 );
		if ( $author > 0 && false !== get_userdata( $author ) ) {
			return $author;
		}
		$current = get_current_user_id();
		if ( $current > 0 ) {
			return $current;
		}
		$first = get_users(
			array(
				'role'    => 'administrator',
				'orderby' => 'ID',
				'number'  => 1,
				'fields'  => 'ID',
			)
		);
		return (int) ( $first[0] ?? 1 );
	}
}
