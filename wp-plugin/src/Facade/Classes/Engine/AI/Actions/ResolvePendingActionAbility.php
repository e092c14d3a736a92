<?php
/**
 * Accepts or rejects an action that waits: the ability `datamachine/resolve-pending-action` for PHP code.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Engine\AI\Actions;

use WP_REST_Request;
use WP_REST_Response;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

class ResolvePendingActionAbility {

	public const NAME = 'datamachine/resolve-pending-action';

	/** The product registers the ability itself. */
	public function __construct() {
	}

	public static function handle_rest( WP_REST_Request $request ): WP_REST_Response {
		$result = self::execute(
			array(
				'action_id' => (string) $request->get_param( 'action_id' ),
				'decision'  => (string) $request->get_param( 'decision' ),
			)
		);
		return new WP_REST_Response( $result, empty( $result['success'] ) ? 400 : 200 );
	}

	/**
	 * @param array<string, mixed> $input `{action_id, decision: accepted|rejected}`.
	 * @return array<string, mixed>
	 */
	public static function execute( array $input ): array {
		$ability = function_exists( 'wp_get_ability' ) ? wp_get_ability( self::NAME ) : null;
		$result  = null === $ability ? new \WP_Error( 'no_ability', 'The Abilities API is not available.' ) : $ability->execute( $input );
		return is_wp_error( $result ) ? array(
			'success' => false,
			'error'   => $result->get_error_message(),
		) : (array) $result;
	}
}
