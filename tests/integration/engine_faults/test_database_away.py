"""The database server goes away in the middle of each kind of write, and comes back."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest

from sidecar.automation import FlowsService
from sidecar.automation.queues.entries import PROMPTS
from sidecar.db import DatabaseUnavailable
from tests.integration.engine_faults.instants import Stage, Stop
from tests.integration.engine_faults.rig import CLI, Rig

#: What is written when the server dies; by the statement that is about to be sent.
WRITES = {
    "a chunk's children": r"INSERT INTO wp_datamachine_jobs",
    "the next chunk, or a step": r"INSERT INTO wp_actionscheduler_actions",
    "an end": r"UPDATE wp_datamachine_jobs SET status",
    "what a queue loses": r"UPDATE wp_datamachine_flows SET",
    "an item": r"processed_items",
}
#: The flow's job, its step's doorbell or the next instance, and the end of a doorbell.
SCHEDULE = (
    r"INSERT INTO wp_datamachine_jobs",
    r"INSERT INTO wp_actionscheduler_actions",
    r"UPDATE wp_actionscheduler_actions SET status = :status",
)


@pytest.mark.parametrize("at_commit", [False, True], ids=["statement", "commit"])
def test_whatever_was_being_written_is_written_once(rig: Rig, stage: Stage, at_commit: bool) -> None:
    """One flow for each kind of write; the server dies in each of them, and every worker with it."""
    for what, pattern in WRITES.items():
        mark = f"{what[:8]}{at_commit}".replace(" ", "").replace("'", "")
        flow = rig.flow(f"ok-{mark}1,ok-{mark}2,fail-{mark}3")
        step = rig.work_step(flow)
        rig.queues.set_mode(CLI, flow.flow_id, step, "drain")
        rig.queues.add(CLI, flow.flow_id, step, [f"{mark} {n}" for n in range(5)], validate=False)
        parent = rig.start(flow)
        script = Stop(pattern, lambda: rig.instance.db.stop(grace=0), at_commit=at_commit)
        with pytest.raises(DatabaseUnavailable), stage.playing(script):
            rig.work()
        assert script.happened, what
        rig.instance.db.start()
        rig.settle(partial(rig.under_way, [flow.flow_id]))
        jobs = rig.jobs([flow.flow_id])
        assert Counter(str(job["status"]) for job in jobs.values()) == {
            "completed": 3,
            "failed - step_exception": 1,
        }, what
        assert jobs[parent]["status"] == "completed"
        for job_id, job in jobs.items():
            assert set(rig.told[job_id]) == {job["status"]}, what
            assert len(rig.done(job_id)) == (2 if job["status"] == "completed" and job_id != parent else 0)
        held = rig.queues.show(CLI, flow.flow_id, step, PROMPTS).entries
        taken = {str(row["prompt"]) for job in jobs for row in rig.done(job) if row["prompt"]}
        waiting = [str(one["prompt"]) for one in held]
        assert len(waiting) == len(set(waiting)) == 3, what
        assert set(waiting) | taken == {f"{mark} {n}" for n in range(5)}, what
        claimed = "SELECT * FROM wp_datamachine_processed_items WHERE status = 'claimed'"
        assert list(rig.rows(claimed)) == [], what


@pytest.mark.parametrize("at_commit", [False, True], ids=["statement", "commit"])
def test_a_schedule_goes_on_with_one_row(rig: Rig, stage: Stage, at_commit: bool) -> None:
    flow = rig.flow("", steps=1)
    rig.built.get(FlowsService).update(CLI, flow.flow_id, scheduling={"interval": "hourly"})
    args = f"[{flow.flow_id}]"
    for runs, pattern in enumerate(SCHEDULE, 1):
        rig.do(
            "UPDATE wp_actionscheduler_actions SET scheduled_date_gmt = UTC_TIMESTAMP()"
            " WHERE status = 'pending' AND args = :args",
            args=args,
        )
        script = Stop(pattern, lambda: rig.instance.db.stop(grace=0), at_commit=at_commit)
        with pytest.raises(DatabaseUnavailable), stage.playing(script):
            rig.work()
        rig.instance.db.start()
        rig.revive()
        rig.work()
        pending = rig.rows(
            "SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), scheduled_date_gmt) AS seconds"
            " FROM wp_actionscheduler_actions WHERE status = 'pending' AND args = :args",
            args=args,
        )
        assert len(pending) == 1
        assert 0 < pending[0]["seconds"] <= 3600
        jobs = rig.jobs([flow.flow_id]).values()
        assert [job["status"] for job in jobs] == ["completed_no_items"] * runs
    rig.flows.deletion.delete(CLI, flow.flow_id)
