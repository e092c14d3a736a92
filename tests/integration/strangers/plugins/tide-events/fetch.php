<?php
namespace TideEvents;

use DataMachine\Core\ExecutionContext;
use DataMachine\Core\Steps\Fetch\Handlers\FetchHandler;
use DataMachine\Core\Steps\HandlerRegistrationTrait;

class Fetch extends FetchHandler {
	use HandlerRegistrationTrait;

	public function __construct() {
		parent::__construct( 'tide_events' );
		self::registerHandler( 'tide_events', 'fetch', self::class, 'Tide Events', 'Events of a city', true, Auth::class, FetchSettings::class, null, 'tide', array( 'color' => 'blue' ) );
	}

	protected function executeFetch( array $config, ExecutionContext $context ): array {
		$auth  = $this->getAuthProvider( 'tide' );
		$token = $auth ? $auth->get_valid_access_token() : null;
		if ( ! $token ) {
			$context->log( 'error', 'Tide: not connected' );
			return array();
		}
		$result = $this->httpGet( 'https://tide.example/events?city=' . rawurlencode( $config['city'] ), array( 'headers' => array( 'Authorization' => "Bearer $token" ) ) );
		if ( ! $result['success'] ) {
			$context->log( 'error', 'Tide: request failed', array( 'error' => $result['error'] ) );
			return array();
		}
		$items = array();
		foreach ( json_decode( $result['data'], true )['events'] as $event ) {
			if ( $context->isItemProcessed( $event['id'] ) || ! $this->applyKeywordSearch( $event['name'], $config['search'] ?? '' ) ) {
				continue;
			}
			$items[] = array(
				'title'    => $event['name'],
				'content'  => wp_json_encode( array( 'event' => $event, 'venue' => $event['venue'] ) ),
				'metadata' => array(
					'source_type'       => 'tide_events',
					'item_identifier'   => $event['id'],
					'original_id'       => $event['id'],
					'original_title'    => $event['name'],
					'original_date_gmt' => $event['date'],
					'_engine_data'      => array( 'source_url' => $event['url'], 'venue_data' => $event['venue'], 'event_date' => $event['date'] ),
				),
			);
		}
		$context->log( 'info', 'Tide: found events', array( 'count' => count( $items ) ) );
		$context->storeEngineData( array( 'tide' => array( 'city' => $config['city'], 'mode' => $context->getMode() ) ) );
		return array( 'items' => $items );
	}
}
