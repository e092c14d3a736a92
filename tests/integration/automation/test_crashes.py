"""A worker that is killed in the middle of a step: another one finishes, and nothing happens twice."""

from __future__ import annotations

import subprocess
import time

import pytest

from dev import paths
from sidecar.automation import FlowsService
from sidecar.identity import Principal
from sidecar.identity.agents import AgentsRepository
from tests.integration.automation import crasher
from tests.trace import record

#: Where the worker dies: the n-th time this hook fires.
MOMENTS = (
    # fetch: the first lines of its log, and around the ringing for the next step
    "datamachine_log:1",
    "datamachine_log:3",
    "datamachine_schedule_next_step:1",
    "action_scheduler_stored_action:1",
    "action_scheduler_after_execute:1",
    # ai: in the middle of WordPress's own insertion, between its end and our note of it, and after
    "set_object_terms:1",
    "wp_insert_post:1",
    "datamachine_log:9",
    "added_post_meta:1",
    "added_post_meta:2",
    "datamachine_schedule_next_step:2",
    "action_scheduler_stored_action:2",
    # publish: before and after the commit that ends the job
    "datamachine_mark_item_processed:1",
    "datamachine_job_complete:1",
    "action_scheduler_after_execute:3",
)

#: The same for a flow that takes three items: one is published, one skipped, of one only talked.
FANNING_OUT = (
    # the parent's step has committed; the second of the children has its row and nothing else
    "action_scheduler_stored_action:1",
    "datamachine_job_created:2",
    # two children were rung for, the third was not
    "datamachine_schedule_next_step:3",
    # the last child has ended, its parent has not
    "datamachine_job_complete:3",
)

CLI = Principal.command_line()


@pytest.fixture(scope="module")
def engine(site_for_traces):
    """The site, a runtime and the agent."""
    recording, built = site_for_traces
    return recording, built, built.get(AgentsRepository).all()[0].agent_id


def work(recording, **environment):
    """One worker process, until nothing is due; its exit code."""
    instance = recording.instance
    return subprocess.run(
        [str(paths.VENV / "bin" / "datamachine"), "work", "--once"],
        env=instance.environment(DATAMACHINE_QUEUE_LEASE="3", DATAMACHINE_QUEUE_HEARTBEAT="1", **environment),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def statuses(recording, job_id):
    """Of the job's doorbells."""
    rows = recording.all(
        "SELECT status FROM wp_actionscheduler_actions WHERE args LIKE :job ORDER BY action_id",
        job=f'%"job_id":{job_id},%',
    )
    return [row["status"] for row in rows]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_worker_loses_nothing_and_repeats_nothing(engine, tmp_path, moment):
    recording, built, agent = engine
    flow = record.success_flow(built, agent)
    last_post = recording.all("SELECT MAX(ID) AS last FROM wp_posts")[0]["last"]
    started = built.get(FlowsService).run(CLI, flow.flow_id)
    count = tmp_path / "count"
    count.touch()
    killed = work(recording, DATAMACHINE_CRASH_AT=moment, DATAMACHINE_CRASH_COUNT=str(count))
    assert killed.returncode == -9, killed.stderr[-2000:]
    for _ in range(8):
        finished = work(recording)
        assert finished.returncode == 0, finished.stderr[-2000:]
        if "pending" not in statuses(recording, started.job_id):
            break
        # A doorbell of a dead worker comes back some seconds later.
        time.sleep(1)
    job = recording.job(started.job_id)
    assert job["status"] == "completed", (job, finished.stderr[-3000:])
    meta = "meta_key = '_datamachine_post_flow_id' AND meta_value = :flow"
    posts = recording.all(f"SELECT post_id FROM wp_postmeta WHERE {meta}", flow=str(flow.flow_id))
    assert len(posts) == 1, "the post was made twice, or lost"
    post = recording.all("SELECT * FROM wp_posts WHERE ID = :id", id=posts[0]["post_id"])[0]
    assert post["guid"].endswith(f"?p={post['ID']}")
    assert recording.all("SELECT * FROM wp_term_relationships WHERE object_id = :id", id=post["ID"])
    items = recording.all(
        "SELECT status FROM wp_datamachine_processed_items WHERE job_id = :job", job=started.job_id
    )
    assert [item["status"] for item in items] == ["processed"]
    assert statuses(recording, started.job_id) == ["complete"] * 3
    drafts = recording.all(
        "SELECT ID FROM wp_posts WHERE post_status = 'draft' AND ID > :before", before=last_post
    )
    assert [draft["ID"] for draft in drafts] == [post["ID"]]


@pytest.mark.parametrize("moment", FANNING_OUT)
def test_a_killed_worker_makes_every_child_once_and_ends_the_parent_once(engine, tmp_path, moment):
    recording, built, agent = engine
    flow = record.success_flow(built, agent)
    record.take_three(built, flow)
    started = built.get(FlowsService).run(CLI, flow.flow_id)
    count = tmp_path / "count"
    count.touch()
    killed = work(recording, DATAMACHINE_CRASH_AT=moment, DATAMACHINE_CRASH_COUNT=str(count))
    assert killed.returncode == -9, killed.stderr[-2000:]
    for _ in range(12):
        finished = work(recording)
        assert finished.returncode == 0, finished.stderr[-2000:]
        if recording.job(started.job_id)["completed_at"] is not None:
            break
        time.sleep(1)
    parent = recording.job(started.job_id)
    assert parent["status"] == "completed", finished.stderr[-3000:]
    children = recording.all(
        "SELECT label, status FROM wp_datamachine_jobs WHERE parent_job_id = :job ORDER BY job_id",
        job=started.job_id,
    )
    assert [(child["label"], child["status"]) for child in children] == [
        ("Source 2", "agent_skipped - not relevant"),
        ("Source 3", "failed - empty_data_packet_returned"),
        ("Source 4", "completed"),
    ]
    meta = "meta_key = '_datamachine_post_flow_id' AND meta_value = :flow"
    assert len(recording.all(f"SELECT 1 FROM wp_postmeta WHERE {meta}", flow=str(flow.flow_id))) == 1
    claims = recording.all(
        "SELECT status FROM wp_datamachine_processed_items WHERE flow_step_id = :step",
        step=flow.steps()[0]["flow_step_id"],
    )
    assert [claim["status"] for claim in claims] == ["processed", "processed"]


def test_every_hook_of_the_moments_is_watched():
    moments = (*MOMENTS, *FANNING_OUT)
    assert {moment.partition(":")[0] for moment in moments} == set(crasher.HOOKS)
