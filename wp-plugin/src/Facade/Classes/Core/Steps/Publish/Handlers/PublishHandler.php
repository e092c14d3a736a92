<?php
/**
 * What a destination written in PHP extends.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\Steps\Publish\Handlers;

use DataMachine\Abilities\AuthAbilities;
use DataMachine\Bridge\Facade\ToolRun;
use DataMachine\Core\EngineData;
use DataMachine\Core\FilesRepository\ImageValidator;
use DataMachine\Core\FilesRepository\MediaValidator;
use DataMachine\Core\FilesRepository\VideoValidator;
use DataMachine\Core\Steps\Handlers\HttpRequestHelpers;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/**
 * A subclass supplies executePublish(parameters, handler_config) and registers a tool whose `method` is `handle_tool_call`.
 */
abstract class PublishHandler {

	use HttpRequestHelpers;

	protected string $handler_type;

	public function __construct( string $handler_type ) {
		$this->handler_type = $handler_type;
	}

	/**
	 * @param array<string, mixed> $parameters     Of the call, with `job_id` and `engine` (EngineData).
	 * @param array<string, mixed> $handler_config Of the flow step.
	 * @return array<string, mixed> successResponse() or errorResponse().
	 */
	abstract protected function executePublish( array $parameters, array $handler_config ): array;

	/**
	 * @param array<string, mixed> $parameters
	 * @param array<string, mixed> $tool_def   `handler_config` in it is the flow step's.
	 * @return array<string, mixed>
	 */
	final public function handle_tool_call( array $parameters, array $tool_def = array() ): array {
		if ( (int) ( $parameters['job_id'] ?? 0 ) < 1 ) {
			return $this->errorResponse( 'job_id parameter is required for publish operations' );
		}
		$engine = ToolRun::engine( $parameters );
		$config = is_array( $tool_def['handler_config'] ?? null ) ? $tool_def['handler_config'] : array();
		if ( $engine->get( 'dry_run_mode' ) ) {
			return $this->successResponse( $this->buildDryRunPreview( $parameters, $config, $engine ) );
		}
		$parameters['engine'] = $engine;
		$config               = ToolRun::handler_config( $tool_def, $parameters, (string) ( $tool_def['handler'] ?? $this->handler_type ) );
		return is_wp_error( $config ) ? $this->errorResponse( $config->get_error_message() ) : $this->executePublish( $parameters, $config );
	}

	/**
	 * @param array<string, mixed> $parameters
	 * @param array<string, mixed> $handler_config
	 * @return array<string, mixed>
	 */
	protected function buildDryRunPreview( array $parameters, array $handler_config, EngineData $engine ): array { // phpcs:ignore Generic.CodeAnalysis.UnusedFunctionParameter -- overridden.
		unset( $parameters['engine'] );
		return array(
			'dry_run'    => true,
			'preview'    => array(
				'handler'    => $this->handler_type,
				'parameters' => array_keys( $parameters ),
			),
			'source_url' => $engine->getSourceUrl(),
			'image_path' => $engine->getImagePath(),
			'video_path' => $engine->getVideoPath(),
		);
	}

	/** @return array<string, mixed> */
	protected function getEngineData( int $job_id ): array {
		return EngineData::retrieve( $job_id );
	}

	protected function getSourceUrl( int $job_id ): ?string {
		return EngineData::forJob( $job_id )->getSourceUrl();
	}

	protected function getImageFilePath( int $job_id ): ?string {
		return EngineData::forJob( $job_id )->getImagePath();
	}

	/** @return array<string, mixed> */
	protected function validateMedia( string $file_path, MediaValidator $validator ): array {
		return $validator->validate_repository_file( $file_path );
	}

	/** @return array<string, mixed> */
	protected function validateImage( string $image_file_path ): array {
		return $this->validateMedia( $image_file_path, new ImageValidator() );
	}

	protected function getVideoFilePath( int $job_id ): ?string {
		return EngineData::forJob( $job_id )->getVideoPath();
	}

	/** @return array<string, mixed> */
	protected function validateVideo( string $video_file_path ): array {
		return $this->validateMedia( $video_file_path, new VideoValidator() );
	}

	/**
	 * Where the media of the item can be had: as files here, and as addresses for services that fetch them.
	 *
	 * @return array{image_url: ?string, video_url: ?string, image_file_path: ?string, video_file_path: ?string}
	 */
	protected function resolveMediaUrls( EngineData $engine ): array {
		$image   = $engine->getImagePath();
		$video   = $engine->getVideoPath();
		$storage = new \DataMachine\Core\FilesRepository\FileStorage();
		$url     = null === $image ? null : $storage->get_public_url( $image );
		foreach ( array( 'image_url', 'attachment_url' ) as $at => $key ) {
			if ( null !== $url && '' !== $url ) {
				break;
			}
			$given = $engine->get( $key );
			$url   = is_string( $given ) && '' !== $given ? $given : null;
			if ( null === $url && 0 === $at ) {
				$url = self::featured_image( $engine->getSourceUrl() );
			}
		}
		return array(
			'image_url'       => '' === $url ? null : $url,
			'video_url'       => null === $video ? null : ( $storage->get_public_url( $video ) ?: null ),
			'image_file_path' => $image,
			'video_file_path' => $video,
		);
	}

	/**
	 * @param array<string, mixed> $data
	 * @return array<string, mixed>
	 */
	protected function successResponse( array $data ): array {
		return array(
			'success'   => true,
			'data'      => $data,
			'tool_name' => $this->handler_type . '_publish',
		);
	}

	/**
	 * @param array<string, mixed>|null $context For the log.
	 * @return array<string, mixed>
	 */
	protected function errorResponse( string $error_message, ?array $context = null, string $severity = 'warning' ): array {
		$this->log( 'error', $error_message, $context ?? array() );
		return array(
			'success'   => false,
			'error'     => $error_message,
			'severity'  => $severity,
			'tool_name' => $this->handler_type . '_publish',
		);
	}

	/** @param array<string, mixed> $context */
	protected function log( string $level, string $message, array $context = array() ): void {
		/** This action is documented in hooks/product.json */
		do_action( 'datamachine_log', $level, $message, array_merge( array( 'handler' => $this->handler_type ), $context ) );
	}

	protected function getAuthProvider( string $provider_key ): ?object {
		return ( new AuthAbilities() )->getProvider( $provider_key );
	}

	/** The image of the post of this site behind an address. */
	private static function featured_image( ?string $source_url ): ?string {
		$post = null === $source_url ? 0 : url_to_postid( $source_url );
		$url  = $post > 0 ? get_the_post_thumbnail_url( $post, 'full' ) : false;
		return false === $url ? null : $url;
	}
}
