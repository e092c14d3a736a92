<?php
/**
 * A persistent object cache as the widespread ones are: a connection made with the object, an init that keeps an object
 * that is there, and a close that does nothing. Its server is a folder.
 *
 * @package DataMachine\Bridge\Tests
 */

class WP_Object_Cache {

	/** Names, as some keep them. */
	public $global_groups = array( 'users', 'user_meta', 'site-options' );

	/** Groups by name, as others do. */
	private $no_mc_groups = array( 'counts' => true );

	private $runtime = array();

	private $blog = '';

	private $connection;

	private $folder = WP_CONTENT_DIR . '/trial-cache';

	public function __construct() {
		$this->connection = getmypid();
		is_dir( $this->folder ) || mkdir( $this->folder );
		$this->switch_to_blog( $GLOBALS['blog_id'] ?? 1 );
	}

	/** Whose connection it is: two processes on one would read each other's answers. */
	public function connection() {
		return $this->connection;
	}

	public function is_local( $group ) {
		return isset( $this->no_mc_groups[ $group ] );
	}

	public function switch_to_blog( $blog ) {
		$this->blog = function_exists( 'is_multisite' ) && is_multisite() ? $blog . ':' : '';
	}

	public function add_global_groups( $groups ) {
		$this->global_groups = array_values( array_unique( array_merge( $this->global_groups, (array) $groups ) ) );
	}

	public function add_non_persistent_groups( $groups ) {
		$this->no_mc_groups += array_fill_keys( (array) $groups, true );
	}

	public function get( $key, $group, $force, &$found ) {
		$name = $this->name( $key, $group );
		if ( ! array_key_exists( $name, $this->runtime ) || ( $force && ! $this->is_local( $group ) ) ) {
			$text = $this->is_local( $group ) ? false : @file_get_contents( $this->path( $name ) );
			if ( false === $text ) {
				unset( $this->runtime[ $name ] );
				$found = false;
				return false;
			}
			$this->runtime[ $name ] = unserialize( $text );
		}
		$found = true;
		$value = $this->runtime[ $name ];
		return is_object( $value ) ? clone $value : $value;
	}

	public function set( $key, $value, $group ) {
		$name                   = $this->name( $key, $group );
		$this->runtime[ $name ] = is_object( $value ) ? clone $value : $value;
		if ( ! $this->is_local( $group ) ) {
			$temporary = $this->path( $name ) . '.' . getmypid();
			file_put_contents( $temporary, serialize( $value ) );
			rename( $temporary, $this->path( $name ) );
		}
		return true;
	}

	public function delete( $key, $group ) {
		$name = $this->name( $key, $group );
		unset( $this->runtime[ $name ] );
		return $this->is_local( $group ) || @unlink( $this->path( $name ) );
	}

	public function flush() {
		$this->runtime = array();
		array_map( 'unlink', glob( $this->folder . '/*' ) );
		return true;
	}

	private function name( $key, $group ) {
		return ( in_array( $group, $this->global_groups, true ) ? '' : $this->blog ) . $group . ':' . $key;
	}

	private function path( $name ) {
		return $this->folder . '/' . md5( $name );
	}
}

function wp_cache_init() {
	if ( ! ( ( $GLOBALS['wp_object_cache'] ?? null ) instanceof WP_Object_Cache ) ) {
		$GLOBALS['wp_object_cache'] = new WP_Object_Cache();
	}
}

function wp_cache_close() {
	return true;
}

function wp_cache_get( $key, $group = '', $force = false, &$found = null ) {
	return $GLOBALS['wp_object_cache']->get( $key, $group, $force, $found );
}

function wp_cache_set( $key, $value, $group = '', $expire = 0 ) {
	return $GLOBALS['wp_object_cache']->set( $key, $value, $group );
}

function wp_cache_add( $key, $value, $group = '', $expire = 0 ) {
	$GLOBALS['wp_object_cache']->get( $key, $group, false, $found );
	return ! wp_suspend_cache_addition() && ! $found && wp_cache_set( $key, $value, $group );
}

function wp_cache_replace( $key, $value, $group = '', $expire = 0 ) {
	$GLOBALS['wp_object_cache']->get( $key, $group, false, $found );
	return $found && wp_cache_set( $key, $value, $group );
}

function wp_cache_delete( $key, $group = '' ) {
	return $GLOBALS['wp_object_cache']->delete( $key, $group );
}

function wp_cache_incr( $key, $offset = 1, $group = '' ) {
	$value = (int) wp_cache_get( $key, $group ) + $offset;
	return wp_cache_set( $key, $value, $group ) ? $value : false;
}

function wp_cache_decr( $key, $offset = 1, $group = '' ) {
	return wp_cache_incr( $key, -$offset, $group );
}

function wp_cache_flush() {
	return $GLOBALS['wp_object_cache']->flush();
}

function wp_cache_switch_to_blog( $blog ) {
	$GLOBALS['wp_object_cache']->switch_to_blog( $blog );
}

function wp_cache_add_global_groups( $groups ) {
	$GLOBALS['wp_object_cache']->add_global_groups( $groups );
}

function wp_cache_add_non_persistent_groups( $groups ) {
	$GLOBALS['wp_object_cache']->add_non_persistent_groups( $groups );
}
