"""Where Data Machine 0.102.8 keeps memory on disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

from sidecar.identity import Agent, AgentsRepository, Owners
from sidecar.memory import names, slugs
from sidecar.memory.values import NETWORK, SHARED, USER, Scope
from sidecar.wordpress import UsersRepository

FOLDER = "datamachine-files"


class Places(msgspec.Struct, frozen=True):
    """Absolute folders of one blog, as WordPress gives them."""

    #: ``wp_upload_dir()['basedir']`` of the blog.
    uploads: str
    #: The same of the network's main site; the blog's own outside a network.
    network_uploads: str
    #: WordPress's root, without a trailing slash.
    abspath: str
    blog_id: int = 1
    #: The blog's folder of memory where it is not below uploads (DATAMACHINE_FILES_DIR), and the main site's.
    files: str = ""
    network_files: str = ""

    @property
    def base(self) -> str:
        """What the blog keeps: agents, what the site shares, flows' files."""
        return self.files or f"{self.uploads}/{FOLDER}"

    @property
    def network_base(self) -> str:
        """What the network keeps: users and its own."""
        return self.network_files or f"{self.network_uploads}/{FOLDER}"


class Location(NamedTuple):
    """A trusted folder and the way below it."""

    root: str
    parts: tuple[str, ...]

    @property
    def path(self) -> str:
        return "/".join((self.root, *self.parts))


def agent_place(base: str, slug: str) -> Location:
    """An agent's folder below a blog's memory folder. Slugs are one segment, never hidden."""
    names.parts(slug)
    if "/" in slug:
        raise names.BadName(f'"{slug}" is not a slug.')
    return Location(base, ("agents", slug))


class Layout:
    """Scopes to locations, for one blog."""

    def __init__(
        self,
        places: Places,
        agents: AgentsRepository,
        users: UsersRepository,
        owners: Owners,
        convention_paths: Mapping[str, str] | None = None,
        *,
        name: Callable[[Agent, str], str] | None = None,
    ) -> None:
        self.places = places
        self._agents = agents
        self._users = users
        self._owners = owners
        #: File name to path below WordPress's root, for files other programs look for there.
        self._convention_paths = dict(convention_paths or {})
        #: An agent's folder below the folder of all agents; None where every agent has its slug.
        self._name = name

    def layer(self, scope: Scope) -> Location:
        """The layer's folder; an unknown layer is the agent's."""
        places = self.places
        if scope.layer == SHARED:
            return Location(places.base, ("shared",))
        if scope.layer == USER:
            return Location(places.network_base, ("users", str(abs(scope.user_id))))
        if scope.layer == NETWORK:
            return Location(places.network_base, ("network",))
        agent, user_id = self._resolve(scope.agent_id, scope.user_id)
        return self.agent(self._of_user(user_id)) if agent is None else self.of(agent)

    def file(self, scope: Scope) -> Location:
        """The file's place; BadName for a name that would lead out of its layer."""
        convention = self._convention_paths.get(scope.filename)
        if convention:
            return Location(self.places.abspath, names.parts(convention))
        layer = self.layer(scope)
        return Location(layer.root, layer.parts + names.parts(scope.filename))

    def of(self, agent: Agent) -> Location:
        """An agent's folder on this blog; with some tables it is not named by the slug alone."""
        if self._name is None:
            return self.agent(agent.agent_slug)
        return self.agent(self._name(agent, f"{self.places.base}/agents"))

    def agent(self, slug: str) -> Location:
        """The folder of that name among the agents' on this blog."""
        return agent_place(self.places.base, slug)

    def slug(self, agent_id: int, user_id: int) -> str:
        """Which agent's folder: the agent's, else the user's first agent's, else one named after the user."""
        agent, user_id = self._resolve(agent_id, user_id)
        return self._of_user(user_id) if agent is None else agent.agent_slug

    def _resolve(self, agent_id: int, user_id: int) -> tuple[Agent | None, int]:
        agent = self._agents.get(agent_id)
        if agent is None:
            user_id = user_id if user_id > 0 else self._owners.default(self.places.blog_id)
            agent = self._agents.first_of(user_id)
        return agent, user_id

    def _of_user(self, user_id: int) -> str:
        person = self._users.get(user_id)
        slug = slugs.from_login(person.login, person.nicename) if person is not None else ""
        return slug or f"user-{user_id}"
