<?php
/**
 * What an agent's token is limited to: names of capabilities, and in tokens of later versions which abilities.
 *
 * The rule exists once a language, here and in sidecar/identity/ceiling.py; both are tested with the same cases.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Identity;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Ceiling {

	/** Abilities that a token's filters are about. */
	private const OURS = 'datamachine/';

	/** Everybody's, visitors included. */
	private const EVERYBODY = 'exist';

	/** Passwords outlive the token that made them, so no token makes or reads any. */
	private const PASSWORDS = '/_app_passwords?$/';

	/**
	 * @param list<string>|null                                                             $capabilities Null for no limit.
	 * @param array{allow: list<mixed>, deny: list<mixed>, categories: list<mixed>}|false|null $abilities    Null for no limit, false
	 *                                                                                                       for none of ours.
	 */
	private function __construct( public readonly ?array $capabilities, private readonly array|false|null $abilities = null ) {
	}

	/** @param array<mixed>|null $capabilities Names; null for no limit. */
	public static function of_list( ?array $capabilities ): self {
		return new self( null === $capabilities ? null : self::names( array_values( $capabilities ) ) );
	}

	/** @param string|null $column As the row has it: NULL is no limit, and what cannot be understood leaves nothing. */
	public static function of_column( ?string $column ): self {
		if ( null === $column ) {
			return new self( null );
		}
		$value = json_decode( $column );
		if ( is_array( $value ) ) {
			return new self( self::names( $value ) );
		}
		if ( ! $value instanceof \stdClass ) {
			return new self( array(), false );
		}
		$scope   = get_object_vars( $value );
		$filters = array();
		foreach ( array( 'allow', 'deny', 'categories' ) as $filter ) {
			$filters[ $filter ] = array_key_exists( "ability_$filter", $scope ) ? $scope[ "ability_$filter" ] : array();
		}
		return new self( self::names( $scope['capabilities'] ?? null ), $filters === array_filter( $filters, 'is_array' ) ? $filters : false );
	}

	/**
	 * A column as it is shown: NULL, a list, or a later version's filters; an empty list for what cannot be understood.
	 *
	 * @return array<mixed>|null
	 */
	public static function decoded( ?string $column ): ?array {
		$value = null === $column ? null : json_decode( $column, true );
		return null === $column || is_array( $value ) ? $value : array();
	}

	/** @param array<mixed>|null $capabilities A further limit; null for none. */
	public function within( ?array $capabilities ): self {
		if ( null === $capabilities ) {
			return $this;
		}
		$both = null === $this->capabilities ? $capabilities : array_intersect( $this->capabilities, $capabilities );
		return new self( self::names( array_values( $both ) ), $this->abilities );
	}

	/** Whether a capability is left. */
	public function lists( string $capability ): bool {
		return null === $this->capabilities || in_array( $capability, $this->capabilities, true );
	}

	/**
	 * Whether WordPress's question "has the owner this capability?" may be answered with yes.
	 *
	 * @param array<mixed> $needed The primitive capabilities it comes down to. None, as for editing oneself, is not everybody's.
	 */
	public function allows( string $capability, array $needed ): bool {
		if ( 1 === preg_match( self::PASSWORDS, $capability ) ) {
			return false;
		}
		if ( null === $this->capabilities || array() === $needed ) {
			return $this->lists( $capability );
		}
		return array() === array_diff( $needed, $this->capabilities, array( self::EVERYBODY ) );
	}

	/** Whether an ability may be executed, as far as the token's filters are concerned: denied, then allowed by name or category. */
	public function allows_ability( string $name, string $category ): bool {
		if ( null === $this->abilities || ! str_starts_with( $name, self::OURS ) ) {
			return true;
		}
		if ( false === $this->abilities ) {
			return false;
		}
		$spellings = array( $name, substr( $name, strlen( self::OURS ) ) );
		if ( array() !== array_intersect( $spellings, self::names( $this->abilities['deny'] ) ) ) {
			return false;
		}
		if ( array() === $this->abilities['allow'] && array() === $this->abilities['categories'] ) {
			return true;
		}
		return array() !== array_intersect( $spellings, self::names( $this->abilities['allow'] ) )
			|| in_array( $category, self::names( $this->abilities['categories'] ), true );
	}

	/**
	 * The non-empty strings of a list; of anything else, none.
	 *
	 * @return list<string>
	 */
	private static function names( mixed $value ): array {
		$names = is_array( $value ) ? array_filter( $value, static fn( mixed $each ): bool => is_string( $each ) && '' !== $each ) : array();
		return array_values( array_unique( $names ) );
	}
}
