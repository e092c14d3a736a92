"""Why a job does not move, how a run is shown, and small rules about jobs."""

from __future__ import annotations

import json

import pytest

from sidecar.automation.engine.engine_data import EngineData
from sidecar.automation.jobs import shown, watching
from sidecar.automation.jobs.cancel import REASON, short
from sidecar.automation.jobs.deletion import duration
from sidecar.automation.jobs.health import run_of
from sidecar.automation.jobs.service import moment
from sidecar.automation.jobs.stuck import place
from sidecar.automation.repositories.job_reports import JobLease
from sidecar.automation.values import Job
from sidecar.errors import InvalidInput
from sidecar.queue import silencing
from sidecar.queue.overview import Overview, WorkerState
from sidecar.queue.silencing import Bell

WORKER = WorkerState(owner="here", silent=1.0, alive=True, busy=False)


def queue(*, mode="standalone", due=1, workers=(WORKER,)):
    return Overview(mode=mode, pending=due, due=due, in_progress=0, oldest_due=0, workers=list(workers))


def job(status="processing", **data):
    return Job(
        7,
        0,
        "1",
        "2",
        "pipeline",
        "x",
        None,
        status,
        json.dumps(data),
        "2026-01-01 00:00:00",
        None,
        None,
        None,
    )


def bell(seconds, *, in_progress=False):
    args = '{"job_id":7,"flow_step_id":"1_a_2"}'
    return Bell(1, 7, "datamachine_execute_step", args, "", seconds, in_progress)


running = JobLease("running", "1_a_2", live=True, silent=2.0)
silent = JobLease("running", "1_a_2", live=False, silent=95.0)
given_up = JobLease("failed", "1_a_2", error="it died 10 times")
ready = JobLease("ready", "1_a_2")
done = JobLease("done")
retrying = {"flow_step_id": "1_a_2", "attempt": 2, "max_attempts": 3, "last_error": "503"}
gate = {"status": "waiting", "created_at": "yesterday", "timeout_hours": 4, "flow_step_id": "1_g_2"}


@pytest.mark.parametrize(
    ("cause", "alive", "situation"),
    [
        ("running", True, (job(), running, [bell(0)], {}, queue())),
        ("dead_lease", True, (job(), silent, [], {}, queue())),
        ("retry", True, (job(retry=retrying), ready, [bell(90)], {}, queue())),
        ("due_later", True, (job(), ready, [bell(90)], {}, queue())),
        ("queued", True, (job(), ready, [bell(-5)], {}, queue())),
        ("starting", True, (job(), done, [bell(-5, in_progress=True)], {}, queue())),
        ("queue_backlog", True, (job(), ready, [bell(-500)], {}, queue(due=900))),
        ("no_worker", True, (job(), ready, [bell(-5)], {}, queue(workers=()))),
        ("queue_inactive", True, (job(), None, [bell(-5)], {}, queue(mode="inactive"))),
        ("gate", True, (job("waiting", webhook_gate=gate), done, [], {}, queue())),
        ("waiting", False, (job("waiting"), done, [], {}, queue())),
        ("children", True, (job(batch=True), done, [], {"processing": 1, "failed": 2}, queue())),
        ("children_ended", True, (job(batch=True), done, [], {"failed": 2}, queue())),
        ("given_up", False, (job(), given_up, [], {}, queue())),
        ("doorbell_lost", True, (job(), ready, [], {}, queue())),
        ("no_doorbell", False, (job(), done, [], {}, queue())),
        ("no_doorbell", False, (job(), None, [], {}, queue())),
    ],
)
def test_causes(cause, alive, situation):
    found = place(*situation)
    assert (found.cause, found.alive) == (cause, alive)
    assert found.why.endswith((".", "503", "times"))


def test_reasons_name_what_there_is_to_know():
    assert "95 s" in place(job(), silent, [], {}, queue()).why
    assert (
        "Attempt 2 of 3 begins in 90 s, after: 503"
        in place(job(retry=retrying), ready, [bell(90)], {}, queue()).why
    )
    assert "1 of its 3 children" in place(job(), done, [], {"pending": 1, "failed": 2}, queue()).why
    assert "2.5 h" in place(job(), ready, [bell(-9000)], {}, queue()).why


@pytest.mark.parametrize(
    ("args", "named"),
    [
        ('{"job_id":31,"flow_step_id":"4_x_5"}', 31),
        ('{"job_id":"31","flow_step_id":"4_x_5"}', 31),
        ('{"parent_job_id":31}', 31),
        ("[31]", 31),
        ('["31","4_x_5",[]]', 31),
        ("[]", 0),
        ('{"flow_step_id":"x"}', 0),
    ],
)
def test_the_job_of_a_doorbell(args, named):
    assert silencing.job_of(args) == named


STEPS = {
    f"1_{name}_2": {"flow_step_id": f"1_{name}_2", "step_type": kind, "execution_order": order}
    for order, (name, kind) in enumerate([("a", "fetch"), ("b", "ai"), ("c", "publish")])
}


@pytest.mark.parametrize(
    ("status", "at", "cause", "states"),
    [
        ("processing", "1_b_2", "running", ["done", "running", "next"]),
        ("processing", "1_a_2", "queued", ["due", "next", "next"]),
        ("processing", "", "no_doorbell", ["due", "next", "next"]),
        ("processing", "1_b_2", "children", ["done", "next", "next"]),
        ("waiting", "1_b_2", "gate", ["done", "waiting", "next"]),
        ("completed", "", "", ["done", "done", "done"]),
        ("failed - x", "1_b_2", "", ["done", "failed", "not run"]),
        ("cancelled", "1_a_2", "", ["cancelled", "not run", "not run"]),
        # Nothing tells where these ended: not a word of steps that are done.
        ("completed_no_items", "", "", []),
        ("agent_skipped - x", "", "", []),
        ("failed - manual", "", "", []),
    ],
)
def test_steps_of_a_run(status, at, cause, states):
    found = watching.step_views(EngineData({"flow_config": STEPS}, 7), status, at, cause)
    assert [step.state for step in found] == states


def test_secrets_are_not_shown():
    secret = {"flow_config": {"1_a_2": {"handler_config": {"api_key": "hunter2", "url": "u"}}}, "x": "kept"}
    assert "hunter2" not in shown.text(job(**secret))
    assert "hunter2" not in json.dumps(shown.document(job(**secret)))
    assert shown.document(job(**secret))["x"] == "kept"
    plain = job(note="a key to nothing")
    assert shown.text(plain) == plain.engine_data


def test_small_rules():
    assert run_of(["processing", "failed - a", "failed: b", "completed", "failed"], "failed") == 2
    assert run_of(["completed_no_items", "completed"], "completed_no_items") == 1
    assert (duration("30d"), duration("12 h"), duration("2w")) == (2_592_000, 43_200, 1_209_600)
    assert moment("2026-01-02") == "2026-01-02 00:00:00"
    assert moment("2026-01-02T03:00:00+02:00") == "2026-01-02 01:00:00"
    assert moment(None) is None
    assert short(" a \n b ") == "a b"
    assert len(short("x" * 999)) == REASON
    for wrong in (lambda: duration("0d"), lambda: duration("d"), lambda: moment("soon")):
        with pytest.raises(InvalidInput):
            wrong()
