<?php
/**
 * One message of a conversation, in a form that does not depend on a model provider.
 *
 * @package AgentsAPI
 */

declare(strict_types=1);

namespace AgentsAPI\AI;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/**
 * Canonical messages have the keys schema, version, type, role, content, payload, metadata and, where the source had them,
 * id, created_at and updated_at. Older messages (role, content, metadata) are read too.
 */
class AgentMessageEnvelope {

	public const SCHEMA  = 'agents-api.message';
	public const VERSION = 1;

	public const TYPE_TEXT              = 'text';
	public const TYPE_TOOL_CALL         = 'tool_call';
	public const TYPE_TOOL_RESULT       = 'tool_result';
	public const TYPE_INPUT_REQUIRED    = 'input_required';
	public const TYPE_APPROVAL_REQUIRED = 'approval_required';
	public const TYPE_FINAL_RESULT      = 'final_result';
	public const TYPE_ERROR             = 'error';
	public const TYPE_DELTA             = 'delta';
	public const TYPE_MULTIMODAL_PART   = 'multimodal_part';

	/** Metadata keys of older messages that are payload here. */
	private const PAYLOAD_KEYS = array(
		self::TYPE_TOOL_CALL   => array( 'tool_name', 'parameters', 'turn' ),
		self::TYPE_TOOL_RESULT => array( 'tool_name', 'success', 'turn', 'tool_data', 'media', 'error' ),
	);

	private const OPTIONAL_KEYS = array( 'id', 'created_at', 'updated_at' );

	/** @return string[] */
	public static function supported_types(): array {
		return array(
			self::TYPE_TEXT,
			self::TYPE_TOOL_CALL,
			self::TYPE_TOOL_RESULT,
			self::TYPE_INPUT_REQUIRED,
			self::TYPE_APPROVAL_REQUIRED,
			self::TYPE_FINAL_RESULT,
			self::TYPE_ERROR,
			self::TYPE_DELTA,
			self::TYPE_MULTIMODAL_PART,
		);
	}

	/**
	 * @param string|array $content Text, or the parts of a multimodal message.
	 */
	public static function text( string $role, $content, array $metadata = array() ): array {
		return self::build( self::legacy_type( $content, $metadata ), $role, $content, array(), $metadata, array() );
	}

	// phpcs:disable WordPress.NamingConventions.ValidFunctionName -- Public contract.
	public static function toolCall( string $content, string $tool_name, array $parameters, int $turn, array $metadata = array() ): array {
		$payload = array(
			'tool_name'  => $tool_name,
			'parameters' => $parameters,
			'turn'       => $turn,
		);
		return self::build( self::TYPE_TOOL_CALL, 'assistant', $content, $payload, $metadata, array() );
	}

	/** The role is `user`: most providers know no other way to hand a result back. */
	public static function toolResult( string $content, string $tool_name, array $payload, array $metadata = array() ): array {
		unset( $payload['tool_name'] );
		$payload['tool_name'] = $tool_name;
		return self::build( self::TYPE_TOOL_RESULT, 'user', $content, $payload, $metadata, array() );
	}
	// phpcs:enable

	/**
	 * @throws \InvalidArgumentException `invalid_ai_message_envelope: <reason>`.
	 */
	public static function normalize( array $message ): array {
		$metadata = is_array( $message['metadata'] ?? null ) ? $message['metadata'] : array();
		$content  = $message['content'] ?? '';

		if ( self::is_envelope( $message ) ) {
			if ( ! is_scalar( $message['version'] ) || self::VERSION !== (int) $message['version'] ) {
				throw self::invalid( 'unsupported version' );
			}
			$type = $message['type'];
			if ( ! in_array( $type, self::supported_types(), true ) ) {
				throw self::invalid( 'unsupported type' );
			}
			$payload = is_array( $message['payload'] ?? null ) ? $message['payload'] : array();
			if ( array() === $payload && is_array( $message['data'] ?? null ) ) {
				$payload = $message['data'];
			}
		} else {
			$type    = self::legacy_type( $content, $metadata );
			$payload = array();
			foreach ( self::PAYLOAD_KEYS[ $type ] ?? array() as $key ) {
				if ( array_key_exists( $key, $metadata ) ) {
					$payload[ $key ] = $metadata[ $key ];
				}
			}
		}
		return self::build( $type, $message['role'] ?? self::default_role( $type ), $content, $payload, $metadata, $message );
	}

	/** @return array[] */
	public static function normalize_many( array $messages ): array {
		return array_map( array( self::class, 'one' ), $messages );
	}

	/** The form model providers take: role, content and, only where something would be lost, metadata. */
	public static function to_provider_message( array $message ): array {
		$envelope = self::normalize( $message );
		$metadata = $envelope['metadata'];

		if ( self::TYPE_TEXT !== $envelope['type'] || array() !== $envelope['payload'] || array() !== $metadata ) {
			$metadata += array( 'type' => $envelope['type'] );
			$metadata += $envelope['payload'];
		}
		$provider = array(
			'role'    => $envelope['role'],
			'content' => $envelope['content'],
		);
		if ( array() !== $metadata ) {
			$provider['metadata'] = $metadata;
		}
		return $provider;
	}

	/** @return array[] */
	public static function to_provider_messages( array $messages ): array {
		return array_map( array( self::class, 'to_provider_message' ), self::normalize_many( $messages ) );
	}

	public static function type( array $message ): string {
		return self::normalize( $message )['type'];
	}

	/**
	 * @param mixed $role    Anything the source held.
	 * @param mixed $content Anything the source held.
	 * @param array $source  Where id and times are taken from.
	 */
	private static function build( string $type, $role, $content, array $payload, array $metadata, array $source ): array {
		if ( ! is_string( $role ) || '' === trim( $role ) ) {
			throw self::invalid( 'role must be a non-empty string' );
		}
		if ( ! is_string( $content ) && ! is_array( $content ) ) {
			throw self::invalid( 'content must be a string or array' );
		}
		$envelope = array(
			'schema'   => self::SCHEMA,
			'version'  => self::VERSION,
			'type'     => $type,
			'role'     => $role,
			'content'  => $content,
			'payload'  => $payload,
			'metadata' => $metadata,
		);
		foreach ( self::OPTIONAL_KEYS as $key ) {
			if ( is_string( $source[ $key ] ?? null ) && '' !== $source[ $key ] ) {
				$envelope[ $key ] = $source[ $key ];
			}
		}
		// WordPress repairs invalid UTF-8 before it gives up, plain PHP does not; either way the message must be storable.
		// phpcs:ignore WordPress.WP.AlternativeFunctions.json_encode_json_encode -- Also runs without WordPress.
		$json = function_exists( 'wp_json_encode' ) ? wp_json_encode( $envelope ) : json_encode( $envelope );
		if ( false === $json ) {
			throw self::invalid( 'envelope must be JSON serializable' );
		}
		return $envelope;
	}

	private static function is_envelope( array $message ): bool {
		return isset( $message['version'], $message['type'] )
			&& ( isset( $message['schema'] ) || array_key_exists( 'payload', $message ) || array_key_exists( 'data', $message ) );
	}

	/** @param mixed $content Text or parts. */
	private static function legacy_type( $content, array $metadata ): string {
		$named = $metadata['type'] ?? null;
		if ( in_array( $named, self::supported_types(), true ) ) {
			return $named;
		}
		if ( 'multimodal' === $named || is_array( $content ) ) {
			return self::TYPE_MULTIMODAL_PART;
		}
		return isset( $metadata['error'] ) ? self::TYPE_ERROR : self::TYPE_TEXT;
	}

	private static function default_role( string $type ): string {
		$tool = array( self::TYPE_TOOL_RESULT, self::TYPE_INPUT_REQUIRED, self::TYPE_APPROVAL_REQUIRED );
		return in_array( $type, $tool, true ) ? 'tool' : 'assistant';
	}

	/** @param mixed $message One element of a list of messages. */
	private static function one( $message ): array {
		if ( ! is_array( $message ) ) {
			throw self::invalid( 'message must be an array' );
		}
		return self::normalize( $message );
	}

	private static function invalid( string $reason ): \InvalidArgumentException {
		return new \InvalidArgumentException( "invalid_ai_message_envelope: $reason" );
	}
}
