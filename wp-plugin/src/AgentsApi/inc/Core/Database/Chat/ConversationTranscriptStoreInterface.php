<?php
/**
 * Where chat transcripts are kept.
 *
 * @package AgentsAPI
 */

declare(strict_types=1);

namespace AgentsAPI\Core\Database\Chat;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

interface ConversationTranscriptStoreInterface {

	/** @return string A version 4 UUID, or '' when the session could not be created. */
	public function create_session( int $user_id, int $agent_id = 0, array $metadata = array(), string $context = 'chat' ): string;

	/**
	 * @return array|null Keys session_id, user_id, agent_id, title, messages, metadata, provider, model, context, mode,
	 *                    created_at, updated_at, last_read_at, expires_at.
	 */
	public function get_session( string $session_id ): ?array;

	/** Replaces messages and metadata as a whole. */
	public function update_session( string $session_id, array $messages, array $metadata = array(), string $provider = '', string $model = '' ): bool;

	/** True also when there is no such session. */
	public function delete_session( string $session_id ): bool;

	/** The newest session of the user, at most `$seconds` old, that is empty or still being processed. */
	public function get_recent_pending_session( int $user_id, int $seconds = 600, string $context = 'chat', ?int $token_id = null ): ?array;

	public function update_title( string $session_id, string $title ): bool;
}
