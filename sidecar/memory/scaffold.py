"""The directory of an agent and the files it starts with."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager

from sidecar.errors import Unavailable
from sidecar.identity import Agent
from sidecar.memory import files, moving
from sidecar.memory.generators import AGENT_FILES
from sidecar.memory.layout import Layout, Location, Places, agent_place
from sidecar.memory.locks import Locks
from sidecar.memory.opening import Opener
from sidecar.memory.places import SiteFacts
from sidecar.memory.scaffolding import UNKNOWN, Scaffolder
from sidecar.memory.service import MemoryService
from sidecar.memory.values import AGENT

logger = logging.getLogger("datamachine.memory")


class AgentFiles:
    """Implements :class:`sidecar.identity.AgentPlaces` for the layout on disk."""

    def __init__(
        self,
        facts: Callable[[int | None], SiteFacts],
        places: Callable[[int], Places],
        layout: Callable[[Places], Layout],
        owner: files.Owner | None,
        *,
        opener: Opener,
        scaffolder: Scaffolder,
        locks: Locks,
        blogs: Callable[[], Iterable[int]],
        memory: Callable[[], MemoryService],
    ) -> None:
        self._facts = facts
        self._places = places
        self._layout = layout
        self._owner = owner
        self._opener = opener
        self._scaffolder = scaffolder
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
        location = self._layout(self._facts(blog_id).places).of(agent)
        first = self._scaffolder.is_default(agent, blog_id)
        if not new and not first and _files(location):
            return True
        with files.folder(location.root, location.parts, create=True, owner=self._owner, deny_at=1):
            pass
        with self._opener.host(blog_id) as host:
            names = self._scaffolder.names(host, AGENT)
            if not names:
                raise Unavailable("WordPress named no memory files.", code="memory_registry_empty")
            if first:
                # The first start of the default agent is the site's.
                for message in self._scaffolder.shared(host, agent.owner_id):
                    logger.warning("%s", message)
                if not new and _files(location):
                    return True
            complete = True
            for name in names:
                opened = self._scaffolder.open(
                    host, name, user_id=agent.owner_id, agent_id=agent.agent_id, layer=AGENT
                )
                made = self._scaffolder.file(host, opened)
                # Our own generator answers for these; silence means that it was not asked. What plugins
                # registered may have nobody who knows what it begins with.
                complete &= made.success or (made.code == UNKNOWN and name not in AGENT_FILES)
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


def _files(location: Location) -> list[str] | None:
    """Names of files in a directory, None when there is no directory."""
    try:
        with files.folder(location.root, location.parts) as directory:
            return [name for name, _ in files.walk(directory, deep=False)]
    except OSError:
        return None
