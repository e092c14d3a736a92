<?php
/**
 * What an agent's folder is called. The sidecar has the same rule in `sidecar/memory/directories.py`.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Memory;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/**
 * Its slug. On tables of later versions of Data Machine a slug is not an agent's alone: an agent of an instance of its own, or
 * one that shares its slug, has a folder named after slug, owner and instance.
 */
final class AgentFolder {

	/** The instance that agents have who were not given one. */
	private const INSTANCE = 'default';

	/**
	 * The folder of an agent below `$agents`, an absolute path.
	 *
	 * @param array<string, mixed> $row All columns of its row.
	 */
	public static function name( array $row, string $agents ): string {
		$slug = sanitize_title( (string) $row['agent_slug'] );
		if ( ! array_key_exists( 'instance_key', $row ) ) {
			return $slug;
		}
		$instance = (string) $row['instance_key'];
		$instance = '' === $instance ? self::INSTANCE : $instance;
		$own      = $slug . '--' . substr( hash( 'sha256', $slug . ':' . (int) $row['owner_id'] . ':' . $instance ), 0, 16 );
		if ( self::INSTANCE !== $instance || self::is_shared( $row ) ) {
			return $own;
		}
		// Who shared the slug with it may be gone since: the folder keeps the name it was made with.
		$plain = "$agents/$slug";
		return ! file_exists( $plain ) && ! is_link( $plain ) && is_dir( "$agents/$own" ) ? $own : $slug;
	}

	/** @param array<string, mixed> $row */
	private static function is_shared( array $row ): bool {
		global $wpdb;
		$table = $wpdb->base_prefix . 'datamachine_agents';
		return null !== $wpdb->get_var( $wpdb->prepare( 'SELECT agent_id FROM %i WHERE agent_slug = %s AND agent_id <> %d LIMIT 1', $table, (string) $row['agent_slug'], (int) $row['agent_id'] ) );
	}
}
