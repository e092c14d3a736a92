"""Who acts at the native command line: the operator, or whom the site leaves him to be."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dev.instance import Instance
from sidecar import runtime as runtimes
from sidecar import settings
from sidecar.commands import operator
from sidecar.identity import Principal
from tests.integration.doors.stock import Stock

REFUSED = (
    "Error: You are not allowed to run this command. Name a user who may manage Data Machine with --user.\n"
)
STRICT = "<?php add_filter( 'datamachine_cli_bypass_permissions', '__return_false' );"


def until(condition: Callable[[], bool]) -> None:
    """A host looks for changed code once a second."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.2)


def agents(site: Instance, *words: str) -> subprocess.CompletedProcess[str]:
    return site.datamachine("agents", "list", *words, check=False)


@pytest.fixture
def strict(site: Instance, stock: Stock) -> Iterator[Path]:
    plugin = site.path / "wp-content" / "mu-plugins" / "strict-native.php"
    assert agents(site).returncode == 0
    plugin.write_text(STRICT)
    until(lambda: agents(site).returncode == 1)
    yield plugin
    plugin.unlink()
    until(lambda: agents(site).returncode == 0)


def test_a_site_may_narrow_the_operator_to_a_user(site: Instance, stock: Stock, strict: Path) -> None:
    assert stock.agent in agents(site, "--user=admin").stdout
    site.wp("user", "create", "narrowed", "narrowed@example.org", "--role=subscriber")
    refused = agents(site)
    assert (refused.returncode, refused.stdout, refused.stderr) == (1, "", REFUSED)
    listed = agents(site, "--user=narrowed", "--scope=mine")
    assert listed.returncode == 0
    assert stock.agent not in listed.stdout
    shown = site.datamachine("agents", "show", stock.agent, "--user=narrowed", check=False)
    assert (shown.returncode, shown.stdout) == (1, "")


def test_where_no_host_runs_the_operator_is_believed(site: Instance, strict: Path, tmp_path: Path) -> None:
    whole = settings.load(str(site.config)).site(None)
    runtime = runtimes.build(whole, "cli")
    try:
        assert operator.principal(runtime, 1) == Principal.user(1)
        # The socket of a sidecar that is down.
        runtime.site = type(whole)(
            wp_path=whole.wp_path,
            run_dir=str(tmp_path),
            secret_file=whole.secret_file,
            database=whole.database,
        )
        assert operator.principal(runtime, 1) == Principal.command_line(1)
    finally:
        runtime.close()
