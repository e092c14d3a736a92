<?php
/**
 * The breaker all PHP processes of a site share.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Tests\Unit\Bridge;

use DataMachine\Bridge\Bridge\Breaker;
use PHPUnit\Framework\TestCase;

final class BreakerTest extends TestCase {

	private string $file;
	private float $now = 1000.0;

	protected function setUp(): void {
		$this->file = (string) tempnam( sys_get_temp_dir(), 'breaker' );
	}

	protected function tearDown(): void {
		@unlink( $this->file );
	}

	/** Another process, with the same file. */
	private function breaker(): Breaker {
		return new Breaker( $this->file, fn (): float => $this->now );
	}

	public function test_two_failures_are_bad_luck(): void {
		$this->breaker()->failed();
		$this->breaker()->failed();
		self::assertTrue( $this->breaker()->permits() );
	}

	public function test_three_failures_in_ten_seconds_open_it_for_everybody(): void {
		for ( $i = 0; $i < 3; ++$i ) {
			$this->breaker()->failed();
			$this->now += 4.9;
		}
		self::assertFalse( $this->breaker()->permits() );
	}

	public function test_failures_further_apart_do_not_add_up(): void {
		for ( $i = 0; $i < 5; ++$i ) {
			$this->breaker()->failed();
			$this->now += 5.1;
		}
		self::assertTrue( $this->breaker()->permits() );
	}

	public function test_after_five_seconds_one_process_probes_and_the_others_still_go_without(): void {
		$this->open();
		$this->now += 4.9;
		self::assertFalse( $this->breaker()->permits() );
		$this->now += 0.2;
		self::assertSame( array( true, false, false ), array( $this->breaker()->permits(), $this->breaker()->permits(), $this->breaker()->permits() ) );
		$this->now += 5.1;
		self::assertTrue( $this->breaker()->permits(), 'A probe that never reported is followed by another.' );
	}

	public function test_a_probe_that_succeeds_closes_it(): void {
		$this->open();
		$this->now += 5.1;
		$probe = $this->breaker();
		self::assertTrue( $probe->permits() );
		$probe->succeeded();
		self::assertTrue( $this->breaker()->permits() );
		self::assertSame( '', file_get_contents( $this->file ) );
	}

	public function test_a_probe_that_fails_keeps_it_open(): void {
		$this->open();
		$this->now += 5.1;
		$probe = $this->breaker();
		self::assertTrue( $probe->permits() );
		$probe->failed();
		$this->now += 4.9;
		self::assertFalse( $this->breaker()->permits() );
	}

	public function test_success_between_failures_does_not_hide_them(): void {
		$this->breaker()->failed();
		$this->breaker()->failed();
		$this->breaker()->succeeded();
		$this->breaker()->failed();
		self::assertFalse( $this->breaker()->permits() );
	}

	public function test_a_clock_set_back_does_not_keep_it_open(): void {
		$this->open();
		$this->now -= 3600.0;
		self::assertTrue( $this->breaker()->permits() );
	}

	/** @dataProvider rubbish */
	public function test_a_file_that_makes_no_sense_is_no_breaker( string $content ): void {
		file_put_contents( $this->file, $content );
		self::assertTrue( $this->breaker()->permits() );
		$this->open();
		self::assertFalse( $this->breaker()->permits() );
	}

	/** @return list<array{0: string}> */
	public function rubbish(): array {
		return array( array( 'x' ), array( '[]' ), array( '{"until":"x","failures":"y"}' ), array( 'null' ), array( "\0" ) );
	}

	public function test_a_file_that_cannot_be_written_means_no_breaker(): void {
		$breaker = new Breaker( '/nonexistent/breaker', fn (): float => $this->now );
		for ( $i = 0; $i < 5; ++$i ) {
			$breaker->failed();
		}
		self::assertTrue( $breaker->permits() );
	}

	public function test_a_lock_held_by_another_process_is_not_waited_for(): void {
		$lock = fopen( $this->file, 'r' );
		flock( $lock, LOCK_EX );
		$this->breaker()->failed();
		fclose( $lock );
		self::assertSame( '', file_get_contents( $this->file ) );
	}

	public function test_what_another_user_wrote_ends_with_its_time(): void {
		$this->open();
		stream_wrapper_register( 'foreign', ForeignFile::class );
		try {
			ForeignFile::$text = (string) file_get_contents( $this->file );
			$breaker           = new Breaker( 'foreign://breaker', fn (): float => $this->now );
			self::assertFalse( $breaker->permits() );
			$this->now += 5.1;
			self::assertTrue( $breaker->permits() );
			$breaker->succeeded();
			self::assertTrue( $breaker->permits(), 'Nobody who reads it can close it.' );
		} finally {
			stream_wrapper_unregister( 'foreign' );
		}
	}

	public function test_every_user_of_its_folder_may_write_it(): void {
		unlink( $this->file );
		$this->breaker()->failed();
		self::assertSame( 0666, fileperms( $this->file ) & 0777 );
		chmod( $this->file, 0600 );
		$this->breaker()->failed();
		clearstatcache();
		self::assertSame( 0600, fileperms( $this->file ) & 0777, 'What somebody has set by hand stays.' );
	}

	public function test_a_folder_that_php_may_not_enter_is_no_breaker_and_no_warning(): void {
		$code = 'error_reporting( E_ALL ); require $argv[1] . "/Bridge/Breaker.php"; $it = new DataMachine\\Bridge\\Bridge\\Breaker( $argv[2] );'
			. ' $it->failed(); $it->succeeded(); echo $it->permits() ? "tried" : "not";';
		$src  = dirname( __DIR__, 3 ) . '/wp-plugin/src';
		$run  = array( PHP_BINARY, '-d', "open_basedir=$src", '-d', 'display_errors=1', '-d', 'error_log=', '-r', $code, '--', $src, $this->file );
		exec( implode( ' ', array_map( 'escapeshellarg', $run ) ) . ' 2>&1', $said );
		self::assertSame( array( 'tried' ), $said );
	}

	private function open(): void {
		for ( $i = 0; $i < 3; ++$i ) {
			$this->breaker()->failed();
		}
	}
}

/** A file that may be read and not written. */
final class ForeignFile {

	public static string $text = '';

	/** @var resource|null */
	public $context;

	private int $at = 0;

	public function stream_open( string $path, string $mode ): bool {
		return 'rb' === $mode || 'r' === $mode;
	}

	public function stream_read( int $count ): string {
		$piece     = substr( self::$text, $this->at, $count );
		$this->at += strlen( $piece );
		return $piece;
	}

	public function stream_eof(): bool {
		return $this->at >= strlen( self::$text );
	}

	/** @return array<string, int> */
	public function stream_stat(): array {
		return $this->url_stat();
	}

	/** @return array<string, int> */
	public function url_stat(): array {
		return array(
			'mode' => 0100444,
			'size' => strlen( self::$text ),
		);
	}
}
