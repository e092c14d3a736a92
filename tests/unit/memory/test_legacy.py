"""Folders that old versions left in agents' folders are found and removed, and nothing else is."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from sidecar.errors import Forbidden
from sidecar.identity import Permissions, Principal
from sidecar.memory import LegacyContexts
from sidecar.memory.places import SiteFacts

OPERATOR = Principal.command_line()


class Everybody:
    """Permissions where only the operator administers."""

    def administers(self, principal: Principal) -> bool:
        return principal.unlimited


@pytest.fixture
def contexts(tmp_path: Path) -> LegacyContexts:
    facts = SiteFacts(str(tmp_path), str(tmp_path), str(tmp_path), 1, "", "", "", "")
    rules: Any = Everybody()
    return LegacyContexts(lambda blog_id: facts, lambda: cast(Permissions, rules))


@pytest.fixture
def agents(tmp_path: Path) -> Path:
    folder = tmp_path / "datamachine-files" / "agents"
    folder.mkdir(parents=True)
    return folder


def fill(folder: Path) -> None:
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "chat.md").write_text("x")
    (folder / "deep" / "er" / ".hidden").write_text("x")


def test_what_is_there_is_counted_and_removed(contexts: LegacyContexts, agents: Path) -> None:
    fill(agents / "bot" / "contexts")
    (agents / "bot" / "SOUL.md").write_text("soul")
    (agents / "other").mkdir()
    found = contexts.find(OPERATOR, 1)
    assert [(each.agent, each.files) for each in found] == [("bot", 2)]
    assert found[0].path == str(agents / "bot" / "contexts")
    contexts.remove(OPERATOR, 1, found[0])
    assert contexts.find(OPERATOR, 1) == []
    assert (agents / "bot" / "SOUL.md").read_text() == "soul"


def test_links_lead_nowhere(contexts: LegacyContexts, agents: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    fill(outside / "contexts")
    (agents / "linked").symlink_to(outside)
    (agents / "bot").mkdir()
    (agents / "bot" / "contexts").symlink_to(outside / "contexts")
    assert contexts.find(OPERATOR, 1) == []
    fill(agents / "real" / "contexts")
    (agents / "real" / "contexts" / "way-out").symlink_to(outside)
    (found,) = contexts.find(OPERATOR, 1)
    assert found.files == 3
    contexts.remove(OPERATOR, 1, found)
    assert not (agents / "real" / "contexts").exists()
    assert (outside / "contexts" / "chat.md").exists()


def test_a_link_put_there_after_the_look_is_not_followed(
    contexts: LegacyContexts, agents: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    fill(outside)
    fill(agents / "bot" / "contexts")
    (found,) = contexts.find(OPERATOR, 1)
    (agents / "bot" / "contexts").rename(agents / "bot" / "moved")
    (agents / "bot" / "contexts").symlink_to(outside)
    with pytest.raises(OSError, match=r"Not a directory|symbolic links"):
        contexts.remove(OPERATOR, 1, found)
    assert (outside / "chat.md").exists()


def test_no_memory_at_all_is_nothing_to_do(contexts: LegacyContexts) -> None:
    assert contexts.find(OPERATOR, 1) == []


def test_only_administrators_of_all_agents_may(contexts: LegacyContexts, agents: Path) -> None:
    fill(agents / "bot" / "contexts")
    (found,) = contexts.find(OPERATOR, 1)
    for call in (
        lambda: contexts.find(Principal.user(5), 1),
        lambda: contexts.remove(Principal.user(5), 1, found),
    ):
        with pytest.raises(Forbidden):
            call()
    assert (agents / "bot" / "contexts" / "chat.md").exists()
