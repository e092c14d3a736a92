"""The queues of a flow step: prompts for AI steps, config patches for fetch steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from sidecar.automation.queues import entries
from sidecar.automation.queues.entries import MODES, PATCHES, PROMPTS
from sidecar.automation.repositories.pipelines import config_of
from sidecar.automation.repositories.writing import first_time, once, write
from sidecar.automation.values import Document
from sidecar.db import Database, Session, php_json

__all__ = ["MODES", "PATCHES", "PROMPTS", "PromptQueues", "Taken", "merge_patch"]


#: Writes an entry down that was taken.
Remember = Callable[[Session, Document], object]


class Taken(msgspec.Struct, frozen=True):
    """An entry for this run. ``entry`` is None when the queue is empty."""

    mode: str
    slot: str
    entry: Document | None

    @property
    def exhausted(self) -> bool:
        """A queue that is used up ends the run; an empty static one does not."""
        return self.entry is None and self.mode != "static"


class PromptQueues:
    """Takes entries from the live flow. The mode is the one of the job's snapshot.

    A step that begins again takes the same entry again.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def take(
        self, flow_id: int, step: Mapping[str, Any], slot: str, remember: Remember | None = None
    ) -> Taken:
        """Peek (static), remove (drain) or rotate (loop); ``remember`` is called in the transaction that
        removes or rotates, so that whoever ends the job then knows what to give back.

        A job without a stored flow has its queue in ``step`` itself, which nobody else takes from: it gets
        the first entry whatever the mode.
        """
        mode = entries.mode(step)
        step_id = str(step.get("flow_step_id", ""))
        if flow_id <= 0:
            return Taken(mode, slot, next(iter(entries.entries(step, slot)), None))
        if mode == "static":
            return Taken(mode, slot, self._first(flow_id, step_id, slot))
        return Taken(
            mode,
            slot,
            once(
                self._db,
                f"queue:{slot}",
                lambda session: self._consume(session, flow_id, step_id, slot, mode, remember),
            ),
        )

    def give_back(self, job_id: int, flow_id: int, step_id: str, slot: str, entry: Document) -> bool:
        """Append an entry again, after a job that had taken it failed; whether it was appended.

        A job gives back once, whoever tells its end how often. Nothing happens to a step that is gone, or to
        a queue that is full.
        """
        with write(self._db) as session:
            config = self._locked(session, flow_id)
            step = config.get(step_id)
            if not isinstance(step, dict):
                return False
            held = entries.entries(step, slot)
            if len(held) >= entries.MOST or not first_time(session, self._db, job_id, f"give_back:{slot}"):
                return False
            step[slot] = [*held, entry]
            self._store(session, flow_id, config)
        return True

    def _first(self, flow_id: int, step_id: str, slot: str) -> Document | None:
        with self._db.session() as session:
            text = session.scalar(
                f"SELECT flow_config FROM {self._db.tables().flows} WHERE flow_id = :flow", {"flow": flow_id}
            )
        step = config_of(text).get(step_id)
        return next(iter(entries.entries(step, slot)), None) if isinstance(step, dict) else None

    def _consume(  # noqa: PLR0917  a queue, and what is done with it
        self,
        session: Session,
        flow_id: int,
        step_id: str,
        slot: str,
        mode: str,
        remember: Remember | None,
    ) -> Document | None:
        config = self._locked(session, flow_id)
        step = config.get(step_id)
        held = entries.entries(step, slot) if isinstance(step, dict) else []
        if not held or not isinstance(step, dict):
            return None
        first, rest = held[0], held[1:]
        step[slot] = [*rest, first] if mode == "loop" else rest
        step["_queue_consume_revision"] = int(step.get("_queue_consume_revision") or 0) + 1
        self._store(session, flow_id, config)
        if remember is not None:
            remember(session, first)
        return first

    def _locked(self, session: Session, flow_id: int) -> Document:
        text = session.scalar(
            f"SELECT flow_config FROM {self._db.tables().flows} WHERE flow_id = :flow FOR UPDATE",
            {"flow": flow_id},
        )
        return config_of(text)

    def _store(self, session: Session, flow_id: int, config: Document) -> None:
        session.update(self._db.tables().flows, {"flow_config": php_json.dumps(config)}, {"flow_id": flow_id})


def merge_patch(config: Mapping[str, Any], patch: Mapping[str, Any]) -> Document:
    """A patch over a handler's configuration: maps merge deeply, lists append, anything else overwrites.

    A value that is JSON text stays text: the patch merges into what it holds.
    """
    merged = dict(config)
    for key, value in patch.items():
        old = merged.get(key)
        if isinstance(old, str) and isinstance(value, Mapping):
            merged[key] = _merge_into_text(old, value)
        elif isinstance(old, list) and isinstance(value, list):
            merged[key] = [*old, *value]
        elif isinstance(old, Mapping) and isinstance(value, Mapping):
            merged[key] = merge_patch(old, value)
        else:
            merged[key] = value
    return merged


def _merge_into_text(text: str, patch: Mapping[str, Any]) -> Any:
    try:
        inside = php_json.loads(text)
    except php_json.NotJson:
        return dict(patch)
    return php_json.dumps(merge_patch(inside, patch)) if isinstance(inside, dict) else dict(patch)
