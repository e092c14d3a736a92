"""A page's open transaction and a Python write to the same row: the page's word stands."""

from __future__ import annotations

import time

from dev.instance import DATABASE, Instance

PLUGIN = '''
"""Writes the row that the page holds a lock on."""

from sidecar import hooks, runtime


@hooks.filter("lock_probe")
def write(value):
    with runtime.current().db.session() as session:
        session.execute(
            "UPDATE wp_options SET option_value = 'python' WHERE option_name = 'lock_probe'", {}
        )
    return "python wrote"
'''

PAGE = """<?php
add_action( 'init', function () {
	if ( ! isset( $_GET['lock_probe'] ) ) {
		return;
	}
	global $wpdb;
	add_option( 'lock_probe', 'nobody' );
	if ( 'locked' === $_GET['lock_probe'] ) {
		$wpdb->query( 'START TRANSACTION' );
		$wpdb->query( "UPDATE {$wpdb->options} SET option_value = 'page' WHERE option_name = 'lock_probe'" );
	}
	$answer = apply_filters( 'lock_probe', 'unchanged' );
	$wpdb->query( 'COMMIT' );
	exit( esc_html( $answer ) );
} );
"""


def test_a_write_to_a_row_the_page_has_locked_gives_up_within_the_budget(fresh_site: Instance) -> None:
    site = fresh_site
    (site.python_plugins / "lock_probe.py").write_text(PLUGIN)
    (site.path / "wp-content" / "mu-plugins" / "lock-probe.php").write_text(PAGE)
    site.start_web()
    site.start_sidecar("host", name="host")
    site.start_sidecar("bridge", name="bridge")

    def value() -> str:
        sql = "SELECT option_value FROM wp_options WHERE option_name = 'lock_probe'"
        return site.db.sql(sql, database=DATABASE).strip()

    deadline = time.monotonic() + 60
    while site.get("/?lock_probe=free").text != "python wrote":
        assert time.monotonic() < deadline, "the manifest never arrived"
        time.sleep(0.1)
    assert value() == "python"

    locked = site.get("/?lock_probe=locked", timeout=20)

    assert (locked.status, locked.text) == (200, "unchanged")
    assert value() == "page"
    # Python's statement was given up, not left waiting to strike after the page had committed.
    time.sleep(1.0)
    assert value() == "page"
    # A lock wait is not a reason to stay away for long.
    deadline = time.monotonic() + 60
    while site.get("/?lock_probe=free").text != "python wrote":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert value() == "python"
