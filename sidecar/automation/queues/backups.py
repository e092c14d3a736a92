"""What a job has taken from the queues of its flow, as its engine data tells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from sidecar.automation.queues.entries import KEYS, PATCHES, PROMPTS
from sidecar.automation.values import Document

if TYPE_CHECKING:
    from sidecar.automation.engine.engine_data import EngineData

#: Keys of engine data. The second is ours: the first holds what was taken last.
PROMPT_BACKUP, PATCH_BACKUP = "queued_prompt_backup", "queued_patch_backup"


class Backup(NamedTuple):
    """An entry that was removed from the queue of a step."""

    slot: str
    flow_step_id: str
    entry: Document


def removed(engine: EngineData) -> Iterator[Backup]:
    """What a drained queue lost to the job; what was rotated or only read was never gone."""
    last = engine.map(PROMPT_BACKUP)
    patch = engine.map(PATCH_BACKUP) or (last if last.get("slot") == PATCHES else {})
    for slot, kind, backup in ((PROMPTS, str, last), (PATCHES, dict, patch)):
        value = backup.get(KEYS[slot])
        if backup.get("mode") == "drain" and isinstance(value, kind) and value:
            entry = {KEYS[slot]: value, "added_at": backup.get("added_at", "")}
            yield Backup(slot, str(backup.get("flow_step_id", "")), entry)
