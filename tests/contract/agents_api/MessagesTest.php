<?php
/**
 * Messages, conversation results and tool declarations.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Tests\Contract\AgentsApi;

use AgentsAPI\AI\AgentConversationResult;
use AgentsAPI\AI\AgentMessageEnvelope as Envelope;
use AgentsAPI\AI\Tools\RuntimeToolDeclaration as Declaration;

require_once __DIR__ . '/ContractCase.php';

final class MessagesTest extends ContractCase {

	public function test_an_older_tool_result_becomes_canonical(): void {
		self::assertSame(
			'{"schema":"agents-api.message","version":1,"type":"tool_result","role":"tool","content":"x","payload":{"tool_name":"t","success":false,"tool_data":[1],"error":"e"},"metadata":{"type":"tool_result","tool_name":"t","success":false,"error":"e","tool_data":[1],"other":1}}',
			json_encode( Envelope::normalize( json_decode( '{"content":"x","metadata":{"type":"tool_result","tool_name":"t","success":false,"error":"e","tool_data":[1],"other":1}}', true ) ) )
		);
	}

	/** @dataProvider older */
	public function test_the_type_of_an_older_message_is_found( array $message, string $type ): void {
		self::assertSame( $type, Envelope::type( $message + array( 'role' => 'user', 'content' => 'c' ) ) );
	}

	public static function older(): array {
		return array(
			'plain'      => array( array(), 'text' ),
			'named'      => array( array( 'metadata' => array( 'type' => 'delta' ) ), 'delta' ),
			'unknown'    => array( array( 'metadata' => array( 'type' => 'poem' ) ), 'text' ),
			'multimodal' => array( array( 'metadata' => array( 'type' => 'multimodal' ) ), 'multimodal_part' ),
			'parts'      => array( array( 'content' => array( array( 'text' => 'x' ) ) ), 'multimodal_part' ),
			'error'      => array( array( 'metadata' => array( 'error' => 'boom' ) ), 'error' ),
			// Version and type alone do not make an envelope.
			'bare'       => array( array( 'version' => 1, 'type' => 'final_result' ), 'text' ),
		);
	}

	public function test_an_envelope_keeps_id_and_times_and_drops_the_rest(): void {
		$envelope = Envelope::normalize(
			array( 'version' => '1', 'type' => 'input_required', 'data' => array( 'a' => 1 ), 'payload' => array(), 'id' => 'i', 'created_at' => '', 'updated_at' => 'u', 'extra' => 1 )
		);
		self::assertSame( array( 'schema', 'version', 'type', 'role', 'content', 'payload', 'metadata', 'id', 'updated_at' ), array_keys( $envelope ) );
		self::assertSame( 'tool', $envelope['role'] );
		self::assertSame( array( 'a' => 1 ), $envelope['payload'] );
	}

	/** @dataProvider broken_messages */
	public function test_broken_messages_are_refused( array $message, string $reason ): void {
		self::assertSame( "invalid_ai_message_envelope: $reason", $this->refused( static fn () => Envelope::normalize( $message ) ) );
	}

	public static function broken_messages(): array {
		$envelope = array( 'schema' => 's', 'version' => 1, 'type' => 'text' );
		return array(
			array( array( 'version' => 2 ) + $envelope, 'unsupported version' ),
			array( array( 'type' => 'poem' ) + $envelope, 'unsupported type' ),
			array( array( 'role' => ' ' ) + $envelope, 'role must be a non-empty string' ),
			array( array( 'content' => 1 ) + $envelope, 'content must be a string or array' ),
			array( array( 'payload' => array( NAN ) ) + $envelope, 'envelope must be JSON serializable' ),
			array( array( 'role' => 7, 'content' => 'x' ), 'role must be a non-empty string' ),
		);
	}

	public function test_builders(): void {
		self::assertSame( 'error', Envelope::text( 'assistant', 'x', array( 'error' => 'e' ) )['type'] );
		$call = Envelope::toolCall( 'c', 't', array( 'p' => 1 ), 3 );
		self::assertSame( array( 'assistant', array( 'tool_name' => 't', 'parameters' => array( 'p' => 1 ), 'turn' => 3 ) ), array( $call['role'], $call['payload'] ) );
		$result = Envelope::toolResult( 'c', 't', array( 'tool_name' => 'other', 'success' => true ) );
		self::assertSame( array( 'user', array( 'success' => true, 'tool_name' => 't' ) ), array( $result['role'], $result['payload'] ) );
		self::assertSame( 'invalid_ai_message_envelope: message must be an array', $this->refused( static fn () => Envelope::normalize_many( array( 'x' ) ) ) );
	}

	public function test_older_messages_come_back_from_the_provider_form_as_they_were(): void {
		$messages = array(
			array( 'role' => 'user', 'content' => 'hi' ),
			array( 'role' => 'assistant', 'content' => 'c', 'metadata' => array( 'type' => 'tool_call', 'tool_name' => 't', 'parameters' => array(), 'turn' => 1 ) ),
			array( 'role' => 'user', 'content' => 'r', 'metadata' => array( 'type' => 'tool_result', 'tool_name' => 't', 'success' => true, 'turn' => 1 ) ),
		);
		self::assertSame( $messages, Envelope::to_provider_messages( $messages ) );
		self::assertSame(
			array( 'type' => 'tool_call', 'tool_name' => 't', 'parameters' => array( 1 ), 'turn' => 2 ),
			Envelope::to_provider_message( Envelope::toolCall( '', 't', array( 1 ), 2 ) )['metadata']
		);
		self::assertSame( array( 'k' => 1, 'type' => 'text' ), Envelope::to_provider_message( array( 'role' => 'user', 'content' => '', 'metadata' => array( 'k' => 1 ) ) )['metadata'] );
	}

	public function test_a_result_is_normalised_in_place(): void {
		$result = AgentConversationResult::normalize( array( 'messages' => array( array( 'role' => 'user', 'content' => 'hi' ) ), 'status' => 5 ) );
		self::assertSame( array( 'messages', 'status', 'tool_execution_results' ), array_keys( $result ) );
		self::assertSame( 'agents-api.message', $result['messages'][0]['schema'] );
		self::assertSame( array(), $result['tool_execution_results'] );
	}

	/** @dataProvider broken_results */
	public function test_broken_results_name_the_path( array $result, string $path ): void {
		$message = $this->refused( static fn () => AgentConversationResult::normalize( $result ) );
		self::assertStringStartsWith( "invalid_agent_conversation_result: $path ", $message );
	}

	public static function broken_results(): array {
		$tool = array( 'tool_name' => 't', 'result' => array(), 'parameters' => array(), 'turn_count' => 1 );
		$with = static fn ( array $entry ): array => array( 'messages' => array(), 'tool_execution_results' => array( $entry ) );
		return array(
			array( array(), 'messages' ),
			array( array( 'messages' => array( 'x' ) ), 'messages[0]' ),
			array( array( 'messages' => array( array( 'content' => 'ok' ), array( 'content' => 1 ) ) ), 'messages[1]' ),
			array( array( 'messages' => array(), 'tool_execution_results' => 'x' ), 'tool_execution_results' ),
			array( $with( array( 'tool_name' => '' ) + $tool ), 'tool_execution_results[0].tool_name' ),
			array( $with( array( 'result' => 'x' ) + $tool ), 'tool_execution_results[0].result' ),
			array( $with( array( 'parameters' => null ) + $tool ), 'tool_execution_results[0].parameters' ),
			array( $with( array( 'turn_count' => '1' ) + $tool ), 'tool_execution_results[0].turn_count' ),
			array( $with( array( 'is_handler_tool' => 1 ) + $tool ), 'tool_execution_results[0].is_handler_tool' ),
		);
	}

	public function test_a_contract_drift_of_a_runner_has_this_text(): void {
		self::assertSame(
			'invalid_agent_conversation_result: messages must be an array',
			$this->refused( static fn () => AgentConversationResult::normalize( array( 'messages' => 'x' ) ) )
		);
	}

	public function test_tool_declarations(): void {
		$declaration = array( 'name' => 'client/open-file', 'description' => ' Opens. ', 'executor' => 'client', 'scope' => 'run', 'extra' => 1 );
		self::assertSame( array(), Declaration::validate( $declaration ) );
		self::assertSame(
			array( 'name' => 'client/open-file', 'source' => 'client', 'description' => 'Opens.', 'parameters' => array(), 'executor' => 'client', 'scope' => 'run' ),
			Declaration::normalize( $declaration )
		);
		self::assertSame( array( 'name', 'source', 'description', 'executor', 'scope' ), Declaration::validate( array() ) );
		self::assertSame( array( 'source' ), Declaration::validate( array( 'source' => 'server' ) + $declaration ) );
		self::assertSame( array( 'source' ), Declaration::validate( array( 'name' => 'server/x' ) + $declaration ) );
		self::assertSame( array( 'parameters' ), Declaration::validate( array( 'parameters' => 'x' ) + $declaration ) );
		self::assertSame(
			'invalid_runtime_tool_declaration: name, source, description, executor, scope',
			$this->refused( static fn () => Declaration::normalize( array() ) )
		);
		self::assertSame( 'client/x', Declaration::namespacedName( 'client', 'x' ) );
		self::assertSame( array( 'a', '' ), array( Declaration::sourceFromName( 'a/b/c' ), Declaration::sourceFromName( 'abc' ) ) );
	}
}
