<?php
/**
 * What a source of items written in PHP extends.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\Steps\Fetch\Handlers;

use DataMachine\Abilities\AuthAbilities;
use DataMachine\Bridge\Facade\FetchRules;
use DataMachine\Core\DataPacket;
use DataMachine\Core\ExecutionContext;
use DataMachine\Core\FilesRepository\FileStorage;
use DataMachine\Core\Steps\Handlers\HttpRequestHelpers;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/**
 * A subclass supplies executeFetch(), which returns one item, `{items: […]}`, or nothing. An item is `{title, content,
 * metadata, file_info?}`; `metadata.item_identifier` is how it is recognised the next time.
 */
abstract class FetchHandler {

	use HttpRequestHelpers;

	protected string $handler_type;

	/** @var FileStorage|null Made when it is first asked for. */
	private ?FileStorage $file_storage = null;

	public function __construct( string $handler_type ) {
		$this->handler_type = $handler_type;
	}

	/**
	 * Fetch, leave out what is known or claimed, cut to `max_items`, claim the rest.
	 *
	 * @param array<string, mixed> $handler_config With `flow_id` and `flow_step_id` of the run.
	 * @return list<DataPacket>
	 */
	final public function get_fetch_data( string|int $pipeline_id, array $handler_config, ?string $job_id = null ): array {
		$config  = $this->extractConfig( $handler_config );
		$context = ExecutionContext::fromConfig( array( 'pipeline_id' => $pipeline_id ) + $config, $job_id, $this->handler_type );
		$found   = $this->executeFetch( $config, $context );
		$items   = array_filter( self::items( $found ), 'is_array' );
		$items   = array_values( array_filter( $items, static fn ( array $item ): bool => self::is_new( $item, $context ) ) );
		$most    = max( 0, (int) ( $config['max_items'] ?? $this->getDefaultMaxItems() ) );
		$packets = array();
		foreach ( 0 === $most ? $items : array_slice( $items, 0, $most ) as $item ) {
			$identifier = self::identifier( $item );
			if ( '' !== $identifier && ! $context->claimItemForProcessing( $identifier ) ) {
				continue;
			}
			$packet = $this->packet( $item, $context );
			if ( null !== $packet ) {
				$packets[] = $packet;
			}
		}
		return $packets;
	}

	/** Never called by the engine; kept for subclasses that override it. */
	protected function onItemProcessed( ExecutionContext $context, array $item ): void { // phpcs:ignore Generic.CodeAnalysis.UnusedFunctionParameter -- overridden.
	}

	/** How many items a run takes unless it is configured; 0 for all. */
	protected function getDefaultMaxItems(): int {
		return 1;
	}

	/**
	 * @param array<string, mixed> $config
	 * @return array<string, mixed>
	 */
	abstract protected function executeFetch( array $config, ExecutionContext $context ): array;

	/**
	 * The handler's own settings, out of a configuration that may hold them below its name.
	 *
	 * @param array<string, mixed> $handler_config
	 * @return array<string, mixed>
	 */
	protected function extractConfig( array $handler_config ): array {
		$own = $handler_config[ $this->handler_type ] ?? null;
		if ( ! is_array( $own ) ) {
			return $handler_config;
		}
		unset( $handler_config[ $this->handler_type ] );
		return $own + $handler_config;
	}

	/** Whether an item of that time passes. */
	protected function applyTimeframeFilter( int $timestamp, string $timeframe_limit ): bool {
		$earliest = FetchRules::cutoff( $timeframe_limit );
		return null === $earliest || $timestamp >= $earliest;
	}

	/** Whether any of the comma-separated terms occurs; no terms: yes. */
	public function applyKeywordSearch( string $text, string $search ): bool {
		return FetchRules::matches( $text, $search );
	}

	/** Whether any of the comma-separated terms occurs: then the item is left out. */
	public function applyExcludeKeywords( string $text, string $exclude_keywords ): bool {
		return FetchRules::occurs( $text, $exclude_keywords );
	}

	protected function getFileStorage(): FileStorage {
		return $this->file_storage ??= new FileStorage();
	}

	protected function getAuthProvider( string $provider_key ): ?object {
		return ( new AuthAbilities() )->getProvider( $provider_key );
	}

	/** Called once in Data Machine; the tool by which a model skips an item is the engine's own here. */
	public static function init(): void {
	}

	/**
	 * The tool by which a model skips an item.
	 *
	 * @param array<string, mixed> $handler_config
	 * @param array<string, mixed> $engine_data
	 * @return array<string, array<string, mixed>> Definitions by name.
	 */
	public static function resolveSkipItemTool( string $handler_slug, array $handler_config, array $engine_data ): array { // phpcs:ignore Generic.CodeAnalysis.UnusedFunctionParameter -- the form of a callback.
		return FetchRules::skip_item( $handler_slug, $handler_config );
	}

	/**
	 * @param array<mixed> $found
	 * @return array<mixed>
	 */
	private static function items( array $found ): array {
		if ( isset( $found['items'] ) ) {
			return is_array( $found['items'] ) ? $found['items'] : array();
		}
		if ( array() === $found || array_is_list( $found ) ) {
			return $found;
		}
		return array( $found );
	}

	/** @param array<string, mixed> $item */
	private static function is_new( array $item, ExecutionContext $context ): bool {
		$identifier = self::identifier( $item );
		return '' === $identifier || ( ! $context->isItemProcessed( $identifier ) && ! $context->isItemClaimed( $identifier ) );
	}

	/** @param array<string, mixed> $item */
	private static function identifier( array $item ): string {
		$value = $item['metadata']['item_identifier'] ?? '';
		return is_scalar( $value ) ? (string) $value : '';
	}

	/** @param array<string, mixed> $item */
	private function packet( array $item, ExecutionContext $context ): ?DataPacket {
		$title   = $item['title'] ?? '';
		$content = $item['content'] ?? '';
		$file    = $item['file_info'] ?? null;
		if ( empty( $title ) && empty( $content ) && empty( $file ) ) {
			return null;
		}
		$data = array(
			'title' => $title,
			'body'  => $content,
		);
		if ( ! empty( $file ) ) {
			$data['file_info'] = $file;
		}
		$metadata = array(
			'source_type' => $this->handler_type,
			'pipeline_id' => $context->getPipelineId(),
			'flow_id'     => $context->getFlowId(),
			'handler'     => $this->handler_type,
		);
		return new DataPacket( $data, array_merge( $metadata, is_array( $item['metadata'] ?? null ) ? $item['metadata'] : array() ), 'fetch' );
	}
}
