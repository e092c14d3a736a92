"""Joins composed files and scaffolding with one process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sidecar import blog
from sidecar.abilities import Registry
from sidecar.bridge import Call
from sidecar.errors import InvalidInput, Unavailable
from sidecar.hooks import outbox
from sidecar.identity import AgentsRepository, Owners, Principal
from sidecar.memory import abilities_scaffold
from sidecar.memory.access import MemoryAccess
from sidecar.memory.composition import CompositionService
from sidecar.memory.layout import Layout
from sidecar.memory.opening import Opener
from sidecar.memory.places import SiteFacts
from sidecar.memory.scaffolding import Scaffolder
from sidecar.wordpress import Network

if TYPE_CHECKING:
    from sidecar.runtime import Runtime

#: Composed files are due: an event PHP writes down at the end of a request.
DUE = "datamachine_bridge_memory_due"
#: Stands in that event for the files a site starts with.
DEFAULTS = "defaults"


def scaffolder(runtime: Runtime, opener: Opener, layout: Callable[[SiteFacts], Layout]) -> Scaffolder:
    """What the directory of an agent is filled by."""
    made = Scaffolder(
        opener,
        layout,
        runtime.get(AgentsRepository),
        lambda: runtime.get(CompositionService),
        lambda blog_id: runtime.get(Owners).default(blog_id),
    )
    runtime.provide(Scaffolder, made)
    return made


def offer(runtime: Runtime, opener: Opener, layout: Callable[[SiteFacts], Layout]) -> None:
    """Provide composition; answer ``memory.compose`` and ``memory.defaults``; listen for what is due."""
    access = runtime.get(MemoryAccess)
    service = CompositionService(
        runtime.hosts, opener, access, layout, multisite=lambda: runtime.get(Network).multisite
    )
    runtime.provide(CompositionService, service)

    def compose(call: Call) -> list[dict[str, Any]]:
        """``memory.compose {filename, context}``: WordPress's own code asks, which may do everything."""
        filename, context = call.params.get("filename"), call.params.get("context")
        if not (filename is None or isinstance(filename, str)):
            raise InvalidInput("memory.compose takes a filename or null.")
        principal = Principal.system(blog_id=call.context.blog_id)
        told = context if isinstance(context, Mapping) else {}
        done = service.compose(principal, filename, blog_id=call.context.blog_id, context=told)
        return [
            {"filename": each.filename, "success": each.success, "message": each.message}
            | ({"filepath": each.filepath} if each.filepath else {})
            for each in done
        ]

    def due(names: Any = None) -> None:
        event = outbox.current_event()
        where = event.blog_id if event is not None else blog.current()
        files = [each for each in names if isinstance(each, str)] if isinstance(names, list) else []
        failed = runtime.get(Scaffolder).defaults(where) if DEFAULTS in files else []
        composed = [each for each in files if each != DEFAULTS]
        if composed:
            service.refresh(composed, blog_id=where)
        if failed:
            # The event comes again later.
            raise Unavailable(" ".join(failed), code="memory_not_scaffolded")

    runtime.handlers["memory.compose"] = compose
    runtime.handlers["memory.defaults"] = lambda call: (
        not runtime.get(Scaffolder).defaults(call.context.blog_id)
    )
    runtime.bus.add_action(DUE, due, 10, 1, mode="durable")
    abilities_scaffold.offer(
        runtime.get(Registry), access, runtime.get(AgentsRepository), opener, runtime.get(Scaffolder), service
    )
