"""Where an agent's memory is, for programs that read the files themselves."""

from __future__ import annotations

import stat
from collections.abc import Callable

import msgspec

from sidecar.identity import Agent
from sidecar.memory import files, names
from sidecar.memory.layout import Layout, Location
from sidecar.memory.places import SiteFacts
from sidecar.memory.registry import RegisteredFile
from sidecar.memory.values import AGENT, NETWORK, SHARED, USER, Scope


class AgentPaths(msgspec.Struct, frozen=True):
    """An agent's folder and the files its prompt is made of."""

    #: Absolute path, existing or not.
    directory: str
    #: The same below WordPress's root; absolute when it is elsewhere.
    relative: str
    #: Files that exist, of every layer, in the registry's order, below WordPress's root like ``relative``.
    files: tuple[str, ...]


class FilePath(msgspec.Struct, frozen=True):
    """Where one registered file is, or would be."""

    layer: str
    path: str
    #: Below WordPress's root; absolute when it is elsewhere.
    relative: str
    exists: bool
    #: Its place below WordPress's root when other programs look for it there, else ''.
    convention_path: str


class PathsReport(msgspec.Struct, frozen=True):
    """What ``memory paths`` prints; the order of the fields is the output's."""

    agent_slug: str
    user_id: int
    #: Layer to absolute folder.
    layers: dict[str, str]
    #: The whole registry in its order.
    files: dict[str, FilePath]
    #: Those that exist, in the same order.
    relative_files: list[str]


class MemoryPaths:
    """Looks on disk; what a plugin keeps in a store of its own has no path."""

    def __init__(
        self,
        facts: Callable[[int | None], SiteFacts],
        layout: Callable[[SiteFacts], Layout],
        default_user: Callable[[int], int],
    ) -> None:
        self._facts = facts
        self._layout = layout
        self._default_user = default_user

    def of(self, agent: Agent, blog_id: int) -> AgentPaths:
        """The paths of one agent on one blog."""
        facts = self._facts(blog_id)
        report = self._report(facts, agent, "", 0)
        directory = report.layers[AGENT]
        return AgentPaths(directory, _below(directory, facts.abspath), tuple(report.relative_files))

    def report(
        self, blog_id: int, *, agent: Agent | None = None, slug: str = "", user_id: int = 0
    ) -> PathsReport:
        """The paths of an agent; without one, of a slug that no agent has; without both, of a user.

        An agent's user is its owner; ``user_id`` 0 is the blog's default user.
        """
        return self._report(self._facts(blog_id), agent, slug, user_id)

    def _report(self, facts: SiteFacts, agent: Agent | None, slug: str, user_id: int) -> PathsReport:
        layout = self._layout(facts)
        if agent is not None:
            user_id, slug, own = agent.owner_id, agent.agent_slug, layout.of(agent)
        else:
            user_id = user_id or self._default_user(facts.blog_id)
            slug = slug or layout.slug(0, user_id)
            own = layout.agent(slug)
        layers = {
            each: layout.layer(Scope(each, user_id, 0, "")) if each != AGENT else own
            for each in (SHARED, AGENT, USER, NETWORK)
        }
        found: dict[str, FilePath] = {}
        for each in facts.files:
            place = _place(each, layers, facts.abspath)
            if place is not None:
                found[each.filename] = FilePath(
                    each.layer,
                    place.path,
                    _below(place.path, facts.abspath),
                    _is_file(place),
                    each.convention_path,
                )
        return PathsReport(
            slug,
            user_id,
            {name: place.path for name, place in layers.items()},
            found,
            [each.relative for each in found.values() if each.exists],
        )


def _place(file: RegisteredFile, layers: dict[str, Location], abspath: str) -> Location | None:
    """Where a registered file is; None for a name that no layer has a file of."""
    try:
        if file.convention_path:
            return Location(abspath, names.parts(file.convention_path))
        layer = layers.get(file.layer, layers[AGENT])
        return Location(layer.root, layer.parts + names.parts(file.filename))
    except names.BadName:
        return None


def _is_file(place: Location) -> bool:
    *folders, name = place.parts
    try:
        with files.folder(place.root, folders) as directory:
            found = files.status(directory, name)
    except OSError:
        return False
    return found is not None and stat.S_ISREG(found.st_mode)


def _below(path: str, root: str) -> str:
    return path.removeprefix(root.rstrip("/") + "/")
