"""What ``agents delete`` says when files could not go with the agent."""

from __future__ import annotations

from typing import Any

import pytest

from sidecar.commands import catalogue
from sidecar.commands.events import Notice, Success
from sidecar.commands.invocation import Invocation
from sidecar.commands.run import run
from sidecar.identity import Agent, AgentPlaces, AgentsService, Permissions, Principal
from sidecar.identity.values import Deleted

AGENT = Agent(8, "bot", "Bot", 1, None, {}, "", "")


class Site:
    """A runtime, its services and a terminal in one; files go or stay."""

    def __init__(self, *, files_deleted: bool, left: bool) -> None:
        self._files_deleted = files_deleted
        self._left = left

    def get(self, kind: type) -> Any:
        assert kind in {Permissions, AgentsService, AgentPlaces}
        return self

    def require(self, principal: Principal, *actions: str) -> None:
        assert actions == ("manage_agents",)

    def delete(self, principal: Principal, identifier: str, *, delete_files: bool) -> Deleted:
        return Deleted(AGENT, self._files_deleted)

    def exists(self, agent: Agent, blog_id: int) -> bool:
        return self._left

    def directory(self, agent: Agent, blog_id: int) -> str:
        return "/uploads/agents/bot"


@pytest.mark.parametrize(
    ("files_deleted", "left", "suffix", "warned"),
    [(True, False, " Files removed.", False), (False, False, "", False), (False, True, "", True)],
)
def test_files_that_stay_are_named(files_deleted: bool, left: bool, suffix: str, warned: bool) -> None:
    site: Any = Site(files_deleted=files_deleted, left=left)
    command = catalogue.find("agents delete")
    said = list(run(Invocation(site, command, site, ["bot"], {"yes": True, "delete-files": True})))
    expected: list[object] = [Success(f'Agent "bot" (ID: 8) deleted.{suffix}')]
    if warned:
        expected.append(Notice("Files stay in /uploads/agents/bot; the sidecar's log says why."))
    assert said == expected
