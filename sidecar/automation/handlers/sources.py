"""Who brings the items of a fetch step: our handlers, a Python plugin's, or a class of PHP."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sidecar import hooks
from sidecar.automation import registry
from sidecar.automation.engine.context import ExecutionContext
from sidecar.automation.errors import HandlerUnavailable
from sidecar.automation.handlers import php, plugins
from sidecar.automation.handlers.base import FetchHandler, collect
from sidecar.automation.handlers.php import PhpFetchHandler
from sidecar.automation.values import Packet
from sidecar.clock import Clock

Source = FetchHandler | PhpFetchHandler


class Sources:
    """Fetch handlers by slug."""

    def __init__(self, own: Iterable[FetchHandler], clock: Clock) -> None:
        self._own = {handler.slug: handler for handler in own}
        self._clock = clock

    def find(self, slug: str) -> Source:
        """The handler of a slug that is registered for fetching; HandlerUnavailable.

        Each is announced by ``datamachine_handler_registered``, as a handler's constructor does in PHP.
        """
        entries = registry.handlers("fetch")
        entry = entries.get(slug) or registry.handlers("event_import").get(slug)
        found: Source | None = None
        if entry is not None:
            found = self._own.get(slug) or plugins.fetch_handler(slug)
            if found is None:
                # Its constructor announces itself.
                found = php.find(slug, entry)
            else:
                hooks.do_action("datamachine_handler_registered", slug, "fetch")
        if found is None:
            raise HandlerUnavailable(f'The fetch handler "{slug}" is not available.')
        return found

    def packets(self, source: Source, config: Mapping[str, Any], context: ExecutionContext) -> list[Packet]:
        """Fetch, drop what is known, cut to ``max_items``, claim the rest: packets, newest first."""
        if isinstance(source, PhpFetchHandler):
            return source.packets(config, context)
        return collect(source, config, context, self._clock)
