"""The ability that says which memory files a prompt begins with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sidecar.abilities import Callback
from sidecar.host.context import WordPressHost
from sidecar.identity import Agent, AgentsRepository, Principal
from sidecar.memory import ability_declarations as names
from sidecar.memory.abilities import answering, content_of, failed, whose
from sidecar.memory.access import MemoryAccess
from sidecar.memory.injection import Injection
from sidecar.memory.paths import MemoryPaths
from sidecar.memory.reach import Reach
from sidecar.memory.registry import Registry
from sidecar.memory.values import USER


class PromptAbilities:
    """The callback."""

    def __init__(  # noqa: PLR0917  composed in one place
        self,
        reach: Reach,
        access: MemoryAccess,
        injection: Injection,
        paths: MemoryPaths,
        agents: AgentsRepository,
        registry: Callable[[WordPressHost], Registry],
    ) -> None:
        self._reach = reach
        self._access = access
        self._injection = injection
        self._paths = paths
        self._agents = agents
        self._registry = registry

    def callbacks(self) -> dict[str, Callback]:
        """By the ability's name."""
        return {names.INJECTABLE: answering(self.list, failed)}

    def list(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """``{success, files: [{filename, layer, path, priority}]}``: files that are there and not empty.

        ``path`` is below WordPress's root, '' for a file that is elsewhere, that a plugin's store keeps, or
        that is somebody else's than the agent's owner's.
        """
        target = self._access.target(principal, **whose(given))
        with self._reach.wordpress() as host:
            registry = self._registry(host)
            parts = self._injection.assemble(principal, target, content_of(given, "mode") or "chat")
            agent = self._agent(target.agent_id)
            places = self._paths.report(principal.blog_id, agent=agent, user_id=target.user_id).files
        files = []
        for part in parts:
            entry, place = registry.get(part.filename), places.get(part.filename)
            if part.source == "core" and entry is not None and place is not None:
                # The user's file is that of whoever asks, its path that of the agent's owner.
                own = part.layer != USER or principal.user_id in {0, target.user_id}
                # Outside the web root it would name a place of the server.
                shown = place.exists and own and not place.relative.startswith("/")
                files.append(
                    {
                        "filename": part.filename,
                        "layer": part.layer,
                        "path": place.relative if shown else "",
                        "priority": entry.priority,
                    }
                )
        return {"success": True, "files": files}

    def _agent(self, agent_id: int) -> Agent | None:
        return self._agents.get(agent_id) if agent_id else None
