<?php
/**
 * How large pictures are where people look at them.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Abilities\Media;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class PlatformPresets {

	/** Width and height in pixels. */
	public const SIZES = array(
		'open_graph'              => array( 1200, 630 ),
		'twitter_card'            => array( 1200, 675 ),
		'facebook_post'           => array( 1200, 630 ),
		'linkedin_post'           => array( 1200, 627 ),
		'pinterest_pin'           => array( 1000, 1500 ),
		'youtube_thumbnail'       => array( 1280, 720 ),
		'instagram_feed_square'   => array( 1080, 1080 ),
		'instagram_feed_portrait' => array( 1080, 1350 ),
		'instagram_story'         => array( 1080, 1920 ),
	);

	/** @return array{0: int, 1: int} An unknown name is the first one's size. */
	public static function size( string $preset ): array {
		return self::SIZES[ $preset ] ?? self::SIZES['open_graph'];
	}
}
