"""What agents remember: files by layer, in whatever store WordPress names."""

from __future__ import annotations

from sidecar.memory.access import MemoryAccess, Target
from sidecar.memory.composition import Composed, CompositionService, SectionInfo
from sidecar.memory.disk import DiskStore
from sidecar.memory.in_memory import InMemoryStore
from sidecar.memory.injection import Injection
from sidecar.memory.layout import Layout, Places
from sidecar.memory.legacy import LegacyContexts, LegacyFolder
from sidecar.memory.paths import AgentPaths, MemoryPaths
from sidecar.memory.service import MemoryFile, MemoryService, MemoryWriteFailed, Written
from sidecar.memory.store import Store
from sidecar.memory.values import ListEntry, ReadResult, Scope, WriteResult

__all__ = [
    "AgentPaths",
    "Composed",
    "CompositionService",
    "DiskStore",
    "InMemoryStore",
    "Injection",
    "Layout",
    "LegacyContexts",
    "LegacyFolder",
    "ListEntry",
    "MemoryAccess",
    "MemoryFile",
    "MemoryPaths",
    "MemoryService",
    "MemoryWriteFailed",
    "Places",
    "ReadResult",
    "Scope",
    "SectionInfo",
    "Store",
    "Target",
    "WriteResult",
    "Written",
]
