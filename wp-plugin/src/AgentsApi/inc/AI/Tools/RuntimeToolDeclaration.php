<?php
/**
 * A tool that the client of a run brings along.
 *
 * @package AgentsAPI
 */

declare(strict_types=1);

namespace AgentsAPI\AI\Tools;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/**
 * The client declares it, the client executes it, and it lives as long as the run.
 */
class RuntimeToolDeclaration {

	public const SOURCE_CLIENT   = 'client';
	public const EXECUTOR_CLIENT = 'client';
	public const SCOPE_RUN       = 'run';

	/**
	 * @return array{name: string, source: string, description: string, parameters: array, executor: string, scope: string}
	 * @throws \InvalidArgumentException Naming every field that breaks a rule.
	 */
	public static function normalize( array $declaration ): array {
		$wrong = self::validate( $declaration );
		if ( array() !== $wrong ) {
			throw new \InvalidArgumentException( 'invalid_runtime_tool_declaration: ' . implode( ', ', $wrong ) );
		}
		return array(
			'name'        => $declaration['name'],
			'source'      => self::sourceFromName( $declaration['name'] ),
			'description' => trim( $declaration['description'] ),
			'parameters'  => $declaration['parameters'] ?? array(),
			'executor'    => $declaration['executor'],
			'scope'       => $declaration['scope'],
		);
	}

	/** @return string[] Names of the fields that break a rule, each once, in the order they are checked. */
	public static function validate( array $declaration ): array {
		$name   = is_string( $declaration['name'] ?? null ) ? $declaration['name'] : '';
		$prefix = self::sourceFromName( $name );
		$source = $declaration['source'] ?? $prefix;
		$text   = $declaration['description'] ?? null;

		$rules = array(
			'name'        => 1 === preg_match( '~^[a-z][a-z0-9_-]*/[a-z][a-z0-9_-]*$~D', $name ),
			'source'      => self::SOURCE_CLIENT === $prefix && $source === $prefix,
			'description' => is_string( $text ) && '' !== trim( $text ),
			'parameters'  => is_array( $declaration['parameters'] ?? array() ),
			'executor'    => self::EXECUTOR_CLIENT === ( $declaration['executor'] ?? null ),
			'scope'       => self::SCOPE_RUN === ( $declaration['scope'] ?? null ),
		);
		return array_keys( array_filter( $rules, static fn ( bool $kept ): bool => ! $kept ) );
	}

	// phpcs:disable WordPress.NamingConventions.ValidFunctionName -- Public contract.
	public static function namespacedName( string $source, string $tool_slug ): string {
		return $source . '/' . $tool_slug;
	}

	/** The part before the first slash, '' without one. */
	public static function sourceFromName( string $name ): string {
		$slash = strpos( $name, '/' );
		return false === $slash ? '' : substr( $name, 0, $slash );
	}
	// phpcs:enable
}
