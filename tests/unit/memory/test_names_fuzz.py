"""Whatever a file is called, nothing outside its layer is read, written, listed or removed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sidecar.memory import DiskStore, Layout, Places, Scope, names
from sidecar.memory.locks import Locks
from tests.unit.memory.conftest import Agents, Owners, Users

#: Pieces that names which mean harm are made of.
PIECES = (
    "..", ".", "/", "//", "\\", "\0", "a", "SOUL", ".md", ".php", ".htaccess", ".user.ini", "wp-config",
    "index.php", "web.config", "%2e%2e", "%00", "\u2025", "\uff0e\uff0e", "\uff0f", "\u2215", "é", "e\u0301",
    "\u202e", "\ufeff", "\n", "\r", "\t", " ", "~", "CON", "NUL.md", "LINK", "linked", "daily", "x" * 300,
    "\udc80", "🌍", ":", "|", "*",
)  # fmt: skip
NAMES = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
    st.text(st.characters(), max_size=60),
    st.lists(st.just("d"), min_size=28, max_size=40).map(lambda parts: "/".join([*parts, "x.md"])),
)
LAYERS = st.sampled_from(["agent", "shared", "user", "network", "poem", "../..", ""])
SECRET = b"nobody may read this"


@contextmanager
def site() -> Iterator[tuple[DiskStore, Path, Path]]:
    """A store, its folder, and one beside it that links lead to."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        outside, web = root / "outside", root / "site"
        for each in (outside, web, root / "uploads"):
            each.mkdir()
        (outside / "secret.md").write_bytes(SECRET)
        (web / "wp-config.php").write_bytes(SECRET)
        fakes: tuple[Any, Any, Any] = (Agents(), Users(), Owners())
        layout = Layout(Places(f"{root}/uploads", f"{root}/uploads", str(web)), *fakes)
        store = DiskStore(layout, Locks(root / "locks"))
        base = root / "uploads" / "datamachine-files"
        store.write(Scope("agent", 7, 42, "SOUL.md"), b"soul")
        (base / "agents/librarian/LINK.md").symlink_to(outside / "secret.md")
        (base / "agents/librarian/linked").symlink_to(outside)
        yield store, base, root


def everything(folder: Path, but: Path) -> dict[str, bytes | None]:
    """What is below a folder, links not followed, without what is below ``but``."""
    found: dict[str, bytes | None] = {}
    for place, folders, files in os.walk(folder):
        folders[:] = [each for each in folders if Path(place, each) != but and each != "locks"]
        for each in (*folders, *files):
            path = Path(place, each)
            found[str(path)] = path.read_bytes() if path.is_file() and not path.is_symlink() else None
    return found


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(NAMES, LAYERS)
def test_nothing_outside_the_root_is_touched(name: str, layer: str) -> None:
    with site() as (store, base, root):
        before = everything(root, base)
        scope = Scope(layer, 7, 42, name)
        found = store.read(scope)
        assert found.content != SECRET
        written = store.write(scope, b"<?php owned();")
        assert written.error in {None, "capability", "io"}
        for each in store.list_subtree(scope, name):
            assert "secret" not in each.filename
        if written.success:
            assert store.read(scope).content == b"<?php owned();"
            assert names.writable(name)
        assert store.delete(scope).error in {None, "capability", "io"}
        assert everything(root, base) == before
        for place, _, files in os.walk(base):
            for each in files:
                assert names.writable(each) or each in {"index.php", ".htaccess", "web.config"}, (place, each)
        # What the store made is in the layer it was asked for.
        assert (base / "agents/librarian/LINK.md").is_symlink() or name == "LINK.md"


@settings(max_examples=200, deadline=None)
@given(NAMES)
def test_a_name_is_refused_or_is_its_own_parts(name: str) -> None:
    try:
        parts = names.parts(name)
    except names.BadName:
        return
    assert "/".join(parts) == name
    assert all(part and not part.startswith(".") and len(os.fsencode(part)) <= 255 for part in parts)
    assert os.path.normpath(name) == name
    assert not os.path.isabs(name)


@settings(max_examples=200, deadline=None)
@given(NAMES)
def test_cleaning_gives_a_name_of_plain_characters_or_none(name: str) -> None:
    try:
        cleaned = names.clean(name)
    except names.BadName:
        return
    assert cleaned.isascii()
    assert not {"..", ".", ""} & set(cleaned.split("/"))
    assert names.clean(cleaned) == cleaned
