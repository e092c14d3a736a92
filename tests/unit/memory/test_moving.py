"""Directories that move, join and go: nothing is lost, nothing leads outside."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sidecar.memory import files, moving
from sidecar.memory.layout import Location


def place(root: Path, slug: str) -> Location:
    return Location(str(root), ("agents", slug))


def tree(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def fill(folder: Path, **content: str) -> None:
    for name, text in content.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_a_directory_gets_another_name(tmp_path: Path) -> None:
    fill(tmp_path / "agents/old", SOUL_md="s", daily__2026__01_md="d")
    assert moving.move(place(tmp_path, "old"), place(tmp_path, "new")) is True
    assert tree(tmp_path / "agents") == {"new/SOUL.md": "s", "new/daily/2026/01.md": "d"}
    assert moving.move(place(tmp_path, "old"), place(tmp_path, "new")) is False
    assert moving.move(place(tmp_path / "nowhere", "old"), place(tmp_path / "nowhere", "new")) is False


def test_two_directories_join_and_keep_what_differs(tmp_path: Path) -> None:
    fill(
        tmp_path / "agents/old",
        SOUL_md="mine",
        MEMORY_md="same",
        ONLY_md="only",
        daily__01_md="day",
        daily__02_md="two",
        index_php="<?php // older",
        plain="text",
    )
    fill(
        tmp_path / "agents/new",
        SOUL_md="theirs",
        MEMORY_md="same",
        daily__02_md="other",
        index_php="<?php",
        plain="other",
    )
    (tmp_path / "agents/new/SOUL.from-old.md").write_text("of an earlier time")
    assert moving.move(place(tmp_path, "old"), place(tmp_path, "new")) is True
    assert tree(tmp_path / "agents") == {
        "new/SOUL.md": "theirs",
        "new/SOUL.from-old.md": "of an earlier time",
        "new/SOUL.from-old-2.md": "mine",
        "new/MEMORY.md": "same",
        "new/ONLY.md": "only",
        "new/daily/01.md": "day",
        "new/daily/02.md": "other",
        "new/daily/02.from-old.md": "two",
        "new/index.php": "<?php",
        "new/plain": "other",
        "new/plain.from-old": "text",
    }
    assert not (tmp_path / "agents/old").exists()


def test_a_join_that_was_cut_off_ends_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "agents/old", A_md="1", B_md="2", C_md="3")
    fill(tmp_path / "agents/new", B_md="other")
    rename, count = os.rename, 0

    def once(*args: object, **options: object) -> None:
        nonlocal count
        count += 1
        if count == 2:
            raise KeyboardInterrupt
        rename(*args, **options)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", once)
        with pytest.raises(KeyboardInterrupt):
            moving.move(place(tmp_path, "old"), place(tmp_path, "new"))
    assert moving.move(place(tmp_path, "old"), place(tmp_path, "new")) is True
    assert tree(tmp_path / "agents") == {
        "new/A.md": "1",
        "new/B.md": "other",
        "new/B.from-old.md": "2",
        "new/C.md": "3",
    }


def test_links_are_neither_followed_nor_replaced(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    fill(outside, KEEP_md="k")
    fill(tmp_path / "agents/real", A_md="a")
    (tmp_path / "agents/link").symlink_to(outside)
    for old, new in (("link", "fresh"), ("real", "link")):
        with pytest.raises(files.Refused):
            moving.move(place(tmp_path, old), place(tmp_path, new))
    with pytest.raises(files.Refused):
        moving.remove(place(tmp_path, "link"))
    assert tree(outside) == {"KEEP.md": "k"}
    assert moving.occupied(place(tmp_path, "link")) is True

    (tmp_path / "agents/real/away").symlink_to(outside)
    assert moving.remove(place(tmp_path, "real")) is True
    assert tree(outside) == {"KEEP.md": "k"}
    assert moving.remove(place(tmp_path, "real")) is False
    assert moving.occupied(place(tmp_path, "real")) is False


def test_a_link_in_the_place_of_the_agents_folder_leads_nowhere(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    fill(outside / "victim", KEEP_md="k")
    (tmp_path / "agents").symlink_to(outside)
    for work in (
        lambda: moving.remove(place(tmp_path, "victim")),
        lambda: moving.move(place(tmp_path, "victim"), place(tmp_path, "taken")),
    ):
        with pytest.raises(files.Refused):
            work()
    assert tree(outside) == {"victim/KEEP.md": "k"}
