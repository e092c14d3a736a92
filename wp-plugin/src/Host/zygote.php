<?php
/**
 * Entry point of the zygote: plain PHP that loads WordPress once and forks a clean child for each unit of work.
 *
 * Started by `datamachine host` with one end of a socket pair as its standard input. WordPress must load in the
 * global scope, so this file holds no function and as few variables as it can.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

if ( 'cli' !== PHP_SAPI ) {
	http_response_code( 404 );
	exit;
}

require_once __DIR__ . '/../Autoload.php';
DataMachine\Bridge\Autoload::register( dirname( __DIR__ ) );

DataMachine\Bridge\Host\Zygote::begin();
require DataMachine\Bridge\Host\Zygote::wp_load();
DataMachine\Bridge\Host\Zygote::run();
