<?php
/**
 * A noun that only holds verbs (`wp datamachine agents`): prints its subcommands when called alone.
 *
 * @package DataMachine\Bridge
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Cli;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class CommandGroup extends \WP_CLI\Dispatcher\CommandNamespace {
}
