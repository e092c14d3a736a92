<?php
/**
 * Formats of a post's content: `blocks`, `html`, `markdown`, and whatever a plugin stores.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\Content;

use DataMachine\Bridge\Bridge\BridgeException;
use DataMachine\Bridge\Bridge\Client;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class ContentFormat {

	/** Seconds for a conversion. */
	private const BUDGET = 5.0;

	/** How posts of a type are stored. */
	public static function storedFormat( string $post_type ): string {
		/** This filter is documented in hooks/product.json */
		$format = apply_filters( 'datamachine_post_content_format', 'blocks', $post_type );
		return is_string( $format ) && '' !== $format ? $format : 'blocks';
	}

	/** @return string|\WP_Error `datamachine_content_format_bfb_missing` where nobody knows how. */
	public static function convert( string $content, string $from, string $to ) {
		if ( $from === $to || '' === trim( $content ) ) {
			return $content;
		}
		try {
			$answer = Client::instance()->call(
				'engine.content',
				array(
					'content' => $content,
					'from'    => $from,
					'to'      => $to,
				),
				self::BUDGET
			);
		} catch ( BridgeException $error ) {
			return new \WP_Error( 'datamachine_unavailable', $error->getMessage(), array( 'status' => 503 ) );
		}
		return is_string( $answer ) || is_wp_error( $answer ) ? $answer : new \WP_Error( 'datamachine_unavailable', 'The content was not converted.' );
	}

	/** @return string|\WP_Error */
	public static function storedToBlocks( string $content, string $post_type ) {
		return self::convert( $content, self::storedFormat( $post_type ), 'blocks' );
	}

	/** @return string|\WP_Error */
	public static function blocksToStored( string $content, string $post_type ) {
		return self::convert( $content, 'blocks', self::storedFormat( $post_type ) );
	}

	/** @return string|\WP_Error */
	public static function sourceToStored( string $content, string $source_format, string $post_type ) {
		return self::convert( $content, $source_format, self::storedFormat( $post_type ) );
	}
}
