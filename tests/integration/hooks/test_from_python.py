"""Hooks that Python fires on its own account, outside any PHP request."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from sidecar import hooks, runtime, settings
from sidecar.hooks import dispatch
from tests.integration.hooks.conftest import Hooked

LISTENER = """<?php
/* Plugin Name: Listener */
add_action( 't_from_python', function ( $a, $b ) {
	update_option( 't_seen', array( $a, $b, wp_doing_cron() ) );
}, 10, 2 );
add_filter( 't_mixed', fn( $v ) => "$v php5", 5 );
add_filter( 't_mixed', fn( $v ) => "$v php15", 15 );
"""


@pytest.fixture
def python(hooked: Hooked) -> Iterator[runtime.Runtime]:
    """A process of the sidecar's own, beside the running ones."""
    before = hooks.bus()
    built = runtime.build(settings.load(hooked.instance.config).site(), "cli")
    try:
        yield built
    finally:
        built.close()
        dispatch.use(None)
        hooks.install(before)


@pytest.fixture
def listener(hooked: Hooked) -> Iterator[None]:
    folder = hooked.instance.path / "wp-content" / "plugins" / "listener"
    folder.mkdir()
    (folder / "listener.php").write_text(LISTENER)
    hooked.instance.wp("plugin", "activate", "listener")
    yield
    hooked.instance.wp("plugin", "deactivate", "listener")
    shutil.rmtree(folder)


@pytest.mark.usefixtures("listener")
def test_a_hook_php_listens_to_runs_in_a_unit(hooked: Hooked, python: runtime.Runtime) -> None:
    hooks.do_action("t_from_python", {"a": 1.0}, None)
    assert hooked.php("$out = get_option( 't_seen' );") == [{"a": 1.0}, None, True]


@pytest.mark.usefixtures("listener")
def test_wordpress_decides_the_order_there(hooked: Hooked, python: runtime.Runtime) -> None:
    # Forwarders stand for what the published manifest names; `t_order` has them at -5, 10 and 20.
    assert hooks.apply_filters("t_order", "v") == "v py-5 py10a py10b py20"
    assert hooks.apply_filters("t_mixed", "v") == "v php5 php15"


def test_python_alone_once_a_host_said_that_nobody_listens(
    python: runtime.Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    real = python.hosts.unit

    def unit(*args: Any, **options: Any) -> Any:
        opened.append(options)
        return real(*args, **options)

    monkeypatch.setattr(python.hosts, "unit", unit)
    monkeypatch.setattr(dispatch, "listeners", dispatch.Listeners())
    assert [hooks.apply_filters("t_order", "v") for _ in range(3)] == ["v py-5 py10a py10b py20"] * 3
    assert opened == [{"context": "cron"}]


def test_an_answer_about_listeners_is_not_trusted_for_ever() -> None:
    now = [100.0]
    known = dispatch.Listeners(lambda: now[0])
    known.learn("cron", "a", "g1", False)
    assert known.known("cron", "a") is False
    now[0] += dispatch.TRUSTED
    assert known.known("cron", "a") is None
    known.learn("cron", "a", "g1", False)
    known.learn("cron", "b", "g2", True)
    assert (known.known("cron", "a"), known.known("cron", "b")) == (None, True)
