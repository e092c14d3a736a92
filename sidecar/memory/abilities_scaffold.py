"""The ability that writes what memory files begin with. It is for WordPress's own code, not for REST."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.abilities import Declaration, Permission, Registry, object_schema
from sidecar.errors import InvalidInput, SidecarError
from sidecar.host.context import WordPressHost
from sidecar.identity import AgentsRepository, Principal
from sidecar.identity.abilities import positive
from sidecar.memory import dates, names
from sidecar.memory.ability_declarations import MEMORY
from sidecar.memory.access import MemoryAccess, Target
from sidecar.memory.composition import DESCRIPTIONS, Composed, CompositionService
from sidecar.memory.opening import Opener
from sidecar.memory.registry import RegisteredFile
from sidecar.memory.scaffolding import Scaffolder
from sidecar.memory.values import AGENT, LAYERS, USER

NAME = "datamachine/scaffold-memory-file"
#: No agent's id: who may not know which agents there are gets the same answer for slugs as for ids.
NOBODYS = 2**63 - 1

_TEXT, _ID, _FLAG = ({"type": kind} for kind in ("string", "integer", "boolean"))

DECLARATION = Declaration(
    NAME,
    MEMORY,
    "Scaffold a memory file",
    "Writes what a registered file begins with where it is missing; composed files are written anew.",
    Permission(any_of=("chat",)),
    object_schema(
        {
            "filename": _TEXT | {"description": "A registered file, or a day's (daily/YYYY/MM/DD.md)."},
            "layer": _TEXT | {"description": "All registered files of a layer instead."},
            "user_id": _ID,
            "agent_id": _ID,
            "agent_slug": _TEXT,
            "date": _TEXT | {"description": "YYYY-MM-DD: that day's file."},
            "filepath": _TEXT
            | {"description": "Where the caller expects the file; another place is refused."},
        },
        optional=True,
    ),
    object_schema(
        {
            "success": _FLAG,
            "message": _TEXT,
            "error": _TEXT,
            "filename": _TEXT,
            "filepath": _TEXT,
            "created": {"type": ["boolean", "integer"]},
            "layer": _TEXT,
            "total": _ID,
            "files": {"type": "array", "items": {"type": "object"}},
        }
    ),
    destructive=False,
    idempotent=True,
    show_in_rest=False,
)


def offer(  # noqa: PLR0917  composed in one place
    registry: Registry,
    access: MemoryAccess,
    agents: AgentsRepository,
    opener: Opener,
    scaffolder: Scaffolder,
    composition: CompositionService,
) -> None:
    """Add the ability's callback."""
    ability = ScaffoldAbility(access, agents, opener, scaffolder, composition)
    registry.add(NAME, ability.run)


class ScaffoldAbility:
    """The callback; a broken rule is an answer, a missing right an error."""

    def __init__(
        self,
        access: MemoryAccess,
        agents: AgentsRepository,
        opener: Opener,
        scaffolder: Scaffolder,
        composition: CompositionService,
    ) -> None:
        self._access = access
        self._agents = agents
        self._opener = opener
        self._scaffolder = scaffolder
        self._composition = composition

    def run(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """One file: ``{success, message, filename, filepath, created}``; a layer: with ``files``."""
        try:
            with self._opener.host(principal.blog_id) as host:
                layer = str(given.get("layer") or "")
                if layer:
                    return self._layer(host, principal, layer, given)
                return self._file(host, principal, _filename(given), given)
        except SidecarError as error:
            if error.status >= 500 or error.code == "rest_forbidden":
                raise
            return {"success": False, "error": error.message}

    def _layer(
        self, host: WordPressHost, principal: Principal, layer: str, given: Mapping[str, Any]
    ) -> dict[str, Any]:
        if layer not in LAYERS:
            raise InvalidInput(f'There is no layer "{layer}".')
        registered = self._opener.facts(host).registry.of_layer(layer)
        found = [self._file(host, principal, each.filename, {**given, "layer": layer}) for each in registered]
        created = sum(1 for each in found if each.get("created"))
        return {
            "success": True,
            "message": f"Scaffolded {created} of {len(found)} {layer}-layer file(s).",
            "layer": layer,
            "created": created,
            "total": len(found),
            "files": found,
        }

    def _file(
        self, host: WordPressHost, principal: Principal, filename: str, given: Mapping[str, Any]
    ) -> dict[str, Any]:
        target = self._access.target(
            principal, user_id=positive(given.get("user_id")) or 0, agent_id=self._agent(given)
        )
        name = names.clean(filename)
        file = self._opener.facts(host).registry.get(name)
        if file is None and dates.of_filename(name) is None:
            return {"success": False, "error": f'File "{name}" is not registered in the MemoryFileRegistry.'}
        if file is not None and (file.composable or file.filename in DESCRIPTIONS):
            return self._composed(principal, file, target)
        layer = AGENT if file is None else file.layer
        if layer == USER and not target.user_id:
            return {"success": False, "error": f"Whose {name}? Name a user_id."}
        opened = self._scaffolder.open(
            host, name, user_id=target.user_id, agent_id=target.agent_id, layer=layer
        )
        self._access.require(principal, opened.scope, writes=True)
        if given.get("filepath") not in {None, "", self._scaffolder.place(opened)}:
            return {"success": False, "error": f"{name} is kept in another place.", "filename": name}
        made = self._scaffolder.file(host, opened, {"date": given["date"]} if given.get("date") else None)
        if not made.success:
            return {"success": False, "error": made.message, "filename": name}
        return {
            "success": True,
            "message": made.message,
            "filename": name,
            "filepath": made.filepath,
            "created": made.created,
        }

    def _composed(self, principal: Principal, file: RegisteredFile, target: Target) -> dict[str, Any]:
        if file.composable:
            whose = {"agent_id": target.agent_id, "user_id": target.user_id}
            context = {key: value for key, value in whose.items() if value}
            done = self._composition.compose(
                principal, file.filename, blog_id=principal.blog_id, context=context
            )
        else:
            done = self._composition.missing([file.filename], blog_id=principal.blog_id)
        return _answer(done[0])

    def _agent(self, given: Mapping[str, Any]) -> int:
        slug = str(given.get("agent_slug") or "")
        if not slug:
            return positive(given.get("agent_id")) or 0
        agent = self._agents.by_slug(slug)
        return NOBODYS if agent is None else agent.agent_id


def _answer(done: Composed) -> dict[str, Any]:
    if not done.success:
        return {"success": False, "error": done.message, "filename": done.filename}
    return {
        "success": True,
        "message": done.message,
        "filename": done.filename,
        "filepath": done.filepath,
        "created": done.changed,
    }


def _filename(given: Mapping[str, Any]) -> str:
    filename, date = str(given.get("filename") or ""), str(given.get("date") or "")
    if date and (not filename or filename.startswith("daily/")):
        return dates.filename(dates.parse(date))
    if not filename:
        raise InvalidInput("Name a filename or a layer.")
    return filename
