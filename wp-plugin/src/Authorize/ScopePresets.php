<?php
/**
 * How much of the owner's rights a token gets: a short list of choices that a person can read.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Authorize;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class ScopePresets {

	public const FULL = 'full_owner_ceiling';

	private const LISTS = array( 'ability_categories', 'ability_allow', 'ability_deny' );

	/** @param array<string, array{label: string, description: string, payload: array<string, mixed>|null}> $presets */
	private function __construct( private readonly array $presets, public readonly string $default ) {
	}

	/**
	 * The choices for one agent and one client, after the site's plugins had their say.
	 *
	 * @param array<string, mixed> $agent The agent's row.
	 */
	public static function for_agent( array $agent, string $redirect_uri ): self {
		/**
		 * Filters the scopes that a person can choose from when a program wants to act as an agent.
		 *
		 * @param array<string, array<string, mixed>> $presets      By key: `label`, `description`, `capabilities` (a list of capability
		 *                                                          names, or null for no limit), `ability_categories`, `ability_allow`
		 *                                                          and `ability_deny` (lists of names; not with unlimited capabilities).
		 * @param array<string, mixed>                $agent        The agent's row.
		 * @param string                              $redirect_uri Where the browser goes afterwards.
		 */
		$filtered = apply_filters( 'datamachine_agent_scope_presets', self::shipped(), $agent, $redirect_uri );
		$presets  = array();
		foreach ( is_array( $filtered ) ? $filtered : array() as $key => $preset ) {
			$key    = sanitize_key( (string) $key );
			$preset = is_array( $preset ) ? self::preset( $key, $preset ) : null;
			if ( '' !== $key && null !== $preset ) {
				$presets[ $key ] = $preset;
			}
		}
		$config  = is_array( $agent['agent_config'] ?? null ) ? $agent['agent_config'] : array();
		$default = is_string( $config['default_scope'] ?? null ) ? $config['default_scope'] : self::FULL;
		if ( ! isset( $presets[ $default ] ) ) {
			// The narrower the better when what was wanted is not offered.
			$default = (string) array_key_first( $presets );
		}
		return new self( $presets, $default );
	}

	/** @return array<string, array{label: string, description: string, payload: array<string, mixed>|null}> */
	public function all(): array {
		return $this->presets;
	}

	public function has( string $key ): bool {
		return isset( $this->presets[ $key ] );
	}

	/**
	 * What is stored as the token's limit; null for none.
	 *
	 * @return array<string, mixed>|null
	 */
	public function payload( string $key ): ?array {
		return $this->presets[ $key ]['payload'];
	}

	/** @return array<string, array<string, mixed>> From the narrowest to the widest. */
	private static function shipped(): array {
		$reading = array( 'datamachine-agent', 'datamachine-content', 'datamachine-memory' );
		$using   = array( 'read', 'datamachine_chat', 'datamachine_use_tools' );
		$writing = array( ...$using, 'edit_posts', 'publish_posts', 'upload_files' );
		$publish = array( ...$reading, 'datamachine-publishing', 'datamachine-media', 'datamachine-seo' );
		$deny    = array( 'datamachine/delete-flow', 'datamachine/delete-pipeline' );
		return array(
			'read_only'            => array(
				'label'              => __( 'Read only', 'datamachine-bridge' ),
				'description'        => __( 'Talk to the agent and read what it may read. No posts, no uploads.', 'datamachine-bridge' ),
				'capabilities'       => $using,
				'ability_categories' => $reading,
			),
			'content_collaborator' => array(
				'label'              => __( 'Content collaborator', 'datamachine-bridge' ),
				'description'        => __( 'Also write and publish posts in the owner\'s name and upload files.', 'datamachine-bridge' ),
				'capabilities'       => $writing,
				'ability_categories' => $publish,
				'ability_deny'       => $deny,
			),
			'publisher'            => array(
				'label'              => __( 'Publisher', 'datamachine-bridge' ),
				'description'        => __( 'Also edit posts of others and posts that are published.', 'datamachine-bridge' ),
				'capabilities'       => array( ...$writing, 'edit_others_posts', 'edit_published_posts' ),
				'ability_categories' => array( ...$publish, 'datamachine-taxonomy' ),
				'ability_deny'       => $deny,
			),
			self::FULL             => array(
				'label'        => __( 'Everything the owner may do', 'datamachine-bridge' ),
				'description'  => __( 'No limit of its own: the same rights as the agent\'s owner has on this site.', 'datamachine-bridge' ),
				'capabilities' => null,
			),
		);
	}

	/**
	 * One preset, checked: what a plugin wrote wrongly is not offered, and never read as "no limit".
	 *
	 * @param array<mixed> $preset
	 * @return array{label: string, description: string, payload: array<string, mixed>|null}|null
	 */
	private static function preset( string $key, array $preset ): ?array {
		$lists = array();
		foreach ( self::LISTS as $name ) {
			$lists[ $name ] = self::names( $preset[ $name ] ?? array() );
		}
		$limited = ! array_key_exists( 'capabilities', $preset ) || null !== $preset['capabilities'];
		$names   = $limited ? self::names( $preset['capabilities'] ?? null ) : array();
		if ( null === $names || in_array( null, $lists, true ) || ( ! $limited && array( array(), array(), array() ) !== array_values( $lists ) ) ) {
			return null;
		}
		$label = is_string( $preset['label'] ?? null ) ? $preset['label'] : $key;
		return array(
			'label'       => $label,
			'description' => is_string( $preset['description'] ?? null ) ? $preset['description'] : '',
			'payload'     => $limited ? array(
				'scope' => $key,
				'label' => $label,
			) + $lists + array( 'capabilities' => $names ) : null,
		);
	}

	/** @return list<string>|null Null for what is no list of names. */
	private static function names( mixed $value ): ?array {
		if ( ! is_array( $value ) ) {
			return null;
		}
		foreach ( $value as $name ) {
			if ( ! is_string( $name ) || '' === $name ) {
				return null;
			}
		}
		return array_values( array_unique( $value ) );
	}
}
