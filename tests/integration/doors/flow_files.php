<?php
/**
 * What an extension does with the file classes; prints what came of it. Arguments: the context as JSON, a file.
 */

use DataMachine\Core\FilesRepository\FileCleanup;
use DataMachine\Core\FilesRepository\FileRetrieval;
use DataMachine\Core\FilesRepository\FilesystemHelper;
use DataMachine\Core\FilesRepository\FileStorage;
use DataMachine\Core\FilesRepository\RemoteFileDownloader;

[ $json, $source ] = $args;

$context   = json_decode( $json, true );
$storage   = new FileStorage();
$retrieval = new FileRetrieval();
$cleanup   = new FileCleanup();

$path = $storage->store_file( $source, 'From PHP.txt', $context );
$said = array(
	'path'    => $path,
	'php'     => $storage->store_file( $source, 'x.php', $context ),
	'files'   => $storage->get_all_files( $context ),
	'url'     => $storage->get_public_url( $path ),
	'outside' => $storage->get_public_url( '/etc/passwd' ),
);

$said['reference'] = $storage->store_data_packet( array( array( 'type' => 'a', 'data' => array( 'é' => 1 ) ) ), 77123, $context );
$storage->store_data_packet( array( array( 'type' => 'b' ) ), 77123, $context );
$said['packets'] = $storage->retrieve_data_packet( $said['reference'] );
$said['same']    = $retrieval->retrieve_data_by_job_id( 77123, $context ) === $said['packets'];
$said['none']    = $retrieval->retrieve_data_by_job_id( 77124, $context );
$said['foreign'] = $storage->retrieve_data_packet( array( 'is_data_reference' => true, 'file_path' => '/etc/data.json' ) );

$said['cleaned'] = array( $cleanup->cleanup_job_data_packets( 77123, $context ), $cleanup->cleanup_job_data_packets( 77123, $context ) );
$said['gone']    = $retrieval->retrieve_data_by_job_id( 77123, $context );
$said['deleted'] = array();
foreach ( array( 'From-PHP.txt', 'From-PHP.txt', '../index.php' ) as $name ) {
	$said['deleted'][] = $storage->delete_file( $name, $context );
}
$said['old'] = is_int( $cleanup->cleanup_old_files( 3650 ) );

$said['mode'] = FilesystemHelper::make_group_writable( $source );
$said['fs']   = FilesystemHelper::get() instanceof WP_Filesystem_Base;
$said['loop'] = ( new RemoteFileDownloader() )->download_remote_file( 'http://127.0.0.1:1/x.txt', 'x.txt', $context );
echo wp_json_encode( $said );
