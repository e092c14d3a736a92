<?php
/**
 * The development server's rules, as a web server of the field has them: what is private is denied, what is no file is
 * WordPress's.
 */

declare(strict_types=1);

// Memory, jobs' packets, and files that coding agents look for in WordPress's folder.
const DATAMACHINE_PRIVATE = '#/datamachine-files/(?:(?:sites/\d+/)?(?:agents?|users|shared|network|data-packets)|pipeline-[^/]+/(?:context|flow-[^/]+/jobs))(?:/|$)|^/AGENTS\.md$#i';
const DATAMACHINE_HIDDEN  = '#/\.(?!well-known(?:/|$))#';

$datamachine_path = '/' . ltrim( (string) preg_replace( '#/+#', '/', rawurldecode( (string) strtok( $_SERVER['REQUEST_URI'], '?' ) ) ), '/' );
$datamachine_found = file_exists( $_SERVER['DOCUMENT_ROOT'] . $datamachine_path );
// A hidden name that is no file is WordPress's to refuse.
if ( 1 === preg_match( DATAMACHINE_PRIVATE, $datamachine_path ) || ( $datamachine_found && 1 === preg_match( DATAMACHINE_HIDDEN, $datamachine_path ) ) ) {
	http_response_code( 403 );
	header( 'Content-Type: text/plain' );
	echo "Forbidden\n";
	return true;
}
if ( $datamachine_found ) {
	return false;
}
// A name with a dot is a file to PHP's server, and to WordPress perhaps the name of a resource.
$_SERVER['SCRIPT_NAME']     = '/index.php';
$_SERVER['PHP_SELF']        = '/index.php';
$_SERVER['SCRIPT_FILENAME'] = $_SERVER['DOCUMENT_ROOT'] . '/index.php';
unset( $_SERVER['PATH_INFO'], $datamachine_path, $datamachine_found );
require $_SERVER['SCRIPT_FILENAME'];
