"""The disk store: the contract, and what only files can get wrong."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from sidecar.errors import Unavailable
from sidecar.identity import Agent
from sidecar.memory import DiskStore, Layout, Scope, locks, sections
from sidecar.memory.layout import Location
from sidecar.memory.locks import Locks
from sidecar.memory.values import raw, text
from tests.unit.memory.conformance import LimitedStore, SharedStore

SOUL = Scope("agent", 7, 42, "SOUL.md")


class TestConformance(LimitedStore, SharedStore):
    """Files on disk are a store like any other."""


def folder(layout: Layout) -> Path:
    return Path(layout.layer(SOUL).path)


def test_files_and_folders_get_the_modes_wordpress_gives(store: DiskStore, layout: Layout, places) -> None:
    Path(places.uploads).mkdir(parents=True)
    os.chmod(places.uploads, 0o2775)
    Path(places.base).mkdir()
    os.chmod(places.base, 0o2775)
    before = os.umask(0o077)
    try:
        assert store.write(Scope("agent", 7, 42, "daily/2026/1.md"), b"x").success
    finally:
        os.umask(before)
    file = folder(layout) / "daily/2026/1.md"
    assert stat.S_IMODE(file.stat().st_mode) == 0o664
    for made in (file.parent, file.parent.parent, folder(layout)):
        assert stat.S_IMODE(made.stat().st_mode) == 0o2775


def test_new_folders_carry_guards_that_listings_do_not_show(store: DiskStore, layout: Layout, places) -> None:
    store.write(Scope("agent", 7, 42, "daily/1.md"), b"x")
    assert (folder(layout) / "index.php").read_bytes() == b"<?php\n// Silence is golden.\n"
    assert (folder(layout) / "daily" / "index.php").exists()
    assert "Require all denied" in (Path(places.base) / "agents" / ".htaccess").read_text()
    assert [entry.filename for entry in store.list_layer(SOUL)] == []
    assert [entry.filename for entry in store.list_subtree(SOUL, "daily")] == ["daily/1.md"]


def test_a_write_leaves_nothing_else_behind(store: DiskStore, layout: Layout) -> None:
    store.write(SOUL, b"x")
    store.write(SOUL, b"y", "wrong")
    assert sorted(path.name for path in folder(layout).iterdir()) == ["SOUL.md", "index.php"]


def test_an_empty_hash_means_only_when_absent(store: DiskStore) -> None:
    assert store.write(SOUL, b"first", "").success
    assert store.write(SOUL, b"second", "").error == "conflict"
    assert store.read(SOUL).content == b"first"


@pytest.mark.parametrize("name", ["../../../../site/wp-config.md", "/etc/passwd.md", "..", "a/../../b.md"])
def test_traversal_is_refused_everywhere(store: DiskStore, tmp_path: Path, name: str) -> None:
    scope = Scope("agent", 7, 42, name)
    assert store.write(scope, b"x").error == "capability"
    assert store.delete(scope).error == "capability"
    assert not store.read(scope).exists
    assert store.list_subtree(SOUL, name) == []
    assert not list(tmp_path.rglob("*wp-config*"))


@pytest.mark.parametrize("name", ["x.php", "x.php.md", ".htaccess", "index.php", "x.html", "noextension"])
def test_nothing_a_server_could_run_or_obey_is_written(store: DiskStore, layout: Layout, name: str) -> None:
    store.write(SOUL, b"x")
    assert store.write(Scope("agent", 7, 42, name), b"<?php system($_GET[1]);").error == "capability"
    assert store.delete(Scope("agent", 7, 42, "index.php")).error == "capability"
    assert {path.name for path in folder(layout).iterdir()} == {"SOUL.md", "index.php"}


def test_links_are_not_followed(store: DiskStore, layout: Layout, tmp_path: Path) -> None:
    store.write(SOUL, b"x")
    secret = tmp_path / "secret.md"
    secret.write_text("secret")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.md").write_text("a")
    (folder(layout) / "LINK.md").symlink_to(secret)
    (folder(layout) / "linked").symlink_to(outside)
    link, below = Scope("agent", 7, 42, "LINK.md"), Scope("agent", 7, 42, "linked/a.md")

    for scope in (link, below):
        assert not store.read(scope).exists
        assert store.write(scope, b"owned").error == "capability"
    assert store.list_subtree(SOUL, "linked") == []
    assert [entry.filename for entry in store.list_layer(SOUL)] == ["SOUL.md"]
    assert store.delete(below).error == "capability"
    assert (secret.read_text(), (outside / "a.md").read_text()) == ("secret", "a")


def test_an_agent_folder_behind_a_link_is_refused(store: DiskStore, layout: Layout, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    folder(layout).parent.mkdir(parents=True)
    folder(layout).symlink_to(outside)
    assert store.write(SOUL, b"x").error == "capability"
    assert list(outside.iterdir()) == []


def test_a_folder_of_that_name_is_no_file(store: DiskStore, layout: Layout) -> None:
    store.write(SOUL, b"x")
    (folder(layout) / "DIR.md").mkdir()
    scope = Scope("agent", 7, 42, "DIR.md")
    assert not store.exists(scope)
    assert store.write(scope, b"x").error == "capability"


def test_a_file_that_cannot_be_written_is_an_io_failure(store: DiskStore, layout: Layout, places) -> None:
    Path(places.base).parent.mkdir(parents=True)
    Path(places.base).write_text("in the way")
    assert store.write(SOUL, b"x").error == "io"


def test_files_outside_the_memory_folders_get_no_guards(store: DiskStore, places) -> None:
    assert store.write(Scope("shared", 0, 0, "AGENTS.md"), b"x").success
    assert [path.name for path in Path(places.abspath).iterdir()] == ["AGENTS.md"]


def test_concurrent_swaps_lose_nothing(store: DiskStore) -> None:
    store.write(SOUL, b"# Soul\n")
    failures: list[BaseException] = []

    def add(worker: int) -> None:
        try:
            for number in range(20):
                while True:
                    found = store.read(SOUL)
                    changed = raw(sections.append(text(found.content), f"W{worker}", str(number)))
                    if store.write(SOUL, changed, found.hash).success:
                        break
        except BaseException as error:  # noqa: BLE001  a thread's failure is the test's
            failures.append(error)

    threads = [threading.Thread(target=add, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    whole = text(store.read(SOUL).content)
    for worker in range(4):
        assert (sections.get(whole, f"W{worker}") or "").split() == [str(number) for number in range(20)]


def test_a_writer_that_never_ends_is_not_waited_for_for_ever(
    store: DiskStore, layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "PATIENCE", 0.01)
    with Locks(tmp_path / "locks").hold(layout.file(SOUL).path), pytest.raises(Unavailable):
        store.write(SOUL, b"x")
    assert store.write(SOUL, b"x").success


def test_who_waited_while_an_agent_was_renamed_writes_to_its_new_folder(
    layout: Layout, tmp_path: Path, places
) -> None:
    agents, users, owners = (getattr(layout, name) for name in ("_agents", "_users", "_owners"))
    waiting, slugs = threading.Event(), {42: "librarian"}

    class Renamed(Layout):
        """Answers as the database does: with the slug of the moment."""

        def of(self, agent: Agent) -> Location:
            waiting.set()
            return self.agent(slugs[agent.agent_id])

    gate = Locks(tmp_path / "locks")
    store = DiskStore(Renamed(places, agents, users, owners), Locks(tmp_path / "locks"))
    writer = threading.Thread(target=store.write, args=(SOUL, b"late"))
    with gate.hold_all():
        writer.start()
        assert waiting.wait(5)
        slugs[42] = "curator"
    writer.join()
    found = [str(path.relative_to(places.base)) for path in Path(places.base).rglob("SOUL.md")]
    assert found == ["agents/curator/SOUL.md"]
