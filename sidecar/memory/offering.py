"""Joins what stands on memory files with one process: daily memory, the list of files, abilities, tools."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sidecar.abilities import Registry
from sidecar.conversation.pending_actions import PendingActions
from sidecar.host.context import WordPressHost
from sidecar.identity import AgentsRepository
from sidecar.memory.abilities import MemoryAbilities
from sidecar.memory.abilities_daily import DailyAbilities
from sidecar.memory.abilities_files import FileAbilities
from sidecar.memory.abilities_prompt import PromptAbilities
from sidecar.memory.access import MemoryAccess
from sidecar.memory.daily import DailyMemory, DailyStorage
from sidecar.memory.daily_files import DailyFiles, DailyHandler
from sidecar.memory.daily_host import storage_of
from sidecar.memory.file_service import FilesService
from sidecar.memory.injection import Injection
from sidecar.memory.opening import Opener
from sidecar.memory.paths import MemoryPaths
from sidecar.memory.reach import Reach
from sidecar.memory.self_memory import SelfMemory
from sidecar.memory.service import MemoryService
from sidecar.memory.tools import MemoryTools
from sidecar.wordpress import Options

if TYPE_CHECKING:
    from sidecar.runtime import Runtime


def offer(runtime: Runtime, opener: Opener, memory: MemoryService) -> None:
    """Provide the services, answer ``memory.daily``, add the callbacks of the abilities."""
    access = runtime.get(MemoryAccess)

    def storage(host: WordPressHost, user_id: int, agent_id: int) -> DailyStorage:
        return storage_of(host, user_id, agent_id) or DailyFiles(memory, user_id, agent_id)

    def enabled() -> bool:
        settings = runtime.get(Options).get("datamachine_settings")
        value = settings.get("daily_memory_enabled") if isinstance(settings, Mapping) else None
        return value not in (None, False, 0, "0", "", "false")

    daily = DailyMemory(access, opener.host, storage, enabled, runtime.clock)
    runtime.provide(DailyMemory, daily)
    files = FilesService(memory, access, daily, opener.host, opener.facts)
    runtime.provide(FilesService, files)
    runtime.handlers["memory.daily"] = DailyHandler(
        lambda user_id, agent_id: DailyFiles(memory, user_id, agent_id)
    ).handle
    reach = Reach(memory, access, opener.host)
    self_memory = SelfMemory(reach, runtime.get(AgentsRepository), lambda: runtime.get(PendingActions))
    runtime.provide(SelfMemory, self_memory)
    of_memory, of_days = MemoryAbilities(reach, self_memory), DailyAbilities(daily)
    runtime.provide(MemoryTools, MemoryTools(of_memory, of_days))
    registry = runtime.get(Registry)
    of_prompts = PromptAbilities(
        reach,
        access,
        runtime.get(Injection),
        runtime.get(MemoryPaths),
        runtime.get(AgentsRepository),
        lambda host: opener.facts(host).registry,
    )
    for each in (of_memory, of_days, of_prompts, FileAbilities(lambda: files)):
        for name, callback in each.callbacks().items():
            registry.add(name, callback)
