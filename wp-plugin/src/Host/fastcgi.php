<?php
/**
 * Entry point of a unit in PHP-FPM, where PHP cannot fork: one unit a request.
 *
 * The sidecar asks PHP-FPM for this file directly and waits on a socket of its own; a visitor who finds its address
 * can name no socket, because a web server hands on a visitor's headers only with `HTTP_` before their names.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

if ( ! isset( $_SERVER['DATAMACHINE_UNIT_SOCKET'], $_SERVER['DATAMACHINE_UNIT_WP_PATH'] ) ) {
	http_response_code( 404 );
	exit;
}

require_once __DIR__ . '/../Autoload.php';
DataMachine\Bridge\Autoload::register( dirname( __DIR__ ) );

DataMachine\Bridge\Host\FastCgi::begin();
require DataMachine\Bridge\Host\FastCgi::wp_load();
DataMachine\Bridge\Host\FastCgi::run();
