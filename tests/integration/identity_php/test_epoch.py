"""Whatever changes rights begins a new epoch, which others see before the change's request goes on."""

from __future__ import annotations

import pytest

from tests.integration.identity_php.conftest import Lab

#: A connection of its own: what it reads is committed.
WATCH = """
    $other = new wpdb( DB_USER, DB_PASSWORD, DB_NAME, DB_HOST );
    $epoch = fn() => $other->get_var(
        "SELECT option_value FROM wp_options WHERE option_name = 'datamachine_bridge_access_epoch'" );
"""
USER = """require_once ABSPATH . 'wp-admin/includes/user.php';
    $id = wp_insert_user( array( 'user_login' => uniqid(), 'user_pass' => 'x', 'role' => 'author' ) );
    $user = new WP_User( $id );"""


@pytest.mark.parametrize(
    "change",
    [
        "wp_insert_user( array( 'user_login' => uniqid(), 'user_pass' => 'x', 'role' => 'author' ) );",
        "$user->set_role( 'editor' );",
        "$user->add_role( 'editor' );",
        "$user->remove_role( 'author' );",
        "$user->add_cap( 'datamachine_manage_flows' );",
        "$user->remove_all_caps();",
        "delete_user_meta( $id, 'wp_capabilities' );",
        "wp_delete_user( $id );",
        "get_role( 'author' )->add_cap( uniqid() );",
        "add_role( uniqid(), 'Made' );",
        "delete_option( 'wp_user_roles' );",
        "update_option( 'active_plugins', array( uniqid(), ...get_option( 'active_plugins' ) ) );",
        "update_option( 'stylesheet', uniqid() );",
    ],
)
def test_a_change_of_rights(lab: Lab, change: str) -> None:
    # These changes belong to a transaction that is taken back; the reader reads what is not committed.
    got = lab.evaluate(
        f"""{USER} {WATCH}
        $other->query( 'SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED' );
        $GLOBALS['wpdb']->query( 'START TRANSACTION' );
        $before = $epoch();
        {change}
        $after = $epoch();
        $GLOBALS['wpdb']->query( 'ROLLBACK' );
        wp_cache_flush();
        wp_delete_user( $id );
        $answer = array( strlen( (string) $after ), $before !== $after )"""
    )
    assert got == [32, True]


def test_every_change_begins_one(lab: Lab) -> None:
    got = lab.evaluate(
        f"""{USER} {WATCH}
        $seen = array( $epoch() );
        foreach ( array( 'editor', 'author', 'editor' ) as $role ) {{
            $user->set_role( $role );
            $seen[] = $epoch();
        }}
        wp_delete_user( $id );
        $answer = count( array_unique( $seen ) )"""
    )
    assert got == 4


@pytest.mark.parametrize(
    "change",
    [
        "update_user_meta( 1, 'nickname', uniqid() );",
        "wp_update_user( array( 'ID' => 1, 'display_name' => uniqid() ) );",
        "update_option( 'blogdescription', uniqid() );",
        "wp_insert_post( array( 'post_title' => 'x' ) );",
    ],
)
def test_what_is_no_change_of_rights(lab: Lab, change: str) -> None:
    got = lab.evaluate(f"{WATCH} $before = $epoch(); {change} $answer = $before === $epoch()")
    assert got is True


def test_the_row_is_not_loaded_with_every_page(lab: Lab) -> None:
    lab.instance.wp("user", "set-role", "nobody", "subscriber")
    assert lab.sql(
        "SELECT autoload FROM wp_options WHERE option_name = 'datamachine_bridge_access_epoch'"
    ) == [["off"]]
