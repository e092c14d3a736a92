"""Transients that are written without a process, where WordPress could not tell the difference."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import pytest

from sidecar.db import Database, wpconfig
from sidecar.hooks import dispatch
from sidecar.host import HostPool, LazyUnit, context
from sidecar.wordpress.transients import Transients
from tests.integration.host.conftest import HostLab, php

PREFIX = "datamachine_trial_"
VALUE = {"count": 3, "none": None, "row": {"status": "failed - é", "label": 'it\'s \\ "quoted"'}, "list": [1]}


@pytest.fixture
def transients(lab: HostLab, monkeypatch: pytest.MonkeyPatch) -> Iterator[Transients]:
    """With nothing known of who listens."""
    monkeypatch.setattr(dispatch, "listeners", dispatch.Listeners())
    database = Database(wpconfig.read(lab.instance.path).database)
    yield Transients(database, PREFIX)
    database.close()


def written(pool: HostPool, transients: Transients, name: str, value: object) -> bool:
    """Set a transient as a step does; whether that took a process."""
    unit = LazyUnit(functools.partial(pool.unit, "cron"), "cron")
    try:
        with context.bind(unit):
            transients.set(name, value, 600)
        return unit.opened
    finally:
        unit.close()


def rows(pool: HostPool, name: str) -> object:
    """What WordPress reads, and how it would load the two options."""
    with pool.unit() as unit:
        return php(
            unit,
            f"""
            global $wpdb;
            return array(
                get_transient( '{PREFIX}{name}' ),
                $wpdb->get_col(
                    "SELECT autoload FROM {{$wpdb->options}} WHERE option_name LIKE '%{PREFIX}{name}'"
                ),
                abs( (int) get_option( '_transient_timeout_{PREFIX}{name}' ) - time() - 600 ) < 60,
            );
            """,
        )


def test_rows_are_those_that_wordpress_writes(pool: HostPool, transients: Transients) -> None:
    assert written(pool, transients, "asked", VALUE) is True
    for name in ("plain", "asked"):
        # New, and over one that is there.
        assert written(pool, transients, name, VALUE) is False
        assert written(pool, transients, name, "text") is False
        assert written(pool, transients, name, VALUE) is False
        assert rows(pool, name) == [VALUE, ["off", "off"], True]
    with pool.unit() as unit:
        assert unit.delete_transient(f"{PREFIX}plain") is True
        # As one for ever: without the row that says until when, and loaded with every page.
        assert php(unit, f"return set_transient( '{PREFIX}asked', 'for ever' );") is True
        assert php(unit, f"return delete_option( '_transient_timeout_{PREFIX}asked' );") is True
    for name in ("plain", "asked"):
        assert written(pool, transients, name, [1]) is False
        assert rows(pool, name) == [[1], ["off", "off"], True]


@pytest.mark.parametrize(
    "watches",
    [
        "add_action( 'setted_transient', '__return_null' );",
        "add_filter( 'pre_update_option', '__return_true' );",
        f"add_action( 'update_option__transient_{PREFIX}7', '__return_null' );",
        "wp_using_ext_object_cache( true );",
    ],
)
def test_whoever_watches_is_not_passed_by(
    lab: HostLab, pool: HostPool, transients: Transients, watches: str
) -> None:
    with pool.unit() as unit:
        assert unit.call("transient.watched", {"prefix": PREFIX}) is False
        php(unit, f"{watches} return null;")
        assert unit.call("transient.watched", {"prefix": PREFIX}) is True
        dispatch.listeners.learn("cron", f"transient:{PREFIX}", unit.generation, True)
    assert written(pool, transients, "watched", VALUE) is True


def test_without_a_wordpress_nothing_is_written(lab: HostLab, transients: Transients) -> None:
    transients.set("nowhere", 1, 60)
    assert lab.mysql(f"SELECT COUNT(*) FROM wp_options WHERE option_name LIKE '%{PREFIX}nowhere'") == "0"
