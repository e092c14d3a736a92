<?php
/**
 * Must-use plugin: the services that the plugins ask, and a model that calls every tool it is offered.
 */

declare(strict_types=1);

use DataMachine\Engine\AI\Tools\ToolExecutor;

add_filter(
	'pre_http_request',
	static function ( $early, $arguments, $url ) {
		$answer = static fn ( int $status, string $body ): array => array(
			'headers'  => array(),
			'cookies'  => array(),
			'filename' => null,
			'response' => array( 'code' => $status, 'message' => '' ), // phpcs:ignore
			'body'     => $body,
		);
		$given  = is_array( $arguments['body'] ?? null ) ? $arguments['body'] : array();
		$header = (string) ( $arguments['headers']['Authorization'] ?? '' );
		switch ( strtok( $url, '?' ) ) {
			case 'https://tide.example/oauth/token':
				if ( 'refresh_token' === $given['grant_type'] ) {
					return $answer( 'r-1' === $given['refresh_token'] ? 200 : 400, '{"access_token":"renewed","expires_in":7200}' );
				}
				$good = 'good' === $given['code'] && strlen( $given['code_verifier'] ) > 42 && 'Basic ' . base64_encode( 'id:se+cret/%20' ) === $header && ! isset( $given['headers'] );
				return $good ? $answer( 200, '{"access_token":"first","refresh_token":"r-1","expires_in":3600,"user":"ada"}' ) : $answer( 400, '{"error_description":"That code is no good."}' );
			case 'https://tide.example/events':
				if ( ! in_array( $header, array( 'Bearer first', 'Bearer renewed' ), true ) ) {
					return $answer( 401, '{"error":"Who?"}' );
				}
				$event = static fn ( string $id, string $name, string $date ): array => array( 'id' => $id, 'name' => $name, 'date' => $date, 'url' => "https://tide.example/e/$id", 'venue' => array( 'name' => 'The Blue Note', 'address' => 'Quay 5' ) ); // phpcs:ignore
				return $answer( 200, (string) wp_json_encode( array( 'events' => array( $event( 'e1', 'Höhner — Tour with Guests', '2027-01-05' ), $event( 'e2', 'HÖHNER', '2027-01-05' ), $event( 'e3', 'Other Band', '2027-01-06' ) ) ) ) );
			case 'https://chirp.example/oauth/request_token':
			case 'https://chirp.example/oauth/access_token':
				$signed = 1 === preg_match( '/oauth_consumer_key="key".*oauth_signature="[^"]{20,}"/', $header );
				$second = str_contains( $url, 'access' );
				if ( ! $signed || $second !== str_contains( $header, 'oauth_verifier="v-1"' ) ) {
					return $answer( 401, 'unsigned' );
				}
				return $answer( 200, $second ? 'oauth_token=chirp-token&oauth_token_secret=chirp-secret&screen_name=ada' : 'oauth_token=req-1&oauth_token_secret=req-secret&oauth_callback_confirmed=true' );
			case 'https://chirp.example/posts':
				return $answer( 'OAuth chirp-token' === $header ? 201 : 401, (string) $arguments['body'] );
		}
		return $early;
	},
	10,
	3
);

add_filter(
	'agents_api_conversation_runner',
	static function ( $result, $messages, $tools, $provider, $model, $mode, $payload ) {
		if ( 'strangers' !== $provider ) {
			return $result;
		}
		$title   = json_decode( $messages[0]['content'] ?? '{}', true )['data_packets'][0]['data']['title'] ?? 'No title';
		$results = array();
		foreach ( $tools as $name => $tool ) {
			if ( 'skip_item' === $name || ! array_key_exists( 'handler', $tool ) && 'readability_of' !== $name ) {
				continue;
			}
			$given     = array_intersect_key( array( 'title' => $title, 'description' => 'About it.', 'content' => "News: $title", 'tide_genre' => array( 'Folk' ), 'tide_venue' => 'ignored', 'text' => 'four' ), $tool['parameters'] ); // phpcs:ignore
			$results[] = array(
				'tool_name'       => $name,
				'result'          => ToolExecutor::executeTool( $name, $given, $tools, $payload, $mode ),
				'parameters'      => $given,
				'is_handler_tool' => isset( $tool['handler'] ),
				'turn_count'      => 1,
			);
		}
		return array(
			'messages'               => $messages,
			'tool_execution_results' => $results,
		);
	},
	5,
	9
);
