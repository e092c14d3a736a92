<?php
/**
 * The colours, fonts and words a site puts into its pictures.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Abilities\Media;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/** Neutral by itself; a theme answers the filter `datamachine/image_template/brand_tokens`. */
class BrandTokens {

	private const COLORS = array(
		'background'      => '#ffffff',
		'background_dark' => '#111111',
		'surface'         => '#f4f4f4',
		'accent'          => '#2271b1',
		'accent_2'        => '#135e96',
		'accent_3'        => '#72aee6',
		'text_primary'    => '#1d2327',
		'text_muted'      => '#646970',
		'text_inverse'    => '#ffffff',
		'header_bg'       => '#111111',
		'border'          => '#dcdcde',
	);

	/**
	 * @param mixed $context What is drawn: a post, say.
	 * @return array{colors: array<string, string>, fonts: array<string, ?string>, logo_path: ?string, brand_text: string, site_url: string}
	 */
	public static function get( string $template_id = '', $context = null ): array {
		$tokens = array(
			'colors'     => self::COLORS,
			'fonts'      => array_fill_keys( array( 'heading', 'body', 'brand', 'mono' ), null ),
			'logo_path'  => null,
			'brand_text' => wp_specialchars_decode( get_bloginfo( 'name' ), ENT_QUOTES ),
			'site_url'   => home_url(),
		);
		/** This filter is documented in hooks/product.json */
		$given = apply_filters( 'datamachine/image_template/brand_tokens', $tokens, $template_id, $context ); // phpcs:ignore WordPress.NamingConventions.ValidHookName -- its name of old.
		$given = is_array( $given ) ? $given : array();
		foreach ( array( 'colors', 'fonts' ) as $part ) {
			$given[ $part ] = array_merge( $tokens[ $part ], is_array( $given[ $part ] ?? null ) ? $given[ $part ] : array() );
		}
		return $given + $tokens;
	}

	/**
	 * @param mixed $context As get().
	 * @return string `#rrggbb`; the fallback for a key that is not known.
	 */
	public static function color( string $color_key, string $template_id = '', $context = null, string $fallback_hex = '#000000' ): string {
		$color = self::get( $template_id, $context )['colors'][ $color_key ] ?? null;
		return is_string( $color ) && 1 === preg_match( '/\A#(?:[0-9a-f]{3}|[0-9a-f]{6})\z/i', $color ) ? $color : $fallback_hex;
	}

	/**
	 * @param mixed $context As get().
	 * @return ?string A path or a file's name for {@see GDRenderer::register_font()}.
	 */
	public static function font( string $font_key, string $template_id = '', $context = null ): ?string {
		$font = self::get( $template_id, $context )['fonts'][ $font_key ] ?? null;
		return is_string( $font ) && '' !== $font ? $font : null;
	}
}
