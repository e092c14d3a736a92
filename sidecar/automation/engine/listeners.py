"""The product's own listeners on the engine's hooks."""

from __future__ import annotations

from typing import Any

from sidecar.automation import identifiers, log, registry
from sidecar.automation.engine import relay
from sidecar.automation.engine.abilities import RUN_FLOW, SCHEDULE_NEXT_STEP, Abilities
from sidecar.automation.engine.actors import Actors, limited
from sidecar.automation.engine.batches import CHUNK, Batches
from sidecar.automation.engine.completion import Completion
from sidecar.automation.jobs.departures import Departures
from sidecar.automation.jobs.health import FlowHealth
from sidecar.automation.logbook import Logbook
from sidecar.automation.repositories.processed_items import ProcessedItemsRepository
from sidecar.automation.steps.base import number
from sidecar.automation.values import Document
from sidecar.hooks import Bus


def subscribe(  # noqa: PLR0917  composed in one place
    bus: Bus,
    abilities: Abilities,
    actors: Actors,
    departures: Departures,
    completion: Completion,
    batches: Batches,
    items: ProcessedItemsRepository,
    logbook: Logbook,
    health: FlowHealth,
) -> None:
    """Commands to the engine are durable where a page fires them and immediate in the engine's own units."""

    def run_flow_now(
        flow_id: Any = 0, job_id: Any = None, initial_data: Any = None, capabilities: Any = None
    ) -> None:
        given: Document = {"flow_id": number(flow_id), "job_id": job_id}
        if isinstance(initial_data, dict):
            given["initial_data"] = initial_data
        abilities.run(limited(actors.here(), capabilities), RUN_FLOW, given)

    def batch_chunk(parent_job_id: Any = 0) -> None:
        batches.chunk(number(parent_job_id))

    def schedule_next_step(job_id: Any = 0, flow_step_id: Any = "", packets: Any = None) -> None:
        abilities.run(
            actors.here(),
            SCHEDULE_NEXT_STEP,
            {
                "job_id": number(job_id),
                "flow_step_id": str(flow_step_id),
                "data_packets": packets if isinstance(packets, list) else [],
            },
        )

    def fail_job(job_id: Any = 0, reason: Any = "", context: Any = None) -> None:
        completion.fail(number(job_id), str(reason), context if isinstance(context, dict) else {})

    def mark_item_processed(
        flow_step_id: Any = "", source_type: Any = "", item_identifier: Any = "", job_id: Any = 0
    ) -> None:
        if not flow_step_id or not source_type or item_identifier in ("", None):
            log.warning(
                "datamachine_mark_item_processed named no item",
                {"flow_step_id": flow_step_id, "source_type": source_type, "job_id": job_id},
            )
            return
        items.mark(str(flow_step_id), str(source_type), str(item_identifier), number(job_id))

    bus.add_action("datamachine_run_flow_now", relay.listener(run_flow_now), 10, 4, mode="queued")
    bus.add_action(CHUNK, relay.listener(batch_chunk), 10, 1, mode="queued")
    bus.add_action(
        "datamachine_schedule_next_step", relay.listener(schedule_next_step), 10, 3, mode="durable"
    )
    bus.add_action("datamachine_fail_job", relay.listener(fail_job), 10, 3, mode="durable")
    bus.add_action(
        "datamachine_mark_item_processed", relay.listener(mark_item_processed), 10, 4, mode="durable"
    )
    bus.add_action("datamachine_agent_deleted", departures.listen, 10, 2, mode="durable")
    bus.add_action("datamachine_job_complete", relay.listener(health.listen), 10, 2, mode="durable")
    bus.add_action("datamachine_job_complete", relay.listener(batches.child_ended), 20, 2, mode="durable")
    bus.add_action("datamachine_log", logbook.listen, 10, 3)
    bus.add_filter("datamachine_generate_flow_step_id", _generate, 10, 3)
    bus.add_filter("datamachine_split_flow_step_id", _split_flow_step, 10, 2)
    bus.add_filter("datamachine_split_pipeline_step_id", _split_pipeline_step, 10, 2)


def step_types_answer() -> Document:
    """The result of ``datamachine/get-step-types``."""
    types = registry.known_step_types()
    return {"success": True, "step_types": types, "count": len(types)}


def _generate(value: Any, pipeline_step_id: Any = "", flow_id: Any = "") -> Any:
    if not pipeline_step_id or flow_id in ("", None):
        return value
    return identifiers.flow_step_id(str(pipeline_step_id), str(flow_id))


def _split_flow_step(value: Any, flow_step_id: Any = "") -> Any:
    found = identifiers.split_flow_step_id(str(flow_step_id))
    return value if found is None else found._asdict()


def _split_pipeline_step(value: Any, pipeline_step_id: Any = "") -> Any:
    found = identifiers.split_pipeline_step_id(str(pipeline_step_id))
    return value if found is None else {**found._asdict(), "pipeline_id": str(found.pipeline_id)}
