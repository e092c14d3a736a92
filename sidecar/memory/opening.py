"""Finding the store of a memory file: the seam every surface goes through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from sidecar import blog, hooks
from sidecar.bridge import Handle, PhpObject
from sidecar.hooks import dispatch
from sidecar.host import HostPool, LazyUnit, UnitHost, lazily
from sidecar.host import context as host_context
from sidecar.host.context import WordPressHost
from sidecar.memory import places, plugin_store
from sidecar.memory.host_store import HostStore
from sidecar.memory.seam import SeamAnswers
from sidecar.memory.store import Store
from sidecar.memory.values import Scope
from sidecar.memory.whose import OneAddress, Whose
from sidecar.settings import Site

FILTER = "agents_api_memory_store"
#: What follows a change of a memory file.
EVENTS = ("datamachine_agent_memory_updated", "datamachine_agent_memory_deleted")
#: PHP's class of a scope, rebuilt there from its properties.
SCOPE_CLASS = "AgentsAPI\\Core\\FilesRepository\\AgentMemoryScope"


class Opened(msgspec.Struct, frozen=True):
    """One file of one scope, with the store that keeps it."""

    scope: Scope
    store: Store
    #: The scope as PHP's ``AgentMemoryScope``, for the hooks.
    reference: PhpObject
    facts: places.SiteFacts


class Opener:
    """Asks the filter ``agents_api_memory_store`` in PHP, once a scope; null means our files on disk.

    Where a request has needed no WordPress yet, and nobody in it would hear the filter, it goes on without.
    """

    def __init__(
        self,
        site: Site,
        hosts: HostPool,
        disk: Callable[[places.SiteFacts], Store],
        default_user: Callable[[int], int],
        plugins: Callable[[int], str],
        *,
        answers: SeamAnswers | None = None,
        whose: Whose | None = None,
    ) -> None:
        self._site = site
        self._hosts = hosts
        self._disk = disk
        self._default_user = default_user
        #: What is active on a blog: an answer is good for that only.
        self._plugins = plugins
        #: Under which scope plugins' stores have a file; None hands them the one that was asked for.
        self._whose = whose
        self._answers = SeamAnswers() if answers is None else answers

    @contextmanager
    def host(self, blog_id: int | None) -> Iterator[WordPressHost]:
        """The WordPress process of this call, else one for the block."""
        current = host_context.current()
        here = blog_id is None or blog.current() == blog_id
        if current is not None and here:
            yield current
        elif here:
            with lazily(lambda: self._hosts.unit(blog_id=blog.current()), "cron") as unit:
                yield unit
        else:
            with self._hosts.unit(blog_id=blog_id) as unit:
                yield unit

    def facts(self, host: WordPressHost, blog_id: int | None = None) -> places.SiteFacts:
        """What the blog's WordPress says of its folders and registered files."""
        here = blog_id in {None, blog.current()}
        known = self._without_asking(host) if here else None
        if known is not None:
            return known
        answer = host.call("memory.site", {} if blog_id is None else {"blog_id": blog_id})
        facts = places.facts(answer, self._site)
        if here:
            self._learn(host, facts)
        return facts

    def open(self, host: WordPressHost, user_id: int, agent_id: int, filename: str, layer: str) -> Opened:
        """The store and the complete scope of a file; '' and 0 mean the default."""
        known = self._without_asking(host)
        if known is not None and not known.store_filtered and not hooks.bus().has_filter(FILTER):
            return self._alone(known, user_id, agent_id, filename, layer)
        answer = host.call(
            "memory.open", {"user_id": user_id, "agent_id": agent_id, "filename": filename, "layer": layer}
        )
        facts = places.facts(answer["site"], self._site)
        self._learn(host, facts)
        reference, store = answer["scope"], answer["store"]
        assert isinstance(reference, PhpObject), "PHP sends its scope as an object"
        return Opened(
            scope=msgspec.convert(reference.properties, Scope),
            store=self._keeper(host, store, facts),
            reference=reference,
            facts=facts,
        )

    def _alone(
        self, facts: places.SiteFacts, user_id: int, agent_id: int, filename: str, layer: str
    ) -> Opened:
        """As PHP would complete the scope, and what it would answer."""
        # The registry's names have no slashes: PHP drops them before it looks.
        if not layer or filename in facts.convention_paths:
            layer = facts.registry.layer_of(filename.replace("/", ""))
        scope = Scope(layer, user_id or self._default_user(facts.blog_id), agent_id, filename)
        return Opened(scope, self._disk(facts), PhpObject(SCOPE_CLASS, scope.params()), facts)

    def _keeper(self, host: WordPressHost, store: Any, facts: places.SiteFacts) -> Store:
        """PHP's own object, a Python plugin's, or for None our files on disk."""
        if store is None:
            return self._disk(facts)
        plugins = HostStore(host, store) if isinstance(store, Handle) else plugin_store.recognise(store)
        if self._whose is None:
            return plugins
        whose = self._whose
        return OneAddress(plugins, lambda scope: whose.scope(scope, facts.blog_id))

    def _without_asking(self, host: WordPressHost) -> places.SiteFacts | None:
        """What is known, where a PHP process would have to be started to hear it."""
        if not isinstance(host, LazyUnit) or host.opened:
            return None
        blog_id = blog.current()
        active = ("active plugins", blog_id)
        if active not in host.memo:
            host.memo[active] = self._plugins(blog_id)
        return self._answers.known((host.context, blog_id, host.memo[active]))

    def _learn(self, host: WordPressHost, facts: places.SiteFacts) -> None:
        if not isinstance(host, LazyUnit | UnitHost):
            return
        place = (host.context, facts.blog_id, self._plugins(facts.blog_id))
        self._answers.learn(place, host.generation, facts)
        # Else the next request would start a process to learn that nobody hears of its change.
        unknown = [hook for hook in EVENTS if dispatch.listeners.known(host.context, hook) is None]
        if unknown:
            for hook, found in host.listeners(unknown).items():
                dispatch.listeners.learn(host.context, hook, host.generation, found.foreign)
