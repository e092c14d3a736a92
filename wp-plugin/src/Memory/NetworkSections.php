<?php
/**
 * NETWORK.md: the sites of this network and what they share. The sections exist on networks only.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Memory;

use DataMachine\Bridge\Plugin;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class NetworkSections {

	/** Sites that are listed; a larger network says how many more there are. */
	private const MOST = 100;

	public static function header(): string {
		return "# Network\n\nThe sites of this WordPress network. Data Machine writes this file; what is changed here by hand is lost when the network changes.";
	}

	public static function identity(): string {
		$network = get_network();
		return Markdown::section(
			'## Identity',
			array(
				Markdown::bullet( 'network_name', $network ? $network->site_name : '' ),
				Markdown::bullet( 'primary_site', $network ? $network->domain . $network->path : '' ),
				Markdown::bullet( 'sites_count', self::count() ),
			)
		);
	}

	public static function sites(): string {
		$rows = array();
		$main = get_main_site_id();
		$all  = self::count();
		foreach ( get_sites( self::query() + array( 'number' => self::MOST ) ) as $site ) {
			$id = (int) $site->blog_id;
			if ( ! wp_is_site_initialized( $id ) ) {
				// Being made at this moment; when it is done, this is written again.
				continue;
			}
			switch_to_blog( $id );
			try {
				$rows[] = array( Markdown::line( get_option( 'blogname' ) ) . ( $id === $main ? ' (main)' : '' ), home_url(), wp_get_theme()->get( 'Name' ) );
			} finally {
				restore_current_blog();
			}
		}
		$table = Markdown::table( '## Sites', array( 'Site', 'URL', 'Theme' ), $rows );
		return $all > self::MOST ? sprintf( "%s\n\nAnd %d more.", $table, $all - self::MOST ) : $table;
	}

	public static function plugins(): string {
		$active = array_diff( array_keys( (array) get_site_option( 'active_sitewide_plugins', array() ) ), array( Plugin::instance()->basename() ) );
		$lines  = Markdown::plugins( array_intersect_key( get_plugins(), array_flip( $active ) ) );
		return Markdown::section( '## Network Plugins', array() === $lines ? array( '- (none)' ) : $lines );
	}

	public static function shared_resources(): string {
		return Markdown::section(
			'## Shared Resources',
			array(
				'- **Users:** one account works on every site it was added to; USER.md is the same everywhere.',
				'- **Agents:** known to the whole network, with files of their own on each site.',
				'- **Plugins and themes:** installed once; each site activates its own, besides the network plugins above.',
				'- **Media, posts and settings:** each site has its own.',
			)
		);
	}

	private static function count(): int {
		return (int) get_sites( self::query() + array( 'count' => true ) );
	}

	/** @return array<string, mixed> */
	private static function query(): array {
		return array(
			'network_id' => get_current_network_id(),
			'deleted'    => 0,
			'orderby'    => 'id',
			'order'      => 'ASC',
		);
	}
}
