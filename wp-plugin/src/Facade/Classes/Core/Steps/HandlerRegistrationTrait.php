<?php
/**
 * Registers a handler from its constructor.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Core\Steps;

use DataMachine\Bridge\Facade\Registered;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

trait HandlerRegistrationTrait {

	/**
	 * @param string                              $type            The type of step it works for.
	 * @param class-string|null                   $authClass       Its provider, made when somebody asks for it.
	 * @param class-string|null                   $settingsClass   With static get_fields() and sanitize().
	 * @param (callable(string, array, array): array)|null $aiToolCallback Slug, handler config and engine data give definitions by name.
	 * @param string|null                         $authProviderKey The provider's key; the slug unless it is shared.
	 * @param array<string, mixed>                $meta
	 */
	protected static function registerHandler( string $slug, string $type, string $class_name, string $label, string $description, bool $requiresAuth = false, ?string $authClass = null, ?string $settingsClass = null, ?callable $aiToolCallback = null, ?string $authProviderKey = null, array $meta = array() ): void {
		Registered::handler(
			$slug,
			array(
				'type'              => $type,
				'class'             => $class_name,
				'label'             => $label,
				'description'       => $description,
				'requires_auth'     => $requiresAuth,
				'auth_provider_key' => $requiresAuth ? ( $authProviderKey ?? $slug ) : null,
				'meta'              => $meta,
			),
			$requiresAuth ? $authClass : null,
			$settingsClass,
			null === $aiToolCallback ? null : \Closure::fromCallable( $aiToolCallback )
		);
	}
}
