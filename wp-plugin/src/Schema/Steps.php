<?php
/**
 * The data steps of `datamachine migrate`, as far as PHP needs to know: which are done on the current blog.
 *
 * The steps themselves are Python's. A site that begins with empty tables has nothing to do in them, and rows that are
 * made later without an agent stay without one for ever: so activation marks them as done there.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Schema;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Steps {
	/** Data Machine's own version, as it stores it, and the one from which it has none of these steps. */
	private const VERSION_OPTION = 'datamachine_db_version';
	private const WITHOUT_STEPS  = '0.107.0';

	/** Where finished steps are written down, beside Data Machine's options. */
	private const JOURNAL = 'datamachine_bridge_migrations';

	/**
	 * @param array<string, array{guard: string, network: bool, shared: bool}> $steps By name, from the generated schema.
	 */
	public function __construct( private readonly \wpdb $db, private readonly array $steps ) {
	}

	/** Whether every step of the current blog has finished, here or in Data Machine. */
	public function are_done(): bool {
		$finished = $this->finished();
		$later    = version_compare( (string) get_option( self::VERSION_OPTION, '0' ), self::WITHOUT_STEPS, '>=' );
		foreach ( $this->here() as $name => $step ) {
			if ( ! in_array( $name, $finished, true ) && ! ( '' !== $step['guard'] && ( $later || $this->is_guarded( $step ) ) ) ) {
				return false;
			}
		}
		return true;
	}

	/** Mark the steps of the current blog as done. */
	public function mark_done(): void {
		foreach ( $this->here() as $name => $step ) {
			if ( $step['network'] && $this->other_blogs_have_agents() ) {
				continue;
			}
			if ( $step['network'] ) {
				update_site_option( $step['guard'], true );
			} elseif ( '' !== $step['guard'] ) {
				update_option( $step['guard'], true, false );
			}
			$this->db->query(
				$this->db->prepare(
					'INSERT IGNORE INTO %i (step, started_at, finished_at) VALUES (%s, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))',
					$this->db->prefix . self::JOURNAL,
					$name
				)
			);
		}
	}

	/** @return array<string, array{guard: string, network: bool, shared: bool}> Steps that run on the current blog. */
	private function here(): array {
		return array_filter(
			$this->steps,
			static fn ( array $step ): bool => ( ! $step['shared'] || is_main_site() ) && ( ! $step['network'] || is_multisite() )
		);
	}

	/** @return list<string> */
	private function finished(): array {
		$table = $this->db->prefix . self::JOURNAL;
		if ( null === $this->db->get_var( $this->db->prepare( 'SHOW TABLES LIKE %s', $this->db->esc_like( $table ) ) ) ) {
			return array();
		}
		return $this->db->get_col( $this->db->prepare( 'SELECT step FROM %i WHERE finished_at IS NOT NULL', $table ) );
	}

	/** @param array{guard: string, network: bool, shared: bool} $step One of the steps. */
	private function is_guarded( array $step ): bool {
		return (bool) ( $step['network'] ? get_site_option( $step['guard'] ) : get_option( $step['guard'] ) );
	}

	/** Sites of this network, beside the main one, may still hold tables of agents of their own. */
	private function other_blogs_have_agents(): bool {
		$pattern = $this->db->esc_like( $this->db->base_prefix ) . '%' . $this->db->esc_like( '_datamachine_agents' );
		return null !== $this->db->get_var( $this->db->prepare( 'SHOW TABLES LIKE %s', $pattern ) );
	}
}
