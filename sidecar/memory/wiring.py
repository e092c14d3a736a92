"""Joins memory with the rest of one process."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sidecar.db import wpconfig
from sidecar.host import context as host_context
from sidecar.identity import AgentPlaces, AgentsRepository, Owners, Permissions
from sidecar.memory import composing, files, offering, places, scaffold
from sidecar.memory.access import MemoryAccess
from sidecar.memory.changes import MemoryChanges
from sidecar.memory.daily import DailyMemory
from sidecar.memory.directories import Directories
from sidecar.memory.disk import DiskStore
from sidecar.memory.generators import FILTER, Generators
from sidecar.memory.handlers import FacadeHandler, StoreHandlers
from sidecar.memory.injection import Injection
from sidecar.memory.layout import Layout, Places
from sidecar.memory.legacy import LegacyContexts
from sidecar.memory.locks import Locks
from sidecar.memory.opening import Opener
from sidecar.memory.paths import MemoryPaths
from sidecar.memory.plugin_store import PluginStoreHandler
from sidecar.memory.protection import Protection
from sidecar.memory.seam import ActivePlugins
from sidecar.memory.service import MemoryService
from sidecar.memory.whose import Whose
from sidecar.wordpress import Network, Options, Uploads, UsersRepository

if TYPE_CHECKING:
    from sidecar.runtime import Runtime


def wire(runtime: Runtime) -> None:
    """Build the services, answer ``memory.*`` and subscribe our generators."""
    site = runtime.site
    owner = files.Owner(site.site_uid, site.site_gid) if os.geteuid() == 0 else None
    locks = Locks(Path(site.run_dir) / "locks")
    directories = Directories(runtime.db)

    def layout(where: Places, convention_paths: dict[str, str] | None = None) -> Layout:
        return Layout(
            where,
            runtime.get(AgentsRepository),
            runtime.get(UsersRepository),
            runtime.get(Owners),
            convention_paths,
            name=directories.name,
        )

    def disk(facts: places.SiteFacts) -> DiskStore:
        return DiskStore(layout(facts.places, facts.convention_paths), locks, owner)

    opener = Opener(
        site,
        runtime.hosts,
        disk,
        lambda blog_id: runtime.get(Owners).default(blog_id),
        ActivePlugins(lambda: runtime.get(Options), lambda: runtime.get(Network), site.wp_path),
        whose=Whose(
            lambda: runtime.get(AgentsRepository), lambda blog_id: runtime.get(Owners).default(blog_id)
        ),
    )

    def site_facts(blog_id: int | None) -> places.SiteFacts:
        with opener.host(None) as host:
            return opener.facts(host, blog_id)

    @cache
    def uploads() -> Uploads:
        return Uploads(wpconfig.read(site.wp_path, php=site.php), runtime.get(Options))

    def where(blog_id: int) -> Places:
        """For looking only: without WordPress at hand its constants and options say where uploads are."""
        if host_context.current() is not None:
            return site_facts(blog_id).places
        found = uploads()
        return Places(
            found.base_dir(blog_id),
            found.base_dir(),
            site.wp_path.rstrip("/"),
            blog_id,
            found.files_base(blog_id),
            found.files_base(),
        )

    def layout_of(facts: places.SiteFacts) -> Layout:
        return layout(facts.places, facts.convention_paths)

    scaffolder = composing.scaffolder(runtime, opener, layout_of)
    agent_files = scaffold.AgentFiles(
        site_facts,
        where,
        layout,
        owner,
        opener=opener,
        scaffolder=scaffolder,
        locks=locks,
        blogs=lambda: [each.blog_id for each in runtime.get(Network).blogs()],
        memory=lambda: runtime.get(MemoryService),
    )
    runtime.provide(AgentPlaces, agent_files)  # type: ignore[type-abstract]
    runtime.provide(
        MemoryPaths,
        MemoryPaths(
            site_facts,
            lambda facts: layout(facts.places, facts.convention_paths),
            lambda blog_id: runtime.get(Owners).default(blog_id),
        ),
    )
    runtime.provide(Opener, opener)
    runtime.provide(MemoryChanges, MemoryChanges(opener, runtime.hosts, layout))
    service = MemoryService(opener, scaffolder.seed)
    runtime.provide(MemoryService, service)
    runtime.provide(
        MemoryAccess,
        MemoryAccess(
            runtime.get(AgentsRepository),
            runtime.get(UsersRepository),
            lambda: runtime.get(Permissions),
            lambda blog_id: runtime.get(Owners).default(blog_id),
        ),
    )
    runtime.provide(
        Injection,
        Injection(
            opener,
            site_facts,
            service,
            runtime.get(MemoryAccess),
            agents=runtime.get(AgentsRepository),
            daily=lambda: runtime.get(DailyMemory),
            clock=runtime.clock,
        ),
    )
    runtime.provide(LegacyContexts, LegacyContexts(site_facts, lambda: runtime.get(Permissions)))

    runtime.handlers.update(StoreHandlers(site, disk).handlers())
    runtime.handlers["memory.protect"] = Protection(site, owner).handle
    runtime.handlers["memory.plugin_store"] = PluginStoreHandler().handle
    runtime.handlers["memory.facade"] = FacadeHandler(service).handle
    offering.offer(runtime, opener, service)
    composing.offer(runtime, opener, layout_of)

    generators = Generators(site_facts, runtime.get(AgentsRepository), runtime.clock)
    runtime.bus.add_filter(FILTER, generators.content, 10, 3)
