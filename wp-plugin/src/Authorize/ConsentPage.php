<?php
/**
 * The question: may this program act as this agent, and how much may it do?
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Authorize;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class ConsentPage {

	public static function html( Asked $asked, ScopePresets $presets ): string {
		$name = self::agent_name( $asked );
		/* translators: %s: name of an agent. */
		$title = sprintf( __( 'Let a program act as %s?', 'datamachine-bridge' ), $name );
		return Document::html( $title, self::facts( $asked, $name ) . self::notices( $asked ) . self::form( $asked, $presets ) );
	}

	private static function facts( Asked $asked, string $name ): string {
		$facts = array(
			__( 'Site', 'datamachine-bridge' )         => Document::site_name(),
			__( 'Agent', 'datamachine-bridge' )        => $name . ' (' . $asked->slug() . ')',
			__( 'Owner', 'datamachine-bridge' )        => '' === $asked->owner ? __( '(unknown user)', 'datamachine-bridge' ) : $asked->owner,
			__( 'Goes to', 'datamachine-bridge' )      => $asked->uri->place(),
			__( 'Calls itself', 'datamachine-bridge' ) => $asked->label,
			__( 'Signed in as', 'datamachine-bridge' ) => wp_get_current_user()->display_name,
		);
		$html  = '';
		foreach ( $facts as $term => $text ) {
			$html .= '' === $text ? '' : '<dt>' . esc_html( $term ) . '</dt><dd>' . esc_html( $text ) . '</dd>';
		}
		return '<dl>' . $html . '</dl>';
	}

	private static function notices( Asked $asked ): string {
		$where = $asked->uri->is_loopback()
			? __( 'The program runs on the computer you are sitting at.', 'datamachine-bridge' )
			/* translators: %s: host name. */
			: sprintf( __( 'The program runs at %s.', 'datamachine-bridge' ), $asked->uri->place() );
		$text = __( 'It will use this site in the agent\'s name until its token is revoked. Agree only if you have just started this yourself.', 'datamachine-bridge' );
		$html = '<p class="notice">' . esc_html( $where . ' ' . $text ) . '</p>';
		if ( '' === $asked->challenge ) {
			$html .= '<p class="notice">' . esc_html__( 'The token will stand in an address, where histories and logs can keep it. This site allows that for older programs.', 'datamachine-bridge' ) . '</p>';
		}
		return $html;
	}

	private static function form( Asked $asked, ScopePresets $presets ): string {
		$hidden = '';
		foreach ( $asked->parameters() + array(
			'label'            => '',
			'_authorize_nonce' => Visitor::nonce(),
		) as $name => $value ) {
			// Not esc_attr(): it leaves `&amp;` as it is, and the client's own text would come back changed.
			$hidden .= '<input type="hidden" name="' . esc_attr( $name ) . '" value="' . htmlspecialchars( $value, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8' ) . '">';
		}
		return '<form method="post" action="' . esc_url( Endpoint::url() ) . '">' . $hidden . self::scopes( $presets )
			. '<div class="actions"><button class="primary" type="submit" name="action" value="authorize">' . esc_html__( 'Authorize', 'datamachine-bridge' ) . '</button>'
			. '<button type="submit" name="action" value="deny">' . esc_html__( 'Deny', 'datamachine-bridge' ) . '</button></div></form>';
	}

	private static function scopes( ScopePresets $presets ): string {
		$html = '';
		foreach ( $presets->all() as $key => $preset ) {
			$html .= '<label><input type="radio" name="scope_preset" value="' . esc_attr( $key ) . '"' . checked( $key, $presets->default, false ) . '> '
				. esc_html( $preset['label'] ) . ( '' === $preset['description'] ? '' : '<small>' . esc_html( $preset['description'] ) . '</small>' ) . '</label>';
		}
		return '<fieldset><legend>' . esc_html__( 'What the program may do', 'datamachine-bridge' ) . '</legend>' . $html . '</fieldset>';
	}

	private static function agent_name( Asked $asked ): string {
		$name = (string) $asked->agent['agent_name'];
		return '' === $name ? $asked->slug() : $name;
	}
}
