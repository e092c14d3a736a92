<?php
/**
 * The typed operations Python may ask of a WordPress process.
 *
 * This map is the whole surface: a name either stands here or is refused. Nothing on the wire is ever resolved into a
 * callable, except a live handle of the same call, which the codec turns back into the object PHP itself sent out.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Host;

use DataMachine\Bridge\Bridge\RemoteError;

final class Operations {

	/** @var array<string, callable(array<string, mixed>): mixed> */
	private static array $registered = array();

	private static bool $own = false;

	/**
	 * Offer an operation. Names are `area.verb`; the callable takes the parameters as an array and returns a value, or
	 * throws a Failure.
	 *
	 * Example:
	 *
	 *     Operations::register( 'publish.insert', array( Publisher::class, 'insert' ) );
	 *
	 * @param callable|array{0: class-string, 1: string} $operation Loaded when first used.
	 */
	public static function register( string $name, callable|array $operation ): void {
		if ( 1 !== preg_match( '/^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/', $name ) ) {
			throw new \InvalidArgumentException( sprintf( 'An operation is named area.verb, not "%s".', $name ) );
		}
		self::$registered[ $name ] = $operation;
	}

	public static function has( string $name ): bool {
		self::own();
		return isset( self::$registered[ $name ] );
	}

	/** @return list<string> */
	public static function names(): array {
		self::own();
		$names = array_keys( self::$registered );
		sort( $names );
		return $names;
	}

	/**
	 * Run an operation.
	 *
	 * @param array<string, mixed> $params Decoded parameters; objects and callables in it are live handles.
	 * @throws RemoteError With a stable code; any other Throwable is the operation's own.
	 */
	public static function dispatch( string $name, array $params ): mixed {
		self::own();
		if ( ! isset( self::$registered[ $name ] ) ) {
			throw ( new Failure( 'unknown_operation', sprintf( 'WordPress offers no operation "%s".', $name ), 404 ) )->remote();
		}
		try {
			return ( self::$registered[ $name ] )( $params );
		} catch ( Failure $failure ) {
			throw $failure->remote();
		}
	}

	private static function own(): void {
		if ( self::$own ) {
			return;
		}
		self::$own = true;
		self::$registered += array(
			'hook.fire'         => array( Operation\Hooks::class, 'fire' ),
			'hook.listeners'    => array( Operation\Hooks::class, 'listeners' ),
			'ability.execute'   => array( Operation\Abilities::class, 'execute' ),
			'ability.event'     => array( Operation\Abilities::class, 'event' ),
			'ability.category'  => array( Operation\Abilities::class, 'categories' ),
			'tool.run'          => array( Operation\Tools::class, 'run' ),
			'tool.describe'     => array( Operation\Tools::class, 'describe' ),
			'user.can'          => array( Operation\Users::class, 'can' ),
			'user.get'          => array( Operation\Users::class, 'get' ),
			'user.switch'       => array( Operation\Users::class, 'become' ),
			'blog.switch'       => array( Operation\Users::class, 'blog' ),
			'option.get'        => array( Operation\Options::class, 'get' ),
			'option.update'     => array( Operation\Options::class, 'update' ),
			'option.delete'     => array( Operation\Options::class, 'delete' ),
			'transient.get'     => array( Operation\Options::class, 'get_transient' ),
			'transient.set'     => array( Operation\Options::class, 'set_transient' ),
			'transient.delete'  => array( Operation\Options::class, 'delete_transient' ),
			'transient.watched' => array( Operation\Transients::class, 'watched' ),
			'post.insert'       => array( Operation\Posts::class, 'insert' ),
			'post.query'        => array( Operation\Posts::class, 'query' ),
			'site.info'         => array( Operation\Site::class, 'info' ),
		);
	}
}
