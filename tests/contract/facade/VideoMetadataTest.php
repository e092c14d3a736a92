<?php
/**
 * What is read of a video, by an ffprobe that a test has written.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Tests\Contract\Facade;

use DataMachine\Core\FilesRepository\VideoMetadata;
use PHPUnit\Framework\TestCase;

require_once __DIR__ . '/wordpress.php';

final class VideoMetadataTest extends TestCase {

	private string $folder;

	private string $path;

	protected function setUp(): void {
		$this->folder = sys_get_temp_dir() . '/dm-video-' . bin2hex( random_bytes( 6 ) );
		mkdir( $this->folder );
		file_put_contents( $this->folder . '/-odd name;$(x).mp4', 'film' );
		$this->path = (string) getenv( 'PATH' );
		VideoMetadata::reset_cache();
	}

	protected function tearDown(): void {
		putenv( 'PATH=' . $this->path );
		array_map( 'unlink', glob( $this->folder . '/*' ) );
		rmdir( $this->folder );
		VideoMetadata::reset_cache();
	}

	/** @param string $body Of a shell script. */
	private function ffprobe( string $body ): void {
		file_put_contents( $this->folder . '/ffprobe', "#!/bin/sh\n$body\n" );
		chmod( $this->folder . '/ffprobe', 0700 );
		putenv( 'PATH=' . $this->folder . ':' . $this->path );
	}

	private function film(): array {
		return VideoMetadata::extract( $this->folder . '/-odd name;$(x).mp4' );
	}

	public function test_what_ffprobe_says(): void {
		$answer = array(
			'format'  => array( 'duration' => '12.5', 'bit_rate' => '800000', 'format_name' => 'mov,mp4' ), // phpcs:ignore
			'streams' => array(
				array( 'codec_type' => 'audio', 'codec_name' => 'aac' ), // phpcs:ignore
				array( 'codec_type' => 'video', 'codec_name' => 'h264', 'width' => 1920, 'height' => 1080, 'r_frame_rate' => '30000/1001' ), // phpcs:ignore
			),
		);
		file_put_contents( $this->folder . '/answer', json_encode( $answer ) );
		// The last argument is the file itself, as one word.
		$this->ffprobe( 'for last; do :; done; test "$last" = -version || test -f "$last" || exit 3; exec cat "$(dirname "$0")/answer"' );
		$found = $this->film();
		self::assertSame( array( 12.5, 1920, 1080, 'h264', 'aac', 800000, 'mov,mp4', 4 ), array( $found['duration'], $found['width'], $found['height'], $found['codec'], $found['audio_codec'], $found['bitrate'], $found['format'], $found['file_size'] ) );
		self::assertEqualsWithDelta( 29.97, $found['framerate'], 0.001 );
		self::assertEqualsWithDelta( 16 / 9, $found['aspect_ratio'], 1e-9 );
	}

	public static function failures(): array {
		return array(
			'it fails'      => array( 'test "$1" = -version && exit 0; echo "{}"; exit 1' ),
			'no JSON'       => array( 'echo nonsense' ),
			'no video'      => array( 'echo "{\"format\":{},\"streams\":[5]}"' ),
			'no such frame' => array( 'echo "{\"streams\":[{\"codec_type\":\"video\",\"r_frame_rate\":\"1/0\"}]}"' ),
		);
	}

	/** @dataProvider failures */
	public function test_what_it_cannot_say( string $script ): void {
		$this->ffprobe( $script );
		$found = $this->film();
		self::assertSame( array( null, null, null, 4 ), array( $found['duration'], $found['width'], $found['framerate'], $found['file_size'] ) );
	}

	public function test_without_ffprobe(): void {
		putenv( 'PATH=' . $this->folder );
		self::assertFalse( VideoMetadata::is_ffprobe_available() );
		self::assertNull( $this->film()['duration'] );
		self::assertSame( 0, VideoMetadata::extract( $this->folder . '/none.mp4' )['file_size'] );
	}
}
