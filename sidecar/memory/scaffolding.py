"""Files that memory starts with: written where they are missing, never over anything, never by a read."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from sidecar import hooks
from sidecar.host import context as host_context
from sidecar.host.context import WordPressHost
from sidecar.identity import Agent, AgentsRepository
from sidecar.memory.composition import DESCRIPTIONS, LASTING, CompositionService
from sidecar.memory.generators import FILTER, OURS
from sidecar.memory.layout import Layout
from sidecar.memory.names import BadName
from sidecar.memory.opening import Opened, Opener
from sidecar.memory.places import SiteFacts
from sidecar.memory.values import AGENT, CONFLICT, NETWORK, SHARED, USER, Scope, raw

logger = logging.getLogger("datamachine.memory")

UNKNOWN = "memory_scaffold_unknown"


class Scaffolded(msgspec.Struct, frozen=True):
    """What became of one file; ``created`` is False as well where it existed, which is success.

    ``filepath`` is its place on disk when no plugin's store keeps it.
    """

    filename: str
    success: bool
    message: str
    filepath: str = ""
    created: bool = False
    #: Why not: ``UNKNOWN`` when nobody knows what the file begins with.
    code: str = ""


class Scaffolder:
    """Writes what a file begins with, through the store that keeps it."""

    def __init__(
        self,
        opener: Opener,
        layout: Callable[[SiteFacts], Layout],
        agents: AgentsRepository,
        composition: Callable[[], CompositionService],
        default_user: Callable[[int], int],
    ) -> None:
        self._opener = opener
        self._layout = layout
        self._agents = agents
        self._composition = composition
        self._default_user = default_user

    def open(
        self, host: WordPressHost, filename: str, *, user_id: int = 0, agent_id: int = 0, layer: str = ""
    ) -> Opened:
        """The file with its store; '' is the layer it is registered for."""
        return self._opener.open(host, user_id, agent_id, filename, layer)

    def file(self, host: WordPressHost, opened: Opened, more: Mapping[str, Any] | None = None) -> Scaffolded:
        """Write an opened file unless it exists; ``more`` is added to what generators are told."""
        name = opened.scope.filename
        place = self.place(opened)
        if opened.store.exists(opened.scope):
            return Scaffolded(name, True, f"{name} exists already.", place)
        with host_context.bind(host):
            content = initial(opened.scope, self.slug(opened.scope), more)
        if content is None:
            return Scaffolded(name, False, f"Nobody knows what {name} begins with.", place, code=UNKNOWN)
        result = opened.store.write(opened.scope, raw(content), opened.store.absent)
        if result.error == CONFLICT:
            # Another request was faster.
            return Scaffolded(name, True, f"{name} exists already.", place)
        if not result.success:
            message = f"Failed to write {name} ({result.error})."
            return Scaffolded(name, False, message, place, code="memory_write_failed")
        logger.info("Scaffolded %s", opened.scope.key)
        return Scaffolded(name, True, f"Scaffolded {name}.", place, True)

    def names(self, host: WordPressHost, layer: str) -> list[str]:
        """Registered files of a layer that begin with a text of their own: not those made of sections."""
        return [
            each.filename
            for each in self._opener.facts(host).registry.of_layer(layer)
            if not each.composable and each.filename not in DESCRIPTIONS
        ]

    def seed(self, scope: Scope, host: WordPressHost) -> str | None:
        """What a missing file begins with before a section is added to it."""
        with host_context.bind(host):
            return initial(scope, self.slug(scope))

    def defaults(self, blog_id: int) -> list[str]:
        """The files of a site's default agent: layers shared, agent and user, and the site's description.

        Sentences about those that are missing still; an agent without a row has its files with the row.
        """
        owner = self._default_user(blog_id)
        agent = self._agents.first_of(owner)
        with self._opener.host(blog_id) as host:
            failed = self.shared(host, owner)
            if agent is not None:
                failed += self._all(host, AGENT, owner, agent.agent_id)
        described = self._composition().missing(DESCRIPTIONS, blog_id=blog_id)
        return failed + [each.message for each in described if not each.success and each.code not in LASTING]

    def shared(self, host: WordPressHost, owner: int) -> list[str]:
        """What everybody on the site reads, and what is known of the default user; sentences as above."""
        return self._all(host, SHARED, owner, 0) + self._all(host, USER, owner, 0)

    def is_default(self, agent: Agent, blog_id: int) -> bool:
        """Whether it is the agent that is meant where none is named."""
        if agent.owner_id != self._default_user(blog_id):
            return False
        first = self._agents.first_of(agent.owner_id)
        return first is not None and first.agent_id == agent.agent_id

    def slug(self, scope: Scope) -> str:
        """The agent whose file it is; '' for files that are no agent's."""
        if scope.layer in {SHARED, USER, NETWORK}:
            return ""
        agent: Agent | None = self._agents.get(scope.agent_id) if scope.agent_id else None
        agent = agent or self._agents.first_of(scope.user_id)
        return agent.agent_slug if agent is not None else ""

    def _all(self, host: WordPressHost, layer: str, user_id: int, agent_id: int) -> list[str]:
        failed = []
        for name in self.names(host, layer):
            done = self.file(host, self.open(host, name, user_id=user_id, agent_id=agent_id, layer=layer))
            # What a plugin registered may have nobody who knows what it begins with.
            if not done.success and (done.code != UNKNOWN or name in OURS):
                failed.append(done.message)
        return failed

    def place(self, opened: Opened) -> str:
        """Where the file is on disk when no plugin's store keeps it; '' for a name that leads elsewhere."""
        try:
            return self._layout(opened.facts).file(opened.scope).path
        except BadName:
            return ""


def initial(scope: Scope, agent_slug: str = "", more: Mapping[str, Any] | None = None) -> str | None:
    """What a file starts with, as plugins and our own generators answer; None when nobody does."""
    context: dict[str, Any] = {"layer": scope.layer, "user_id": scope.user_id, "agent_id": scope.agent_id}
    if agent_slug:
        context |= {"agent_slug": agent_slug}
    content = hooks.apply_filters(FILTER, "", scope.filename, context | dict(more or {}))
    if not isinstance(content, str) or not content.strip():
        return None
    return content.strip() + "\n"
