"""A persistent object cache: a unit has a connection of its own, and the groups that plugins declared."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sidecar.host import HostPool, UnitHost
from tests.integration.host.conftest import HostLab, php

DROP_IN = Path(__file__).parent / "object_cache.php"
GROUPS = """<?php
wp_cache_add_global_groups( 'trial_global' );
wp_cache_add_non_persistent_groups( array( 'trial_local' ) );
"""


@pytest.fixture
def cached(lab: HostLab) -> Iterator[HostPool]:
    """A pool on the site with the drop-in, and a plugin that declares groups as it loads."""
    content = lab.instance.path / "wp-content"
    drop_in, groups = content / "object-cache.php", lab.mu_plugins / "groups.php"
    shutil.copy(DROP_IN, drop_in)
    groups.write_text(GROUPS)
    try:
        with lab.pool() as pool:
            yield pool
    finally:
        drop_in.unlink()
        groups.unlink()
        shutil.rmtree(content / "trial-cache", ignore_errors=True)


def connection(unit: UnitHost) -> tuple[int, int]:
    """Which process made the unit's connection, and which one it is."""
    made, own = php(unit, "return array( $GLOBALS['wp_object_cache']->connection(), getmypid() );")
    return int(made), int(own)


def test_no_two_units_share_a_connection(cached: HostPool) -> None:
    with cached.unit() as one, cached.unit() as other:
        for unit in (one, other):
            made, own = connection(unit)
            assert made == own
        assert connection(one) != connection(other)


def test_a_unit_knows_the_groups_that_plugins_declared(cached: HostPool) -> None:
    with cached.unit() as unit:
        declared = php(
            unit,
            """
            $cache = $GLOBALS['wp_object_cache'];
            return array(
                in_array( 'trial_global', $cache->global_groups, true ),
                $cache->is_local( 'trial_local' ),
                $cache->is_local( 'trial_global' ),
                $cache->is_local( 'theme_json' ),
            );
            """,
        )
    assert declared == [True, True, False, True]


def test_what_one_process_writes_the_next_one_reads(lab: HostLab, cached: HostPool) -> None:
    wp = lab.instance.wp
    with cached.unit() as unit:
        assert unit.get_option("datamachine_trial_cached") is None
        assert unit.update_option("datamachine_trial_cached", "unit") is True
    try:
        assert wp("option", "get", "datamachine_trial_cached").stdout.strip() == "unit"
        wp("option", "update", "datamachine_trial_cached", "page")
        with cached.unit() as unit:
            assert unit.get_option("datamachine_trial_cached") == "page"
    finally:
        wp("option", "delete", "datamachine_trial_cached")


def test_rights_are_asked_anew_of_a_cache_that_cannot_forget(lab: HostLab, cached: HostPool) -> None:
    wp = lab.instance.wp
    user = int(wp("user", "create", f"cached{os.getpid()}", "c@example.org", "--porcelain").stdout)
    ask = {"user_id": user, "fresh": True}
    try:
        with cached.unit() as unit:
            assert "manage_flows" not in unit.call("identity.answers", ask)["actions"]
            wp("cap", "add", "subscriber", "datamachine_manage_flows")
            assert "manage_flows" in unit.call("identity.answers", ask)["actions"]
    finally:
        wp("cap", "remove", "subscriber", "datamachine_manage_flows")
        wp("user", "delete", str(user), "--yes")
