<?php
/**
 * Where Data Machine keeps files below the uploads folder.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\FilesRepository;

use DataMachine\Bridge\Identity\DefaultAgent;
use DataMachine\Bridge\Identity\Materializer;
use DataMachine\Bridge\Memory\AgentFolder;
use DataMachine\Bridge\Memory\Site;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/**
 * Paths have no slash at the end. Nothing is created unless a method says so.
 */
class DirectoryManager {

	private static bool $ensured = false;

	/** Makes sure, once a request, that declared agents have their rows and files. */
	public static function ensure_agent_files(): void {
		if ( ! self::$ensured ) {
			self::$ensured = true;
			Materializer::run();
		}
	}

	public static function reset_ensure_flag(): void {
		self::$ensured = false;
	}

	public function get_pipeline_directory( string|int $pipeline_id ): string {
		return $this->base() . '/pipeline-' . self::segment( $pipeline_id );
	}

	public function get_flow_directory( string|int $pipeline_id, string|int $flow_id ): string {
		return $this->get_pipeline_directory( $pipeline_id ) . '/flow-' . self::segment( $flow_id );
	}

	public function get_job_directory( string|int $pipeline_id, string|int $flow_id, string|int $job_id ): string {
		return $this->get_flow_directory( $pipeline_id, $flow_id ) . '/jobs/job-' . self::segment( $job_id );
	}

	public function get_flow_files_directory( string|int $pipeline_id, string|int $flow_id ): string {
		return $this->get_flow_directory( $pipeline_id, $flow_id ) . '/flow-' . self::segment( $flow_id ) . '-files';
	}

	public function get_pipeline_context_directory( string|int $pipeline_id ): string {
		return $this->get_pipeline_directory( $pipeline_id ) . '/context';
	}

	/** The folder of the years before agents had names; kept for plugins that migrate from it. */
	public function get_agent_directory( int $user_id = 0 ): string {
		return $this->base() . '/agent' . ( $user_id > 0 ? "/$user_id" : '' );
	}

	public function get_shared_directory(): string {
		return $this->base() . '/shared';
	}

	public function get_agent_identity_directory( string $agent_slug ): string {
		return $this->base() . '/agents/' . self::segment( sanitize_title( $agent_slug ) );
	}

	public function get_user_directory( int $user_id ): string {
		return $this->network_base() . '/users/' . absint( $user_id );
	}

	public function get_network_directory(): string {
		return $this->network_base() . '/network';
	}

	/** The user given, or the default agent user for 0. */
	public function get_effective_user_id( int $user_id = 0 ): int {
		return $user_id > 0 ? $user_id : self::get_default_agent_user_id();
	}

	public function get_agent_slug_for_user( int $user_id ): string {
		return $this->resolve_agent_slug( array( 'user_id' => $user_id ) );
	}

	/** @param array{agent_slug?: string, agent_id?: int, user_id?: int} $context The first that names an agent counts. */
	public function resolve_agent_slug( array $context ): string {
		$slug = sanitize_title( (string) ( $context['agent_slug'] ?? '' ) );
		if ( '' !== $slug ) {
			return $slug;
		}
		$row = $this->agent( $context );
		return null !== $row ? (string) $row['agent_slug'] : $this->slug_of_user( $context );
	}

	/** @param array{agent_slug?: string, agent_id?: int, user_id?: int} $context See resolve_agent_slug(). */
	public function resolve_agent_directory( array $context ): string {
		$slug = sanitize_title( (string) ( $context['agent_slug'] ?? '' ) );
		$row  = $this->agent( $context );
		if ( null === $row ) {
			return $this->get_agent_identity_directory( '' !== $slug ? $slug : $this->slug_of_user( $context ) );
		}
		$agents = $this->base() . '/agents';
		return $agents . '/' . self::segment( AgentFolder::name( $row, $agents ) );
	}

	public function get_agent_identity_directory_for_user( int $user_id = 0 ): string {
		return $this->resolve_agent_directory( array( 'user_id' => $user_id ) );
	}

	public static function get_default_agent_user_id(): int {
		return DefaultAgent::current()['user_id'];
	}

	/** Creates it when it is missing; false when that fails. */
	public function ensure_directory_exists( string $directory ): bool {
		return is_dir( $directory ) || wp_mkdir_p( $directory );
	}

	/** Creates the older folder of a user, writable for the group too. */
	public function ensure_agent_directory_writable( int $user_id = 0 ): bool {
		$directory = $this->get_agent_directory( $user_id );
		if ( ! $this->ensure_directory_exists( $directory ) ) {
			return false;
		}
		if ( ! wp_is_writable( $directory ) ) {
			chmod( $directory, 0775 ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- coding agents of the same group write here.
		}
		return wp_is_writable( $directory );
	}

	/**
	 * The row of the agent that a context means: of that slug, of that id, or the user's first.
	 *
	 * @param array{agent_slug?: string, agent_id?: int, user_id?: int} $context
	 * @return array<string, mixed>|null
	 */
	private function agent( array $context ): ?array {
		global $wpdb;
		$table = $wpdb->base_prefix . 'datamachine_agents';
		$slug  = sanitize_title( (string) ( $context['agent_slug'] ?? '' ) );
		if ( '' !== $slug ) {
			return $wpdb->get_row( $wpdb->prepare( 'SELECT * FROM %i WHERE agent_slug = %s ORDER BY agent_id ASC LIMIT 1', $table, $slug ), ARRAY_A );
		}
		$id  = (int) ( $context['agent_id'] ?? 0 );
		$row = $id > 0 ? $wpdb->get_row( $wpdb->prepare( 'SELECT * FROM %i WHERE agent_id = %d', $table, $id ), ARRAY_A ) : null;
		if ( null !== $row ) {
			return $row;
		}
		$user_id = $this->get_effective_user_id( (int) ( $context['user_id'] ?? 0 ) );
		return $wpdb->get_row( $wpdb->prepare( 'SELECT * FROM %i WHERE owner_id = %d ORDER BY agent_id ASC LIMIT 1', $table, $user_id ), ARRAY_A );
	}

	/** @param array{user_id?: int} $context */
	private function slug_of_user( array $context ): string {
		$user_id = $this->get_effective_user_id( (int) ( $context['user_id'] ?? 0 ) );
		$user    = get_userdata( $user_id );
		$slug    = $user ? sanitize_title( $user->user_login ) : '';
		return '' !== $slug ? $slug : "user-$user_id";
	}

	/** What comes from a caller stays one segment of a path. */
	private static function segment( string|int $value ): string {
		return str_replace( array( '/', '\\', "\0", '..' ), '', (string) $value );
	}

	private function base(): string {
		return Site::base();
	}

	private function network_base(): string {
		return Site::network_base();
	}
}
