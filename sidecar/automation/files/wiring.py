"""Joins the files of pipelines and flows with one process: attached memory, uploads, and jobs' packets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.abilities import Registry
from sidecar.automation.files import abilities as flow_file_abilities
from sidecar.automation.files import facade as facade_files
from sidecar.automation.files.flow_files import FlowFiles
from sidecar.automation.files.flow_folders import FlowFolders
from sidecar.automation.files.memory_files import AttachedMemory, MemoryFiles
from sidecar.automation.repositories.attachments import Attachments
from sidecar.memory import Injection, MemoryService

if TYPE_CHECKING:
    from sidecar.automation.parts import Parts
    from sidecar.runtime import Runtime


def wire(runtime: Runtime, parts: Parts) -> None:
    """Provide the services, add attached files to prompts, offer the abilities, answer the PHP facade."""
    pipelines, flows, jobs = parts.pipelines, parts.flows, parts.jobs
    packets, access = parts.files, parts.access
    attachments, memory = Attachments(runtime.db), runtime.get(MemoryService)
    runtime.provide(MemoryFiles, MemoryFiles(attachments, pipelines, flows, access, runtime.hosts))
    attached = AttachedMemory(attachments, pipelines, flows, access, memory, runtime.hosts)
    attached.contribute(runtime.get(Injection))
    runtime.provide(AttachedMemory, attached)

    folders = FlowFolders(lambda: packets.root, owner=packets.owner)
    service = FlowFiles(flows, jobs, folders, packets, access, runtime.hosts, runtime.clock)
    runtime.provide(FlowFiles, service)
    for name, callback in flow_file_abilities.callbacks(service).items():
        runtime.get(Registry).add(name, callback)
    runtime.handlers.update(facade_files.handlers(folders, packets, service.at_work, runtime.clock))
