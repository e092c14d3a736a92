"""``POST /execute`` at both doors: flows and workflows, now, several times and later; what is refused."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from sidecar.automation import FlowsService, PipelinesService
from sidecar.automation.pipelines.deletion import PipelineDeletion
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.values import NewPipelineStep
from sidecar.identity import Principal
from tests.integration.doors.agents import Doors

OPERATOR = Principal.command_line()
BOTH = ("wordpress", "sidecar")
#: 2030-01-18T20:53:20+00:00
LATER = 1_895_000_000
WORKFLOW = {"steps": [{"type": "ai", "user_message": "Hello"}]}


@pytest.fixture(scope="module")
def flow(doors: Doors) -> Iterator[int]:
    """A flow of nobody."""
    steps = [NewPipelineStep("ai")]
    made = doors.runtime.get(PipelinesService).create(OPERATOR, "A executes", steps)
    yield doors.runtime.get(FlowsService).create(OPERATOR, made.pipeline_id, "A executed").flow_id
    doors.runtime.get(PipelineDeletion).delete(OPERATOR, made.pipeline_id)


@pytest.fixture(autouse=True)
def nothing_is_left_to_do(doors: Doors) -> Iterator[None]:
    """No test of another module works off what these have started."""
    yield
    tables = doors.runtime.db.tables()
    with doors.runtime.db.transaction() as session:
        ids = session.column(
            f"SELECT job_id FROM {tables.jobs} WHERE label = 'Chat Workflow' AND status = 'pending'"
        )
        for job_id in ids:
            session.execute(
                f"DELETE FROM {tables.actionscheduler_actions} WHERE status = 'pending'"
                f" AND (args LIKE '%\"job_id\":{int(job_id)},%' OR args LIKE '[{int(job_id)},%')"
            )


def row(doors: Doors, job_id: int) -> Any:
    return JobsRepository(doors.runtime.db).get(job_id)


def promised(doors: Doors, job_id: int) -> list[Any]:
    with doors.runtime.db.session() as session:
        effects = doors.runtime.db.tables().bridge_effects
        return session.column(
            f"SELECT effect_id FROM {effects} WHERE job_id = :job AND status = 'unbegun'", {"job": job_id}
        )


@pytest.mark.parametrize("door", BOTH)
def test_a_flow_runs_now_several_times_and_later(doors: Doors, flow: int, door: str) -> None:
    def ask(**body: Any) -> Any:
        reply = doors.ask(door, "POST", "/execute", "admin", body={"flow_id": flow, **body})
        assert reply.status == 200, reply.body
        return reply.json

    once = ask(initial_data={"mine": 1})
    job_id = once["data"].pop("job_id")
    assert once == {
        "success": True,
        "data": {"execution_type": "immediate", "execution_mode": "database", "flow_id": flow},
        "message": "Execution started",
    }
    assert '"mine":1' in row(doors, job_id).engine_data
    # Nobody will fail it for a starter that died: its first step is rung for, or the wish is stored.
    assert not promised(doors, job_id)
    twice = ask(count=2)["data"]
    assert (twice["count"], len(set(twice["job_ids"])), "job_id" in twice) == (2, 2, False)
    before = doors.runtime.get(FlowsService).get(OPERATOR, flow).flow.scheduling_config
    later = ask(timestamp=LATER)
    assert later == {
        "success": True,
        "data": {
            "execution_type": "delayed",
            "execution_mode": "database",
            "flow_id": flow,
            "scheduled_time": "2030-01-18T20:53:20+00:00",
        },
        "message": "Flow scheduled for delayed execution.",
    }
    assert doors.runtime.get(FlowsService).get(OPERATOR, flow).flow.scheduling_config == before
    assert ask(timestamp=int(time.time()) - 60)["data"]["execution_type"] == "immediate"


@pytest.mark.parametrize("door", BOTH)
def test_a_workflow_runs_now_later_or_as_a_trial(doors: Doors, door: str) -> None:
    def ask(**body: Any) -> Any:
        reply = doors.ask(door, "POST", "/execute", "admin", body={"workflow": WORKFLOW, **body})
        assert reply.status == 200, reply.body
        return reply.json

    now = ask(initial_data={"foo": "bar", "user_id": 99, "job": {"user_id": 99}})
    job = row(doors, now["data"].pop("job_id"))
    assert now == {
        "success": True,
        "data": {"execution_type": "immediate", "execution_mode": "direct", "step_count": 1},
        "message": "Ephemeral workflow execution started",
    }
    assert (job.source, job.label, job.flow_id, job.pipeline_id) == (
        "chat",
        "Chat Workflow",
        "direct",
        "direct",
    )
    assert job.user_id == doors.people["admin"].id
    assert '"foo":"bar"' in job.engine_data
    assert '"prompt":"Hello"' in job.engine_data
    assert ":99" not in job.engine_data
    trial = ask(dry_run=True)
    assert trial["data"]["dry_run"] is True
    assert trial["message"].startswith("Ephemeral workflow dry-run started.")
    assert '"dry_run_mode":true' in row(doors, trial["data"]["job_id"]).engine_data
    later = ask(timestamp=LATER)
    assert later["data"] | {"job_id": 0} == {
        "execution_type": "delayed",
        "execution_mode": "direct",
        "job_id": 0,
        "step_count": 1,
        "timestamp": LATER,
        "scheduled_time": "2030-01-18T20:53:20+00:00",
    }
    assert later["message"].startswith("Ephemeral workflow scheduled for one-time execution at Jan 18, 2030")


def test_what_is_refused_is_refused_alike(doors: Doors, flow: int) -> None:
    def refused(body: Any, who: str | None = "admin") -> tuple[int, str]:
        return doors.same("POST", "/execute", who, body=body).refusal[:2]

    assert refused({}) == (400, "missing_input")
    assert refused({"flow_id": flow, "workflow": WORKFLOW}) == (400, "invalid_input")
    assert refused({"flow_id": flow, "dry_run": True}) == (400, "invalid_input")
    assert refused({"flow_id": 999_999}) == (404, "execute_failed")
    assert refused({"flow_id": flow, "count": 11}) == (400, "execute_failed")
    assert refused({"flow_id": flow, "count": 2, "timestamp": LATER}) == (400, "execute_failed")
    assert refused({"workflow": {"steps": []}}) == (400, "execute_failed")
    assert refused({"workflow": {"steps": [{"type": "nope"}]}}) == (400, "execute_failed")
    assert refused({"workflow": WORKFLOW, "count": 2}) == (400, "execute_failed")
    assert refused({"workflow": WORKFLOW, "initial_data": {"agent_slug": "no-such-agent"}})[0] == 404
    assert refused({"workflow": WORKFLOW, "initial_data": {"parent_job_id": 999_999}}) == (
        404,
        "execute_failed",
    )
    assert refused({"workflow": WORKFLOW}, None) == (401, "rest_forbidden")
