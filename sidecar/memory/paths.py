"""Where an agent's memory is, for programs that read the files themselves."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from sidecar.identity import Agent
from sidecar.memory.layout import Layout
from sidecar.memory.names import BadName
from sidecar.memory.places import SiteFacts
from sidecar.memory.store import Store
from sidecar.memory.values import Scope


class AgentPaths(msgspec.Struct, frozen=True):
    """An agent's folder and the files its prompt is made of."""

    #: Absolute path, existing or not.
    directory: str
    #: The same below WordPress's root; absolute when it is elsewhere.
    relative: str
    #: Files that exist, of every layer, in the registry's order, below WordPress's root like ``relative``.
    files: tuple[str, ...]


class MemoryPaths:
    """Looks on disk; what a plugin keeps in a store of its own has no path."""

    def __init__(
        self,
        facts: Callable[[int | None], SiteFacts],
        layout: Callable[[SiteFacts], Layout],
        disk: Callable[[SiteFacts], Store],
    ) -> None:
        self._facts = facts
        self._layout = layout
        self._disk = disk

    def of(self, agent: Agent, blog_id: int) -> AgentPaths:
        """The paths of one agent on one blog."""
        facts = self._facts(blog_id)
        layout, store = self._layout(facts), self._disk(facts)
        found = []
        for each in facts.files:
            scope = Scope(each.layer, agent.owner_id, agent.agent_id, each.filename)
            try:
                path = layout.file(scope).path
            except BadName:
                # Registered by a plugin; no layer has a file of that name.
                continue
            if store.exists(scope):
                found.append(_below(path, facts.abspath))
        directory = layout.agent(agent.agent_slug).path
        return AgentPaths(directory, _below(directory, facts.abspath), tuple(found))


def _below(path: str, root: str) -> str:
    return path.removeprefix(root.rstrip("/") + "/")
