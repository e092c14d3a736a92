"""What travels between the repositories, the services and the doors."""

from __future__ import annotations

from typing import Any, Literal, TypeGuard

import msgspec

#: A PHP map as it lies in a JSON column; an empty one is stored as ``[]``.
Document = dict[str, Any]
#: A packet: ``{type, timestamp, data: {title, body, file_info?}, metadata}``.
Packet = dict[str, Any]


class Pipeline(msgspec.Struct, frozen=True):
    """A row of ``datamachine_pipelines``; times are UTC texts."""

    pipeline_id: int
    user_id: int
    agent_id: int | None
    pipeline_name: str
    portable_slug: str | None
    pipeline_config: Document
    created_at: str
    updated_at: str

    def steps(self) -> list[Document]:
        """The steps in their order; entries that are no steps (``memory_files``) are left out."""
        return ordered(self.pipeline_config)

    def row(self) -> Document:
        """As PHP's repository gives it: columns as texts or null, the configuration decoded."""
        return {
            "pipeline_id": str(self.pipeline_id),
            "user_id": str(self.user_id),
            "agent_id": None if self.agent_id is None else str(self.agent_id),
            "pipeline_name": self.pipeline_name,
            "portable_slug": self.portable_slug,
            "pipeline_config": self.pipeline_config,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        }


class Flow(msgspec.Struct, frozen=True):
    """A row of ``datamachine_flows``."""

    flow_id: int
    pipeline_id: int
    user_id: int
    agent_id: int | None
    flow_name: str
    portable_slug: str | None
    flow_config: Document
    scheduling_config: Document

    @property
    def enabled(self) -> bool:
        """A flow runs unless its schedule says ``enabled: false``."""
        return self.scheduling_config.get("enabled") is not False

    def steps(self) -> list[Document]:
        """The steps in their order."""
        return ordered(self.flow_config)

    def row(self) -> Document:
        """As PHP's repository gives it: columns as texts or null, the configurations decoded."""
        return {
            "flow_id": str(self.flow_id),
            "pipeline_id": str(self.pipeline_id),
            "user_id": str(self.user_id),
            "agent_id": None if self.agent_id is None else str(self.agent_id),
            "flow_name": self.flow_name,
            "portable_slug": self.portable_slug,
            "flow_config": self.flow_config,
            "scheduling_config": self.scheduling_config,
        }


class Belonging(msgspec.Struct, frozen=True):
    """Whose a row is: its agent, None or 0 for none, and the user it was made by."""

    agent_id: int | None
    user_id: int
    #: Capabilities that a job's steps may use at most: those of the limited token that started it.
    limit: frozenset[str] | None = None


class Job(msgspec.Struct, frozen=True):
    """A row of ``datamachine_jobs``. ``engine_data`` is the column's text, or None."""

    job_id: int
    user_id: int
    pipeline_id: str | None
    flow_id: str | None
    source: str
    label: str | None
    parent_job_id: int | None
    status: str
    engine_data: str | None
    created_at: str
    completed_at: str | None
    agent_id: int | None
    task_type: str | None
    #: Filled by listings: names of what the ids stand for, and how many children the job has.
    pipeline_name: str | None = None
    flow_name: str | None = None
    child_count: int = 0

    def row(self) -> dict[str, str | None]:
        """The thirteen columns as ``$wpdb`` returns them: every value a text or null."""
        values = msgspec.structs.astuple(self)[:13]
        return {
            name: None if value is None else str(value)
            for name, value in zip(self.__struct_fields__, values, strict=False)
        }


class NewJob(msgspec.Struct, frozen=True):
    """What a job begins with; the database fills ``created_at``.

    Pipeline and flow are decimal ids, both ``direct`` (an ephemeral workflow), or both None.
    """

    pipeline_id: str | None
    flow_id: str | None
    source: str = "pipeline"
    label: str | None = None
    user_id: int = 0
    agent_id: int | None = None
    #: Capabilities that its steps may use at most; None: all that its agent's owner has.
    limit: frozenset[str] | None = None
    #: Its children's limit is never wider than its own.
    parent_job_id: int | None = None
    task_type: str | None = None


class StepConfig(msgspec.Struct, frozen=True):
    """How a caller configures one step of a new flow."""

    handler_slug: str = ""
    handler_config: Document = msgspec.field(default_factory=dict)
    user_message: str = ""


class NewPipelineStep(msgspec.Struct, frozen=True):
    """A step of a new pipeline. ``label`` defaults to the step type's label."""

    step_type: str
    label: str = ""
    system_prompt: str = ""
    disabled_tools: list[str] = msgspec.field(default_factory=list)
    tool_categories: list[str] = msgspec.field(default_factory=list)


Outcome = Literal[
    "inline_continuation",
    "batch_scheduled",
    "retry_scheduled",
    "completed",
    "completed_override",
    "completed_no_items",
    "failed",
    "waiting",
]


def is_step(value: Any) -> TypeGuard[Document]:
    """Whether an entry of a pipeline's or flow's map is a step; ``memory_files`` and others are none."""
    return isinstance(value, dict) and "step_type" in value


def ordered(config: Document) -> list[Document]:
    """The steps of a config map by ``execution_order``; what is not a step is skipped."""
    steps = [step for step in config.values() if is_step(step)]
    return sorted(steps, key=place)


def place(step: Document) -> int:
    """Where a step stands; 0 where an older row has no number: it cannot run, but be repaired."""
    try:
        return int(step.get("execution_order", 0))
    except (TypeError, ValueError, OverflowError):
        return 0


def document(value: Any) -> Document:
    """A decoded JSON column: ``[]``, null and anything that is no map is the empty map."""
    return value if isinstance(value, dict) else {}
