<?php
/**
 * What strangers wrote does not steer the operator's terminal. No WordPress, no WP-CLI.
 */

declare(strict_types=1);

use DataMachine\Bridge\Cli\Console;
use PHPUnit\Framework\TestCase;

defined( 'ABSPATH' ) || define( 'ABSPATH', __DIR__ . '/' );
require_once __DIR__ . '/../../../wp-plugin/src/Cli/Console.php';

final class ConsoleTest extends TestCase {

	/** @return array<string, array{0: string, 1: string}> */
	public static function texts(): array {
		return array(
			'escape sequences' => array( "a\x1b]0;x\x07\x1b[2J", 'a\\x1b]0;x\\x07\\x1b[2J' ),
			'one character'    => array( "\u{9b}2J", '\\x9b2J' ),
			'directions'       => array( "a\u{202e}b", 'a\\u202eb' ),
			'a lone return'    => array( "a\rb\r\nc\td", "a\\x0db\r\nc\td" ),
			'other languages'  => array( "Zoë 😀 \u{200d}", "Zoë 😀 \u{200d}" ),
			'no UTF-8'         => array( "\x9b2J\xff", "\\x9b2J\xff" ),
		);
	}

	/** @dataProvider texts */
	public function test_what_steers_is_a_number( string $text, string $shown ): void {
		self::assertSame( $shown, Console::visible( $text ) );
	}
}
