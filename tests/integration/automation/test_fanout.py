"""Fan-out, retries by policy, late and repeated doorbells, ephemeral workflows: in a real WordPress."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from sidecar import queue
from sidecar.automation import FlowsService
from sidecar.automation.engine.abilities import RUN_FLOW, Abilities
from sidecar.automation.engine.batch_items import BatchItems
from sidecar.automation.engine.batches import CHUNK
from sidecar.automation.engine.workflows import Workflows
from sidecar.automation.jobs.abilities import JobRoom
from sidecar.automation.parts import Parts
from sidecar.automation.repositories.logs import LogsRepository
from sidecar.automation.values import NewJob
from sidecar.clock import SYSTEM
from sidecar.errors import InvalidInput
from sidecar.identity import Principal
from sidecar.identity.agents import AgentsRepository
from sidecar.queue.reconciler import Reconciler
from sidecar.queue.worker import Worker
from tests.trace import record

CLI = Principal.command_line()


@pytest.fixture(scope="module")
def engine(site_for_traces):
    recording, built = site_for_traces
    plugins = recording.instance.path / "wp-content" / "mu-plugins"
    shutil.copy(Path(__file__).with_name("php_runner.php"), plugins / "php_runner.php")
    tuned = {
        "default_provider": "mock",
        "default_model": "mock-1",
        "queue_tuning": {"chunk_size": 2, "chunk_delay": 0},
    }
    recording.instance.wp("option", "update", "datamachine_settings", json.dumps(tuned), "--format=json")
    built.hosts.close()
    return recording, built


@pytest.fixture
def mode(engine):
    def choose(name):
        engine[0].instance.wp("option", "update", "dm_test_mode", name)

    yield choose
    choose("-")


def start(built, change=lambda config: config):
    """A new flow fetch -> ai -> publish, begun; the flow and its job."""
    agent = built.get(AgentsRepository).all()[0]
    flow = record.success_flow(built, agent.agent_id)
    flow = built.get(Parts).flows.change(flow.flow_id, lambda config: change(config) or config)
    return flow, built.get(FlowsService).run(CLI, flow.flow_id).job_id


def takes(items):
    def change(config):
        for step in config.values():
            if step["step_type"] == "fetch":
                step["handler_config"]["max_items"] = items

    return change


def work(built, jobs=None):
    return Worker(built, max_jobs=jobs, once=True).work()


def ring(built, hook, args):
    with built.db.transaction() as session:
        return queue.enqueue(session, hook, args, SYSTEM.now())


def family(recording, job_id):
    """The parent and its children, oldest first."""
    rows = recording.all(
        "SELECT * FROM wp_datamachine_jobs WHERE job_id = :job OR parent_job_id = :job ORDER BY job_id",
        job=job_id,
    )
    return rows[0], rows[1:]


def data(row):
    return json.loads(row["engine_data"])


def posts(recording):
    return int(recording.all("SELECT COUNT(*) AS n FROM wp_posts WHERE post_title LIKE 'AI: %'")[0]["n"])


def test_five_items_become_five_jobs_in_chunks_however_often_it_is_rung(engine):
    recording, built = engine
    before = posts(recording)
    flow, job_id = start(built, takes(5))
    work(built, 1)
    parent, children = family(recording, job_id)
    assert (parent["status"], children) == ("processing", [])
    assert data(parent)["batch_total"] == 5
    for _ in range(3):
        ring(built, CHUNK, {"parent_job_id": job_id})
    # Somebody rings for the step once more: its packets are the children's already.
    ring(
        built, "datamachine_execute_step", {"job_id": job_id, "flow_step_id": flow.steps()[0]["flow_step_id"]}
    )
    work(built)
    parent, children = family(recording, job_id)
    assert [child["label"] for child in children] == [
        "Hello world!",
        "Source 1",
        "Source 2",
        "Source 3",
        "Source 4",
    ]
    assert [child["status"].split(" ")[0] for child in children] == [
        "completed",
        "completed",
        "agent_skipped",
        "failed",
        "completed",
    ]
    assert parent["status"] == "completed"
    carried = data(parent)
    assert carried["batch_results"] == {"completed": 3, "failed": 1, "skipped": 1, "total": 5}
    assert (carried["batch_scheduled"], carried["batch_offset"], "batch_state" in carried) == (5, 5, False)
    assert posts(recording) == before + 3
    items = recording.all(
        "SELECT status, job_id FROM wp_datamachine_processed_items WHERE flow_step_id = :step",
        step=flow.steps()[0]["flow_step_id"],
    )
    # The item of the failed child may be taken again.
    assert sorted(item["job_id"] for item in items if item["status"] == "processed") == sorted(
        child["job_id"] for child in children if not child["status"].startswith("failed")
    )
    assert len(items) == 4
    files = list((recording.instance.path / "wp-content/uploads/datamachine-files").rglob("jobs/job-*"))
    assert not [one for one in files if one.name == f"job-{job_id}"]
    assert {child["agent_id"] for child in children} == {parent["agent_id"]}


def test_a_parent_whose_end_was_not_heard_is_found(engine, monkeypatch):
    """Its packets were too many for its row."""
    recording, built = engine
    monkeypatch.setattr(BatchItems, "small", 100)
    _, job_id = start(built, takes(3))
    work(built, 1)
    state = data(family(recording, job_id)[0])["batch_state"]
    assert (state["items"], state["total"], state["extra"].keys()) == ([], 3, {"next_flow_step_id"})
    work(built)
    parent, children = family(recording, job_id)
    assert [child["label"] for child in children] == ["Source 2", "Source 3", "Source 4"]
    assert "batch_state" not in data(parent)
    with built.db.transaction() as session:
        session.execute(
            "UPDATE wp_datamachine_jobs SET status = 'processing', completed_at = NULL WHERE job_id = :job",
            {"job": job_id},
        )
        session.execute(
            "UPDATE wp_datamachine_bridge_leases SET updated_at = updated_at - INTERVAL 2 MINUTE"
            " WHERE job_id = :job",
            {"job": job_id},
        )
    # Whatever else of this site has waited for a minute rings as well.
    assert built.get(Reconciler).reconcile() >= 1
    work(built)
    assert family(recording, job_id)[0]["status"] == "completed"


def test_what_the_last_step_fetched_is_processed(engine):
    """No step after it hands an item on, and none stays claimed."""
    recording, built = engine

    def only_fetch(config):
        for step_id in [step_id for step_id, step in config.items() if step["step_type"] != "fetch"]:
            del config[step_id]
        takes(3)(config)

    flow, job_id = start(built, only_fetch)
    work(built)
    assert family(recording, job_id)[0]["status"] == "completed"
    items = recording.all(
        "SELECT status, job_id FROM wp_datamachine_processed_items WHERE flow_step_id = :step",
        step=flow.steps()[0]["flow_step_id"],
    )
    assert [(item["status"], item["job_id"]) for item in items] == [("processed", job_id)] * 3


def test_a_batch_whose_packets_are_gone_fails_and_says_so(engine, monkeypatch):
    recording, built = engine
    monkeypatch.setattr(BatchItems, "small", 100)
    _, job_id = start(built, takes(3))
    work(built, 1)
    for path in (recording.instance.path / "wp-content/uploads").rglob(f"job-{job_id}/batch-*.jsonl"):
        path.unlink()
    work(built)
    parent, children = family(recording, job_id)
    assert (parent["status"], children) == ("failed - batch_items_missing", [])


def test_children_that_all_fail_fail_their_parent(engine, mode):
    recording, built = engine
    mode("malformed")
    _, job_id = start(built, takes(2))
    work(built)
    parent, children = family(recording, job_id)
    assert [child["status"] for child in children] == ["failed - ai_processing_failed"] * 2
    assert parent["status"] == "failed - All 2 child jobs failed"


def tried(attempts):
    def change(config):
        for step in config.values():
            if step["step_type"] == "ai":
                step["retry_policy"] = {"max_attempts": attempts, "backoff": 0}

    return change


@pytest.mark.parametrize("failure", ["malformed", "throw"])
def test_a_failing_step_is_tried_again_and_keeps_what_it_had(engine, mode, failure):
    recording, built = engine
    before = posts(recording)
    mode(failure)
    _, job_id = start(built, tried(3))
    work(built, 2)
    job, _ = family(recording, job_id)
    assert job["status"] == "processing", job["status"]
    state = data(job)["retry"]
    assert (state["attempt"], state["max_attempts"]) == (2, 3)
    assert state["last_error"]
    claims = recording.all(
        "SELECT status FROM wp_datamachine_processed_items WHERE job_id = :job", job=job_id
    )
    assert [claim["status"] for claim in claims] == ["claimed"]
    mode("-")
    work(built)
    job, _ = family(recording, job_id)
    assert job["status"] == "completed"
    assert posts(recording) == before + 1
    messages = [line.message for line in built.get(LogsRepository).newest(100, job_id=job_id)]
    assert messages.count("Step failed and is tried again") == 1
    assert "Job marked as failed" not in messages


def test_a_step_that_fails_at_every_attempt_fails_its_job_once(engine, mode):
    recording, built = engine
    mode("throw")
    _, job_id = start(built, tried(2))
    work(built)
    job, _ = family(recording, job_id)
    assert job["status"] == "failed - step_exception"
    messages = [line.message for line in built.get(LogsRepository).newest(100, job_id=job_id)]
    assert messages.count("Step failed and is tried again") == 1
    assert messages.count("Job marked as failed") == 1
    assert not recording.all("SELECT 1 FROM wp_datamachine_processed_items WHERE job_id = :job", job=job_id)


def test_a_step_that_ran_is_not_run_again(engine):
    recording, built = engine
    flow, job_id = start(built)
    work(built, 1)
    step = flow.steps()[0]["flow_step_id"]
    again = [
        ring(built, "datamachine_execute_step", {"job_id": job_id, "flow_step_id": step}) for _ in range(2)
    ]
    work(built)
    job, children = family(recording, job_id)
    assert (job["status"], children) == ("completed", [])
    messages = [line.message for line in built.get(LogsRepository).newest(100, job_id=job_id)]
    assert messages.count("Fetch handler returned data") == 1
    rows = recording.all("SELECT status FROM wp_actionscheduler_actions WHERE action_id IN :ids", ids=again)
    assert {row["status"] for row in rows} == {"complete"}


def test_a_job_that_was_made_before_runs_once_with_what_it_carries(engine):
    recording, built = engine
    agent = built.get(AgentsRepository).all()[0]
    flow = record.success_flow(built, agent.agent_id)
    new = NewJob(str(flow.pipeline_id), str(flow.flow_id), agent_id=agent.agent_id)
    job_id = built.get(Parts).jobs.create(new)
    built.get(Parts).store.merge(job_id, {"active_workspace": {"handle": "a@b"}})
    forged = {"job": {"agent_id": 99}, "batch": True, "queued_prompt_backup": {"flow_id": 1}, "mine": 1}
    with built.hosts.unit(context="cron"):
        run = built.get(Abilities).run(
            CLI, RUN_FLOW, {"flow_id": flow.flow_id, "job_id": job_id, "initial_data": forged}
        )
        again = built.get(Abilities).run(CLI, RUN_FLOW, {"flow_id": flow.flow_id, "job_id": job_id})
        other = record.success_flow(built, agent.agent_id)
        foreign = built.get(Abilities).run(CLI, RUN_FLOW, {"flow_id": other.flow_id, "job_id": job_id})
    assert run["success"] is True
    assert again == {"success": False, "error": f"Job {job_id} has begun already."}
    assert foreign["error"] == f"Job {job_id} is not a job of flow {other.flow_id}."
    work(built)
    job, _ = family(recording, job_id)
    carried = data(job)
    assert job["status"] == "completed"
    assert carried["active_workspace"] == {"handle": "a@b"}
    assert carried["mine"] == 1
    assert carried["job"]["agent_id"] == agent.agent_id
    assert not {"batch", "queued_prompt_backup"} & set(carried)


def test_a_workflow_for_later_waits_and_then_runs(engine):
    recording, built = engine
    before = posts(recording)
    later = int(SYSTEM.now().timestamp()) + 3600
    workflow = record.workflow()
    # Other tests have published from the same source.
    workflow["steps"][2]["handler_config"]["dedup_enabled"] = False
    found = built.get(Workflows).execute(CLI, workflow, timestamp=later)
    assert (found["execution_type"], found["timestamp"], found["step_count"]) == ("delayed", later, 3)
    assert found["message"].startswith("Ephemeral workflow scheduled for one-time execution at ")
    work(built)
    job, _ = family(recording, found["job_id"])
    assert (job["status"], job["flow_id"], job["source"]) == ("pending", "direct", "chat")
    with built.db.transaction() as session:
        moved = session.execute(
            "UPDATE wp_actionscheduler_actions SET scheduled_date_gmt = UTC_TIMESTAMP()"
            " WHERE args LIKE :args",
            {"args": f"[{job['job_id']},%"},
        )
    assert moved.rowcount == 1
    work(built)
    job, _ = family(recording, found["job_id"])
    assert job["status"] == "completed"
    assert posts(recording) == before + 1


@pytest.mark.parametrize(
    ("workflow", "message"),
    [
        ({}, "Workflow must contain at least one step"),
        (
            {"steps": [{"type": "bogus"}]},
            "Step 0 has invalid type: bogus. Valid types: "
            "fetch, publish, upsert, ai, webhook_gate, system_task",
        ),
        ({"steps": [{"type": "fetch"}]}, "Step 0 is missing handler_slug."),
        ({"steps": [{"type": "publish", "handler_slug": "rss"}]}, "Step 0 has no publish handler: rss"),
    ],
)
def test_a_workflow_that_cannot_run_is_refused_and_leaves_no_job(engine, workflow, message):
    recording, built = engine
    count = "SELECT COUNT(*) AS n FROM wp_datamachine_jobs"
    before = recording.all(count)[0]["n"]
    with pytest.raises(InvalidInput) as refusal:
        built.get(Workflows).execute(CLI, workflow)
    assert (refusal.value.code, refusal.value.message) == ("invalid_workflow", message)
    assert recording.all(count)[0]["n"] == before


def test_a_type_of_step_that_nothing_runs_fails_its_job(engine):
    recording, built = engine
    found = built.get(Workflows).execute(CLI, {"steps": [{"type": "webhook_gate"}]})
    work(built)
    job, _ = family(recording, found["job_id"])
    assert job["status"] == "failed - step_type_not_available"


def test_a_parent_that_is_failed_keeps_the_claims_of_its_children(engine):
    recording, built = engine
    flow, job_id = start(built, takes(3))
    work(built, 2)
    claimed = (
        "SELECT item_identifier FROM wp_datamachine_processed_items WHERE status = 'claimed'"
        " AND flow_step_id = :step ORDER BY id"
    )
    step = flow.steps()[0]["flow_step_id"]
    three = [row["item_identifier"] for row in recording.all(claimed, step=step)]
    built.get(JobRoom).endings.fail(CLI, job_id)
    _, children = family(recording, job_id)
    theirs = [data(child)["item_identifier"] for child in children]
    assert (len(three), len(theirs)) == (3, 2)
    assert {row["item_identifier"] for row in recording.all(claimed, step=step)} == set(theirs)
    work(built)
    parent, children = family(recording, job_id)
    assert (parent["status"], len(children)) == ("failed - manual", 2)
    assert recording.all(claimed, step=step) == []
