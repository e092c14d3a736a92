<?php
/**
 * What every PHP test starts from: the plugin's own autoloader.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

error_reporting( E_ALL );
defined( 'ABSPATH' ) || define( 'ABSPATH', __DIR__ . '/' );

require_once dirname( __DIR__, 2 ) . '/wp-plugin/src/Autoload.php';
DataMachine\Bridge\Autoload::register( dirname( __DIR__, 2 ) . '/wp-plugin/src' );
