"""Finding the store of a memory file: the seam every surface goes through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from sidecar import blog
from sidecar.bridge import Handle
from sidecar.host import HostPool
from sidecar.host import context as host_context
from sidecar.host.context import WordPressHost
from sidecar.memory import places, plugin_store
from sidecar.memory.host_store import HostStore
from sidecar.memory.store import Store
from sidecar.memory.values import Scope
from sidecar.settings import Site


class Opened(msgspec.Struct, frozen=True):
    """One file of one scope, with the store that keeps it and PHP's own objects for both."""

    scope: Scope
    store: Store
    #: PHP's ``AgentMemoryScope``, for the hooks.
    reference: Handle
    facts: places.SiteFacts


class Opener:
    """Asks the filter ``agents_api_memory_store`` in PHP, once a scope; null means our files on disk."""

    def __init__(self, site: Site, hosts: HostPool, disk: Callable[[places.SiteFacts], Store]) -> None:
        self._site = site
        self._hosts = hosts
        self._disk = disk

    @contextmanager
    def host(self, blog_id: int | None) -> Iterator[WordPressHost]:
        """The WordPress process of this call, else one for the block."""
        current = host_context.current()
        if current is not None and (blog_id is None or blog.current() == blog_id):
            yield current
            return
        with self._hosts.unit(blog_id=blog_id or blog.current()) as unit:
            yield unit

    def open(self, host: WordPressHost, user_id: int, agent_id: int, filename: str, layer: str) -> Opened:
        """The store and the complete scope of a file; '' and 0 mean the default."""
        answer = host.call(
            "memory.open", {"user_id": user_id, "agent_id": agent_id, "filename": filename, "layer": layer}
        )
        facts = places.facts(answer["site"], self._site)
        reference, store = answer["scope"], answer["store"]
        assert isinstance(reference, Handle), "PHP sends its scope as an object"
        return Opened(
            scope=msgspec.convert(reference.properties, Scope),
            store=self._keeper(host, store, facts),
            reference=reference,
            facts=facts,
        )

    def _keeper(self, host: WordPressHost, store: Any, facts: places.SiteFacts) -> Store:
        """PHP's own object, a Python plugin's, or for None our files on disk."""
        if store is None:
            return self._disk(facts)
        return HostStore(host, store) if isinstance(store, Handle) else plugin_store.recognise(store)
