<?php
/**
 * Pipelines as files, for code that asks with actions and reads the result with a filter.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Engine\Actions;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/**
 * `do_action( 'datamachine_export', 'pipelines', $ids )`, then `apply_filters( 'datamachine_export_result', null )`.
 *
 * Who may is asked of the current user, as in every other door. The result is that of the last call of this request.
 */
class ImportExport {

	private const TYPE = 'pipelines';

	/** @var array{imported: list<int>}|null */
	private static ?array $imported = null;

	private static ?string $exported = null;

	/**
	 * @param mixed $type Only `pipelines` is known.
	 * @param mixed $data The text of a CSV file.
	 */
	public static function on_import( $type = '', $data = '' ): void {
		( new self() )->handle_import( $type, $data );
	}

	/**
	 * @param mixed $type Only `pipelines` is known.
	 * @param mixed $ids  Ids of pipelines; none means all.
	 */
	public static function on_export( $type = '', $ids = array() ): void {
		( new self() )->handle_export( $type, $ids );
	}

	/**
	 * Imports a file.
	 *
	 * @param mixed $type Only `pipelines` is known.
	 * @param mixed $data The text of a CSV file.
	 * @return array{imported: list<int>}|false Ids of the pipelines; false when nothing was imported, and the log says why.
	 */
	public function handle_import( $type, $data ) {
		self::$imported = null;
		$answer         = self::ask( 'import', $type, array( 'data' => is_string( $data ) ? $data : '' ) );
		if ( null === $answer ) {
			return false;
		}
		self::$imported = array( 'imported' => array_map( 'intval', array_values( (array) ( $answer['imported'] ?? array() ) ) ) );
		return self::$imported;
	}

	/**
	 * Exports pipelines.
	 *
	 * @param mixed $type Only `pipelines` is known.
	 * @param mixed $ids  Ids of pipelines; none means all.
	 * @return string|false The text of a CSV file; false when there is none, and the log says why.
	 */
	public function handle_export( $type, $ids ) {
		self::$exported = null;
		$answer         = self::ask( 'export', $type, array( 'pipeline_ids' => array_map( 'intval', array_values( (array) $ids ) ) ) );
		if ( null === $answer ) {
			return false;
		}
		self::$exported = (string) ( $answer['data'] ?? '' );
		return self::$exported;
	}

	/**
	 * @param mixed $result What others say.
	 * @return mixed
	 */
	public static function imported( $result = null ) {
		return self::$imported ?? $result;
	}

	/**
	 * @param mixed $result What others say.
	 * @return mixed
	 */
	public static function exported( $result = null ) {
		return self::$exported ?? $result;
	}

	/**
	 * @param mixed $importer Somebody else's importer.
	 * @return mixed
	 */
	public static function importer( $importer = null ) {
		return $importer ?? new self();
	}

	/**
	 * @param mixed                $type  What is to be moved.
	 * @param array<string, mixed> $input Input of the ability.
	 * @return array<string, mixed>|null Null for a refusal or a rule that was broken.
	 */
	private static function ask( string $verb, $type, array $input ): ?array {
		$reason = null;
		$answer = null;
		if ( self::TYPE !== $type ) {
			$reason = 'Only pipelines can be moved.';
		} else {
			$ability = wp_get_ability( "datamachine/{$verb}-pipelines" );
			$answer  = null === $ability ? null : $ability->execute( $input );
			if ( is_wp_error( $answer ) ) {
				$reason = $answer->get_error_message();
			} elseif ( ! is_array( $answer ) || empty( $answer['success'] ) ) {
				$reason = (string) ( $answer['error'] ?? 'The ability did not answer.' );
			}
		}
		if ( null === $reason ) {
			return $answer;
		}
		do_action( 'datamachine_log', 'error', "Pipelines: {$verb} failed: {$reason}", array( 'type' => $type ) );
		return null;
	}
}
