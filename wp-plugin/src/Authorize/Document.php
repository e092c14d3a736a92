<?php
/**
 * The frame around a page: no scripts, no images, nothing from elsewhere.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Authorize;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Document {

	private const STYLE = '
body { margin: 0; background: #f0f0f1; color: #1d2327; font: 16px/1.5 -apple-system, "Segoe UI", Roboto, Oxygen-Sans, Ubuntu, Cantarell, sans-serif; }
main { max-width: 32rem; margin: 8vh auto; padding: 1.5rem 2rem 2rem; background: #fff; border: 1px solid #c3c4c7; border-radius: 4px; overflow-wrap: anywhere; }
h1 { margin: 0 0 1rem; font-size: 1.35rem; line-height: 1.3; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 1rem 0; }
dt { color: #50575e; }
dd { margin: 0; }
fieldset { margin: 1rem 0; padding: .75rem 1rem; border: 1px solid #c3c4c7; border-radius: 4px; }
label { display: block; margin: .25rem 0; }
small { display: block; margin-left: 1.6rem; color: #50575e; }
.notice { padding: .5rem .75rem; border-left: 4px solid #dba617; background: #fcf9e8; }
.actions { display: flex; gap: .75rem; margin-top: 1.25rem; }
button { padding: .5rem 1.25rem; border: 1px solid #2271b1; border-radius: 3px; background: #f6f7f7; color: #2271b1; font: inherit; cursor: pointer; }
button.primary { background: #2271b1; color: #fff; }
button:focus-visible, a:focus-visible, input:focus-visible { outline: 2px solid #1d2327; outline-offset: 2px; }
';

	/**
	 * @param string $title Plain text.
	 * @param string $body  HTML, escaped.
	 */
	public static function html( string $title, string $body ): string {
		return '<!DOCTYPE html><html ' . get_language_attributes() . '><head>'
			. '<meta charset="' . esc_attr( (string) get_option( 'blog_charset' ) ) . '">'
			. '<meta name="viewport" content="width=device-width, initial-scale=1">'
			. '<title>' . esc_html( $title . ' — ' . self::site_name() ) . '</title>'
			. '<style>' . self::STYLE . '</style></head>'
			. '<body><main><h1>' . esc_html( $title ) . '</h1>' . $body . '</main></body></html>';
	}

	/** For the content security policy: this style and no other. */
	public static function style_hash(): string {
		return 'sha256-' . base64_encode( hash( 'sha256', self::STYLE, true ) );
	}

	/** Plain text: WordPress keeps it with its special characters escaped. */
	public static function site_name(): string {
		return wp_specialchars_decode( get_bloginfo( 'name' ), ENT_QUOTES );
	}
}
