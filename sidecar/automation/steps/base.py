"""What a step is given, and what it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from sidecar.automation.engine.engine_data import EngineData
from sidecar.automation.values import Document, Packet
from sidecar.db import php_json

#: Characters of a number that is read at all.
MOST_DIGITS = 40


class StepRun(msgspec.Struct, frozen=True):
    """One execution of one step."""

    job_id: int
    flow_step_id: str
    config: Document
    packets: list[Packet]
    engine: EngineData

    @property
    def step_type(self) -> str:
        return str(self.config.get("step_type", ""))

    @property
    def flow_id(self) -> int:
        return number(self.config.get("flow_id") or self.engine.job.get("flow_id"))

    @property
    def pipeline_id(self) -> int:
        return number(self.config.get("pipeline_id") or self.engine.job.get("pipeline_id"))

    def about(self, **extra: Any) -> dict[str, Any]:
        """Where we are, for the log."""
        flow = {"pipeline_id": self.pipeline_id, "flow_id": self.flow_id} if self.flow_id else {}
        return {
            "flow_step_id": self.flow_step_id,
            "step_type": self.step_type,
            "job_id": self.job_id,
            **flow,
            **extra,
        }


class Step(Protocol):
    """A step type. No packets, or one whose metadata says ``success: false``, means failure."""

    def execute(self, run: StepRun) -> list[Packet]: ...


#: Finds what runs a type of step by its slug and its registry entry; None when it does not know it.
Finder = Callable[[str, Mapping[str, Any]], Step | None]


class Steps(dict[str, Step]):
    """What runs each type of step, by its slug: the product's own, then those that plugins brought."""

    def __init__(self) -> None:
        super().__init__()
        self._finders: list[Finder] = []

    def look_in(self, finder: Finder) -> None:
        """Ask ``finder`` for types that are not the product's own."""
        self._finders.append(finder)

    def find(self, slug: str, definition: Mapping[str, Any]) -> Step | None:
        """What runs a type whose registry entry is ``definition``; None when nothing does."""
        own = self.get(slug)
        if own is not None:
            return own
        return next((step for finder in self._finders if (step := finder(slug, definition))), None)


def number(value: Any) -> int:
    """An id as a number, 0 when it is none (``direct``); of more than 64 bits the largest there is."""
    text = str(value) if isinstance(value, int | str) else ""
    if not text.isdecimal():
        return 0
    # Python refuses to read thousands of digits, and no column holds more than twenty.
    return min(int(text), php_json.INT_MAX) if len(text) <= MOST_DIGITS else php_json.INT_MAX


def handler_context(run: StepRun) -> Mapping[str, Any]:
    """What the filter for credentials is told about a flow step."""
    pipeline, flow, job = run.engine.place
    return {
        "flow_step_id": run.flow_step_id,
        "pipeline_id": pipeline,
        "flow_id": flow,
        "job_id": job,
        "runtime": True,
    }
