"""Plugins: found, loaded one by one, and what one breaks stays with it."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sidecar import hooks
from sidecar.bridge import named
from sidecar.hooks import Bus, SubscriptionsFrozen, plugins
from sidecar.hooks.errors import HookError
from sidecar.settings import DatabaseSettings, Site


@pytest.fixture
def bus() -> Iterator[Bus]:
    before = hooks.bus()
    fresh = Bus()
    hooks.install(fresh)
    yield fresh
    hooks.install(before)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "plugins"
    made.mkdir(mode=0o700)
    return made


def site(tmp_path: Path, folder: Path) -> Site:
    web = tmp_path / "web"
    web.mkdir(exist_ok=True)
    return Site(
        wp_path=str(web),
        run_dir=str(tmp_path / "run"),
        secret_file=str(tmp_path / "secret"),
        database=DatabaseSettings(user="u", name="d"),
        plugins_dir=str(folder),
    )


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o600)
    return path


GOOD = """
from sidecar import hooks

@hooks.filter("the_title")
def shout(title):
    return title.upper()

def register(plugin):
    plugin.add_action("save_post", lambda post: None, durable=True)
    plugin.register_agent("helper", label="Helper of " + plugin.name)
"""


def test_a_module_in_the_folder_subscribes_and_registers(tmp_path: Path, folder: Path, bus: Bus) -> None:
    write(folder / "shop.py", GOOD)
    loaded = plugins.load(bus, site(tmp_path, folder))
    [info] = loaded.found
    assert (info.name, info.source, info.status, info.hooks, info.registrations) == (
        "shop",
        "folder",
        "loaded",
        2,
        1,
    )
    assert {subscription.callback.owner for subscription in bus.subscriptions()} == {"shop"}
    assert bus.registrations.agents == {"helper": {"label": "Helper of shop"}}
    assert bus.apply_filters("the_title", "a") == "A"


def test_a_package_loads_with_its_own_modules(tmp_path: Path, folder: Path, bus: Bus) -> None:
    package = folder / "bakery"
    package.mkdir(mode=0o700)
    write(package / "oven.py", "WORD = 'bread'\n")
    write(
        package / "__init__.py",
        "from sidecar import hooks\nfrom . import oven\n"
        "hooks.add_filter('the_title', lambda title: oven.WORD)\n",
    )
    assert plugins.load(bus, site(tmp_path, folder)).names() == ["bakery"]
    assert bus.apply_filters("the_title", "a") == "bread"


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ("def broken(:", "SyntaxError"),
        (GOOD + "\n    raise RuntimeError('no licence')\n", "no licence"),
        ("import sys\nsys.exit(3)\n", "SystemExit"),
        ("from sidecar import hooks\nhooks.add_filter('datamachine_tool_sources', print)\n", "never fires"),
        (GOOD.replace("helper", "Not A Slug"), "slug"),
    ],
    ids=["syntax", "raises", "exits", "removed hook", "bad slug"],
)
def test_a_broken_plugin_leaves_nothing_behind_and_stops_nobody(
    tmp_path: Path, folder: Path, bus: Bus, broken: str, why: str
) -> None:
    write(folder / "a_broken.py", broken)
    write(folder / "b_good.py", GOOD)
    found = plugins.load(bus, site(tmp_path, folder)).found
    assert [(info.name, info.status) for info in found] == [("a_broken", "failed"), ("b_good", "loaded")]
    assert why in found[0].error
    assert {subscription.callback.owner for subscription in bus.subscriptions()} == {"b_good"}
    assert list(bus.registrations.agents) == ["helper"]


def test_a_file_others_may_write_is_not_executed(tmp_path: Path, folder: Path, bus: Bus) -> None:
    mark = tmp_path / "executed"
    write(folder / "shop.py", f"open({str(mark)!r}, 'w')\n").chmod(0o666)
    [info] = plugins.load(bus, site(tmp_path, folder)).found
    assert (info.status, mark.exists()) == ("failed", False)
    assert "may be written by others" in info.error


def test_a_folder_others_may_write_is_not_used(tmp_path: Path, folder: Path, bus: Bus) -> None:
    write(folder / "shop.py", GOOD)
    folder.chmod(0o777)
    [info] = plugins.load(bus, site(tmp_path, folder)).found
    assert info.status == "failed"
    assert bus.subscriptions() == []


def test_a_folder_under_the_web_root_is_not_used(tmp_path: Path, bus: Bus) -> None:
    inside = tmp_path / "web" / "wp-content" / "plugins-py"
    inside.mkdir(mode=0o700, parents=True)
    write(inside / "shop.py", GOOD)
    [info] = plugins.load(bus, site(tmp_path, inside)).found
    assert info.status == "failed"
    assert "web root" in info.error


def test_entry_points_load_first_and_own_their_name(
    tmp_path: Path, folder: Path, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Point:
        name, value, dist = "shop", "shop.plugin:start", None

        @staticmethod
        def load() -> Any:
            return lambda plugin: plugin.add_filter("the_title", lambda title: title + " from the shop")

    def points(*, group: str) -> list[Any]:
        assert group == "datamachine.plugins"
        return [Point()]

    monkeypatch.setattr(importlib.metadata, "entry_points", points)
    write(folder / "shop.py", GOOD)
    found = plugins.load(bus, site(tmp_path, folder)).found
    assert [(info.source, info.status) for info in found] == [("entry point", "loaded"), ("folder", "failed")]
    assert bus.apply_filters("the_title", "a") == "a from the shop"


def test_nothing_subscribes_permanently_after_loading(tmp_path: Path, folder: Path, bus: Bus) -> None:
    plugins.load(bus, site(tmp_path, folder))
    with pytest.raises(SubscriptionsFrozen):
        bus.add_filter("the_title", lambda title: title)


STORE = """
class Shelf:
    def read(self, scope): ...
    write = exists = delete = list_layer = list_subtree = read

shelf = Shelf()

def register(plugin):
    plugin.register_memory_store("shelf", shelf)
    if {fails}:
        raise RuntimeError("no")
"""


def test_a_memory_store_travels_by_its_name(tmp_path: Path, folder: Path, bus: Bus) -> None:
    write(folder / "shelf.py", STORE.format(fails=False))
    [info] = plugins.load(bus, site(tmp_path, folder)).found
    assert (info.status, info.registrations) == ("loaded", 1)
    shelf = bus.registrations.memory_stores["shelf"]
    assert named.name_of(shelf) == ("memory_store", "shelf")
    assert named.get("memory_store", "shelf") is shelf


def test_the_store_of_a_plugin_that_failed_is_forgotten(tmp_path: Path, folder: Path, bus: Bus) -> None:
    write(folder / "failing.py", STORE.format(fails=True).replace('"shelf"', '"failing"'))
    [info] = plugins.load(bus, site(tmp_path, folder)).found
    assert info.status == "failed"
    assert bus.registrations.memory_stores == {}
    with pytest.raises(LookupError):
        named.get("memory_store", "failing")


@pytest.mark.parametrize("name", ["", "Shelf", "a b", "../x", "-a"])
def test_a_store_needs_a_name_that_fits(bus: Bus, name: str) -> None:
    with pytest.raises(HookError, match="memory store's name"):
        bus.registrations.register_memory_store(name, object())


def test_what_lacks_methods_is_no_store(bus: Bus) -> None:
    with pytest.raises(HookError, match="cannot read, write, exists"):
        bus.registrations.register_memory_store("empty", object())
