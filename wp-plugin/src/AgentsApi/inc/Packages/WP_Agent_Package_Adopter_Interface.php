<?php
/**
 * Brings agent packages into a site.
 *
 * @package AgentsAPI
 */

declare(strict_types=1);

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

interface WP_Agent_Package_Adopter_Interface {

	/** What adopting the package would change. */
	public function diff( WP_Agent_Package $package ): WP_Agent_Package_Adoption_Diff;

	public function adopt( WP_Agent_Package $package, array $options = array() ): WP_Agent_Package_Adoption_Result;
}
