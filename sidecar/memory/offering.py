"""Joins what stands on top of memory files with one process: daily memory, the list of files, abilities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from sidecar.host.context import WordPressHost
from sidecar.memory.access import MemoryAccess
from sidecar.memory.daily import DailyMemory, DailyStorage
from sidecar.memory.daily_files import DailyFiles, DailyHandler
from sidecar.memory.daily_host import storage_of
from sidecar.memory.file_service import FilesService
from sidecar.memory.opening import Opener
from sidecar.memory.places import SiteFacts
from sidecar.memory.service import MemoryService
from sidecar.wordpress import Options

if TYPE_CHECKING:
    from sidecar.runtime import Runtime


def offer(
    runtime: Runtime, opener: Opener, memory: MemoryService, facts: Callable[[int | None], SiteFacts]
) -> None:
    """Provide the services; answer ``memory.daily``."""
    access = runtime.get(MemoryAccess)

    def storage(host: WordPressHost, user_id: int, agent_id: int) -> DailyStorage:
        return storage_of(host, user_id, agent_id) or DailyFiles(memory, user_id, agent_id)

    def enabled() -> bool:
        settings = runtime.get(Options).get("datamachine_settings")
        value = settings.get("daily_memory_enabled") if isinstance(settings, Mapping) else None
        return value not in (None, False, 0, "0", "", "false")

    daily = DailyMemory(access, opener.host, storage, enabled, runtime.clock)
    runtime.provide(DailyMemory, daily)
    runtime.provide(FilesService, FilesService(memory, access, daily, opener.host, facts))
    runtime.handlers["memory.daily"] = DailyHandler(
        lambda user_id, agent_id: DailyFiles(memory, user_id, agent_id)
    ).handle
