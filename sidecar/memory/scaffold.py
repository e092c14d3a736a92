"""The directory of an agent and the files it starts with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any

from sidecar import hooks
from sidecar.errors import Unavailable
from sidecar.host import context as host_context
from sidecar.host.context import WordPressHost
from sidecar.identity import Agent
from sidecar.memory import files, moving
from sidecar.memory.generators import AGENT_FILES, FILTER
from sidecar.memory.layout import Layout, Location, Places, agent_place
from sidecar.memory.locks import Locks
from sidecar.memory.places import SiteFacts
from sidecar.memory.service import MemoryService
from sidecar.memory.store import Store
from sidecar.memory.values import AGENT, CONFLICT, Scope, raw


class AgentFiles:
    """Implements :class:`sidecar.identity.AgentPlaces` for the layout on disk."""

    def __init__(
        self,
        facts: Callable[[int | None], SiteFacts],
        places: Callable[[int], Places],
        layout: Callable[[Places], Layout],
        store: Callable[[SiteFacts], Store],
        owner: files.Owner | None,
        *,
        locks: Locks,
        blogs: Callable[[], Iterable[int]],
        memory: Callable[[], MemoryService],
    ) -> None:
        self._facts = facts
        self._places = places
        self._layout = layout
        self._store = store
        self._owner = owner
        self._locks = locks
        self._blogs = blogs
        self._memory = memory

    def directory(self, agent: Agent, blog_id: int) -> str:
        """Absolute path of the agent's directory on a blog."""
        return self._location(agent, blog_id).path

    def exists(self, agent: Agent, blog_id: int) -> bool:
        """Whether there is such a directory; one behind a link is none of ours."""
        return _files(self._location(agent, blog_id)) is not None

    def provision(self, agent: Agent, blog_id: int, *, new: bool) -> bool:
        """See :meth:`sidecar.identity.AgentPlaces.provision`."""
        facts = self._facts(blog_id)
        location = self._layout(facts.places).of(agent)
        if not new and _files(location):
            return True
        with files.folder(location.root, location.parts, create=True, owner=self._owner, deny_at=1):
            pass
        store = self._store(facts)
        complete = True
        for name in _wanted(facts):
            scope = Scope(AGENT, agent.owner_id, agent.agent_id, name)
            if store.exists(scope):
                continue
            content = initial(scope, agent.agent_slug)
            if content is not None:
                # A conflict means that another request was faster.
                complete &= store.write(scope, raw(content), store.absent).error in {None, CONFLICT}
            elif name in AGENT_FILES:
                # Our own generator answers for these; silence means that it was not asked.
                complete = False
        return complete

    def folders(self) -> dict[int, str]:
        """See :meth:`sidecar.identity.AgentPlaces.folders`."""
        return {blog_id: self._places(blog_id).base for blog_id in self._blogs()}

    def name(self, agent: Agent, blog_id: int) -> str:
        """See :meth:`sidecar.identity.AgentPlaces.name`."""
        return self._location(agent, blog_id).parts[-1]

    def path(self, folder: str, slug: str) -> str:
        """The directory of a slug below such a folder."""
        return agent_place(folder, slug).path

    def occupied(self, folder: str, slug: str) -> bool:
        """Whether anything stands there."""
        return moving.occupied(agent_place(folder, slug))

    def still(self) -> AbstractContextManager[None]:
        """Nobody writes inside the block."""
        return self._locks.hold_all()

    def move(self, folder: str, old_slug: str, new_slug: str) -> bool:
        """See :meth:`sidecar.identity.AgentPlaces.move`."""
        return moving.move(agent_place(folder, old_slug), agent_place(folder, new_slug), self._owner)

    def remove(self, folder: str, slug: str) -> bool:
        """See :meth:`sidecar.identity.AgentPlaces.remove`."""
        with self._locks.hold_all():
            return moving.remove(agent_place(folder, slug), self._owner)

    def replace_name(self, agent: Agent, old: str, new: str, blog_id: int) -> list[str]:
        """See :meth:`sidecar.identity.AgentPlaces.replace_name`; each file in the store that keeps it."""
        changed = []
        for name in AGENT_FILES:
            with self._memory().open(
                user_id=agent.owner_id,
                agent_id=agent.agent_id,
                filename=name,
                layer=AGENT,
                blog_id=blog_id,
            ) as file:
                if file.replace_text(old, new):
                    changed.append(name)
        return changed

    def _location(self, agent: Agent, blog_id: int) -> Location:
        return self._layout(self._places(blog_id)).of(agent)


def initial(scope: Scope, agent_slug: str = "") -> str | None:
    """What a file starts with, as plugins and our own generators answer; None when nobody does."""
    context: dict[str, Any] = {"layer": scope.layer, "user_id": scope.user_id, "agent_id": scope.agent_id}
    if agent_slug:
        context |= {"agent_slug": agent_slug}
    content = hooks.apply_filters(FILTER, "", scope.filename, context)
    if not isinstance(content, str) or not content.strip():
        return None
    return content.strip() + "\n"


def seed(scope: Scope, host: WordPressHost) -> str | None:
    """What a missing file begins with before a section is added to it."""
    with host_context.bind(host):
        return initial(scope)


def _wanted(facts: SiteFacts) -> list[str]:
    names = [each.filename for each in facts.files if each.layer == AGENT and not each.composable]
    if not names:
        raise Unavailable("WordPress named no memory files.", code="memory_registry_empty")
    return names


def _files(location: Location) -> list[str] | None:
    """Names of files in a directory, None when there is no directory."""
    try:
        with files.folder(location.root, location.parts) as directory:
            return [name for name, _ in files.walk(directory, deep=False)]
    except OSError:
        return None
