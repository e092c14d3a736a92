<?php
/**
 * Settings of the product's own handlers, which only the sidecar knows.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Tests\Contract\Facade;

use DataMachine\Bridge\Bridge\Unavailable;
use DataMachine\Bridge\Facade\Fields;
use PHPUnit\Framework\TestCase;

require_once __DIR__ . '/wordpress.php';

final class FieldsTest extends TestCase {

	private string $log;

	protected function setUp(): void {
		$this->log = (string) ini_set( 'error_log', '/dev/null' );
	}

	protected function tearDown(): void {
		ini_set( 'error_log', $this->log );
	}

	private static function away(): Fields {
		return new Fields( static fn (): array => throw new Unavailable( 'Nobody answers.' ) );
	}

	public function test_a_page_goes_on_without_fields_that_nobody_tells(): void {
		self::assertSame( array(), self::away()->get_fields() );
	}

	public function test_nothing_is_called_clean_that_nobody_could_check(): void {
		$this->expectException( \InvalidArgumentException::class );
		self::away()->sanitize( array( 'feed_url' => 'https://example.org/' ) );
	}

	public function test_the_sidecar_is_asked_again_after_a_failure_and_once_after_an_answer(): void {
		$asked  = 0;
		$fields = new Fields(
			static function () use ( &$asked ): array {
				return 1 === ++$asked ? throw new Unavailable( 'Not yet.' ) : array( 'tone' => array( 'type' => 'checkbox' ) );
			}
		);
		self::assertSame( array(), $fields->get_fields() );
		self::assertSame( array( 'tone' ), array_keys( $fields->get_fields() ) );
		self::assertSame( array( 'tone' => true ), $fields->sanitize( array( 'tone' => '1', 'odd' => 1 ) ) ); // phpcs:ignore WordPress.Arrays.ArrayDeclarationSpacing -- short.
		self::assertSame( 2, $asked );
	}
}
