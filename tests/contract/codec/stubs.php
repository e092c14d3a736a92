<?php
/**
 * The classes of WordPress that have a form of their own on the wire, as far as the codec looks at them.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

if ( ! class_exists( 'WP_Error' ) ) {
	class WP_Error {
		public $errors             = array();
		public $error_data         = array();
		protected $additional_data = array();

		public function __construct( $code = '', $message = '', $data = '' ) {
			if ( ! empty( $code ) ) {
				$this->add( $code, $message, $data );
			}
		}

		public function add( $code, $message, $data = '' ): void {
			$this->errors[ $code ][] = $message;
			if ( ! empty( $data ) ) {
				$this->add_data( $data, $code );
			}
		}

		public function add_data( $data, $code = '' ): void {
			if ( isset( $this->error_data[ $code ] ) ) {
				$this->additional_data[ $code ][] = $this->error_data[ $code ];
			}
			$this->error_data[ $code ] = $data;
		}

		public function get_all_error_data( $code = '' ): array {
			$data = $this->additional_data[ $code ] ?? array();
			if ( isset( $this->error_data[ $code ] ) ) {
				$data[] = $this->error_data[ $code ];
			}
			return $data;
		}
	}
}

if ( ! class_exists( 'WP_Post' ) ) {
	class WP_Post {
		public $ID;
		public $post_title = '';

		public function __construct( $post ) {
			foreach ( get_object_vars( $post ) as $key => $value ) {
				$this->$key = $value;
			}
		}
	}
}

enum Codec_Suit: string {
	case Hearts = 'h';
	case Spades = 's';
}

final class Codec_Opaque {
	public int $id        = 7;
	public string $login  = 'eve';
	public array $roles   = array( 'editor' );
	private string $inner = 'unseen';

	public function greet( string $name ): string {
		return 'Hello ' . $name . $this->inner[0];
	}
}
