<?php
/**
 * Functions other plugins call to have memory files made or written anew.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

use DataMachine\Bridge\Memory\Composing;
use DataMachine\Core\FilesRepository\DirectoryManager;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

if ( ! function_exists( 'datamachine_ensure_default_memory_files' ) ) {
	/**
	 * The files a site starts with, for its default agent: RULES.md, SITE.md, SOUL.md, MEMORY.md, USER.md. Existing ones
	 * stay as they are.
	 *
	 * @return bool Whether all of them are there now; false as well while the sidecar is away.
	 */
	function datamachine_ensure_default_memory_files(): bool {
		DirectoryManager::ensure_agent_files();
		return Composing::defaults();
	}
}

if ( ! function_exists( 'datamachine_regenerate_site_md' ) ) {
	/** Writes SITE.md anew where it differs; false when it could not be, or the setting `site_context_enabled` is off. */
	function datamachine_regenerate_site_md(): bool {
		return true === ( Composing::run( 'SITE.md', array() )[0]['success'] ?? false );
	}
}

if ( ! function_exists( 'datamachine_regenerate_network_md' ) ) {
	/** The same for NETWORK.md; false on a site that is no network. */
	function datamachine_regenerate_network_md(): bool {
		return is_multisite() && true === ( Composing::run( 'NETWORK.md', array() )[0]['success'] ?? false );
	}
}
