<?php
/**
 * Global functions other plugins call.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

if ( ! function_exists( 'datamachine_get_engine_data' ) ) {
	/** @return array<string, mixed> The document of a job; empty when it cannot be read. */
	function datamachine_get_engine_data( int $job_id ): array {
		return \DataMachine\Core\EngineData::retrieve( $job_id );
	}
}

if ( ! function_exists( 'datamachine_set_engine_data' ) ) {
	/** @param array<string, mixed> $data Replaces the document. */
	function datamachine_set_engine_data( int $job_id, array $data ): bool {
		return \DataMachine\Core\EngineData::persist( $job_id, $data );
	}
}

if ( ! function_exists( 'datamachine_merge_engine_data' ) ) {
	/** @param array<string, mixed> $data Merged recursively; lists merge by index. */
	function datamachine_merge_engine_data( int $job_id, array $data ): bool {
		return \DataMachine\Core\EngineData::merge( $job_id, $data );
	}
}

if ( ! function_exists( 'datamachine_log_message' ) ) {
	/**
	 * @param string               $level   debug, info, warning, error or critical.
	 * @param array<string, mixed> $context Stored with the line.
	 */
	function datamachine_log_message( string $level, string|\Stringable $message, array $context = array() ): void {
		/** This action is documented in hooks/product.json */
		do_action( 'datamachine_log', $level, (string) $message, $context );
	}

	/** @param array<string, mixed> $context */
	function datamachine_log_debug( string|\Stringable $message, array $context = array() ): void {
		datamachine_log_message( 'debug', $message, $context );
	}

	/** @param array<string, mixed> $context */
	function datamachine_log_info( string|\Stringable $message, array $context = array() ): void {
		datamachine_log_message( 'info', $message, $context );
	}

	/** @param array<string, mixed> $context */
	function datamachine_log_warning( string|\Stringable $message, array $context = array() ): void {
		datamachine_log_message( 'warning', $message, $context );
	}

	/** @param array<string, mixed> $context */
	function datamachine_log_error( string|\Stringable $message, array $context = array() ): void {
		datamachine_log_message( 'error', $message, $context );
	}

	/** @param array<string, mixed> $context */
	function datamachine_log_critical( string|\Stringable $message, array $context = array() ): void {
		datamachine_log_message( 'critical', $message, $context );
	}
}

if ( ! function_exists( 'datamachine_validate_interval' ) ) {
	/** @return array<string, array{label: string, seconds: int}> */
	function datamachine_get_default_scheduler_intervals(): array {
		return \DataMachine\Bridge\Facade\Registries::default_intervals();
	}

	/** @return array<string, string> Keys of intervals by their other names. */
	function datamachine_get_interval_aliases(): array {
		return \DataMachine\Bridge\Facade\Registries::interval_aliases();
	}

	/** The key of an interval, of whatever name it was given by; any other text is itself. */
	function datamachine_resolve_interval_alias( string $interval ): string {
		return datamachine_get_interval_aliases()[ $interval ] ?? $interval;
	}

	/**
	 * Whether a flow may be scheduled with this word. What looks like a cron expression is checked when it is saved.
	 *
	 * @return array{valid: bool, resolved: string, error?: string, available?: list<string>}
	 */
	function datamachine_validate_interval( string $interval ): array {
		$fields = preg_split( '/\s+/', trim( $interval ) );
		$cron   = str_starts_with( trim( $interval ), '@' )
			|| ( in_array( count( $fields ), array( 5, 6 ), true ) && ! preg_grep( '/^[0-9A-Za-z*\/,\-?#]+$/', $fields, PREG_GREP_INVERT ) );
		if ( $cron || in_array( $interval, array( 'manual', 'one_time', 'cron' ), true ) ) {
			return array(
				'valid'    => true,
				'resolved' => $interval,
			);
		}
		$resolved = datamachine_resolve_interval_alias( $interval );
		/** This filter is documented in hooks/product.json */
		$known = (array) apply_filters( 'datamachine_scheduler_intervals', array() );
		if ( isset( $known[ $resolved ] ) ) {
			return array(
				'valid'    => true,
				'resolved' => $resolved,
			);
		}
		$available = array_values( array_unique( array_map( 'strval', array_keys( $known + datamachine_get_interval_aliases() ) ) ) );
		sort( $available );
		return array(
			'valid'     => false,
			'resolved'  => $resolved,
			'error'     => sprintf( "Invalid interval '%s'. Valid options: %s", $interval, implode( ', ', $available ) ),
			'available' => $available,
		);
	}
}

if ( ! function_exists( 'datamachine_flow_exists' ) ) {
	function datamachine_flow_exists( int $flow_id ): bool {
		return null !== ( new \DataMachine\Core\Database\Flows\Flows() )->get_flow( $flow_id );
	}
}

if ( ! function_exists( 'datamachine_get_file_context' ) ) {
	/**
	 * Where files of a flow lie, for FileStorage and its like; `direct` for no stored flow.
	 *
	 * @return array<string, int|string> Empty for an unknown flow.
	 */
	function datamachine_get_file_context( int|string|null $flow_id ): array {
		if ( null === $flow_id || 'direct' === $flow_id ) {
			return array(
				'pipeline_id' => 'direct',
				'flow_id'     => 'direct',
			);
		}
		$flow = ( new \DataMachine\Core\Database\Flows\Flows() )->get_flow( (int) $flow_id );
		return null === $flow ? array() : array(
			'pipeline_id' => (int) $flow['pipeline_id'],
			'flow_id'     => (int) $flow['flow_id'],
		);
	}
}

if ( ! function_exists( 'datamachine_get_queue_tuning_defaults' ) ) {
	/** @return array<string, int> */
	function datamachine_get_queue_tuning_defaults(): array {
		return \DataMachine\Core\PluginSettings::getDefaultQueueTuning();
	}
}

if ( ! function_exists( 'datamachine_get_valid_log_levels' ) ) {
	/** @return list<string> */
	function datamachine_get_valid_log_levels(): array {
		return array( 'debug', 'info', 'warning', 'error', 'critical' );
	}
}

if ( ! function_exists( 'datamachine_normalize_engine_config' ) ) {
	/**
	 * A configuration as an array, whether it came as one or as JSON text.
	 *
	 * @param mixed $config
	 * @return array<string, mixed>
	 */
	function datamachine_normalize_engine_config( $config ): array {
		if ( is_string( $config ) ) {
			$config = json_decode( $config, true );
		}
		return is_array( $config ) ? $config : array();
	}
}

if ( ! function_exists( 'datamachine_for_each_site' ) ) {
	/** Calls back on every site of a network, or once; with the id of the site. */
	function datamachine_for_each_site( callable $callback ): void {
		if ( ! is_multisite() ) {
			$callback( get_current_blog_id() );
			return;
		}
		foreach ( get_sites( array( 'fields' => 'ids', 'number' => 0 ) ) as $blog ) { // phpcs:ignore WordPress.Arrays.ArrayDeclarationSpacing -- short.
			switch_to_blog( (int) $blog );
			try {
				$callback( (int) $blog );
			} finally {
				restore_current_blog();
			}
		}
	}
}

if ( ! function_exists( 'datamachine_resolve_agent_id' ) ) {
	/**
	 * Which agent is meant: one that is named, else the one that acts, else the oldest of the user's own.
	 *
	 * @param array{agent_id?: int, agent_slug?: string, user_id?: int} $context
	 */
	function datamachine_resolve_agent_id( array $context = array() ): ?int {
		$agents = new \DataMachine\Core\Database\Agents\Agents();
		if ( ! empty( $context['agent_id'] ) ) {
			$agent = is_numeric( $context['agent_id'] ) ? $agents->get_agent( (int) $context['agent_id'] ) : null;
		} elseif ( ! empty( $context['agent_slug'] ) ) {
			$agent = is_string( $context['agent_slug'] ) ? $agents->get_by_slug( $context['agent_slug'] ) : null;
		} elseif ( empty( $context['user_id'] ) && \DataMachine\Abilities\PermissionHelper::in_agent_context() ) {
			return \DataMachine\Abilities\PermissionHelper::get_acting_agent_id();
		} else {
			$user  = $context['user_id'] ?? 0;
			$agent = $agents->get_by_owner_id( is_numeric( $user ) && (int) $user > 0 ? (int) $user : get_current_user_id() );
		}
		return null === $agent ? null : (int) $agent['agent_id'];
	}

	/** The oldest agent of a user; one of the user's name when there is none, if whoever acts may make it. 0 for neither. */
	function datamachine_resolve_or_create_agent_id( int $user_id ): int {
		$agents = new \DataMachine\Core\Database\Agents\Agents();
		$user   = get_userdata( $user_id );
		$own    = $user ? \DataMachine\Bridge\Identity\AgentAnswers::known_rows( array( 'owner_id' => $user_id ) ) : null;
		if ( array() !== $own ) {
			return (int) ( $own[0]['agent_id'] ?? 0 );
		}
		$slug = sanitize_title( $user->user_login );
		// An agent of that name may be somebody else's.
		$slug = null === $agents->get_by_slug( $slug ) ? $slug : $slug . '-' . $user_id;
		return $agents->create_if_missing( $slug, (string) $user->display_name, $user_id );
	}
}

if ( ! function_exists( 'datamachine_allowed_html' ) ) {
	/** @return array<string, array<string, bool>> For wp_kses(): what a post may hold, and the parts of a form. */
	function datamachine_allowed_html(): array {
		$common = array_fill_keys( array( 'id', 'class', 'name', 'value', 'type', 'placeholder', 'checked', 'selected', 'disabled', 'required', 'for', 'rows', 'cols', 'min', 'max', 'step', 'data-*', 'aria-*' ), true );
		return array_merge( wp_kses_allowed_html( 'post' ), array_fill_keys( array( 'form', 'input', 'select', 'option', 'optgroup', 'textarea', 'button', 'label', 'fieldset', 'legend' ), $common ) );
	}
}
