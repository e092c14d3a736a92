<?php
/**
 * Where agent memory is kept.
 *
 * @package AgentsAPI
 */

declare(strict_types=1);

namespace AgentsAPI\Core\FilesRepository;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/**
 * A store keeps whole files. Sections, scaffolding, permissions and what goes into a prompt are its caller's business.
 */
interface AgentMemoryStoreInterface {

	/** The not-found result when the file is absent. */
	public function read( AgentMemoryScope $scope ): AgentMemoryReadResult;

	/**
	 * Replaces the whole file.
	 *
	 * @param string|null $if_match sha1 the caller last read. A store with compare-and-swap answers `conflict` when the stored
	 *                              content has another one; a store without it may ignore the value.
	 */
	public function write( AgentMemoryScope $scope, string $content, ?string $if_match = null ): AgentMemoryWriteResult;

	public function exists( AgentMemoryScope $scope ): bool;

	/** Succeeds, with an empty hash and no bytes, also when there is nothing to delete. */
	public function delete( AgentMemoryScope $scope ): AgentMemoryWriteResult;

	/**
	 * Files at the top of the layer; the scope's file name is ignored.
	 *
	 * @return AgentMemoryListEntry[]
	 */
	public function list_layer( AgentMemoryScope $scope_query ): array;

	/**
	 * Files below a folder of the layer, at any depth, named relative to the layer's root.
	 *
	 * @param string $prefix Folder without a trailing slash, for example `daily`.
	 * @return AgentMemoryListEntry[]
	 */
	public function list_subtree( AgentMemoryScope $scope_query, string $prefix ): array;
}
