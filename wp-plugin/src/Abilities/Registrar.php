<?php
/**
 * The abilities of the product, as WordPress knows them. Executing one asks the sidecar.
 *
 * They are declared in Python and generated into a file: WordPress lists and judges them without a call.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Abilities;

use DataMachine\Abilities\PermissionHelper;
use DataMachine\Bridge\Bridge\BridgeException;
use DataMachine\Bridge\Bridge\Client;
use DataMachine\Bridge\Bridge\RemoteError;
use DataMachine\Bridge\Identity\CeilingGuard;
use DataMachine\Bridge\Identity\Principal;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Registrar {

	/** @param string $file The generated declarations: `categories` by slug, `abilities` by name. */
	public function __construct( private string $file ) {
	}

	public function categories(): void {
		foreach ( $this->declared( 'categories' ) as $slug => $arguments ) {
			if ( ! wp_has_ability_category( $slug ) ) {
				wp_register_ability_category( $slug, $arguments );
			}
		}
	}

	public function abilities(): void {
		foreach ( $this->declared( 'abilities' ) as $name => $arguments ) {
			$rule = $arguments['permission'];
			unset( $arguments['permission'] );
			$arguments['execute_callback']    = static fn( mixed $input = null ): mixed => self::execute( $name, $input );
			// Asked here and not by WordPress's own filter alone, which 6.9 has not.
			$arguments['permission_callback'] = static fn(): bool|\WP_Error => CeilingGuard::ability_refusal( $name, $arguments['category'] ) ?? self::permitted( $rule );
			wp_register_ability( $name, $arguments );
		}
	}

	/** @return array<string, array<string, mixed>> */
	private function declared( string $kind ): array {
		return ( require $this->file )[ $kind ];
	}

	/**
	 * Whether the caller may run it at all; whose agent it may be is the sidecar's question.
	 *
	 * @param array{any_of?: list<string>, manage?: bool, login?: bool} $rule Any part that is set is enough.
	 */
	private static function permitted( array $rule ): bool {
		foreach ( $rule['any_of'] ?? array() as $action ) {
			if ( PermissionHelper::can( $action ) ) {
				return true;
			}
		}
		return ( ! empty( $rule['manage'] ) && PermissionHelper::can_manage() )
			|| ( ! empty( $rule['login'] ) && PermissionHelper::acting_user_id() > 0 );
	}

	/** @return mixed The result, or a WP_Error when the sidecar refused or could not be asked. */
	private static function execute( string $name, mixed $input ): mixed {
		try {
			return Client::instance()->call(
				'ability.execute',
				array(
					'name'      => $name,
					'input'     => is_array( $input ) ? $input : (array) $input,
					'principal' => Principal::describe(),
				),
				// An answer to somebody who waits for it, not a hook on a page; the command line waits as long as it takes.
				'cli' === PHP_SAPI ? null : Client::MOST,
				Client::CONNECT_FOR_ANSWER
			);
		} catch ( RemoteError $error ) {
			return new \WP_Error( $error->error_code(), $error->public_message(), array( 'status' => $error->status() ) + $error->data() );
		} catch ( BridgeException $error ) {
			return new \WP_Error( 'datamachine_unavailable', $error->getMessage(), array( 'status' => 503 ) );
		}
	}
}
