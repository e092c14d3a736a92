"""Attempts to work as somebody else through what a job carries, a page's actions, and what comes later."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dev import processes
from sidecar.db import php_json
from tests.integration.security.lab import Lab, ability, code
from tests.integration.security.test_attacks_automation import PLANTED
from tests.integration.security.test_attacks_limits import FLOWS, limit_of
from tests.matrix import doors

pytestmark = pytest.mark.usefixtures("unharmed", "no_failures")

# What initial data and packets claim


def claims(lab: Lab) -> dict[str, Any]:
    """What a caller may write into a job's document, and nobody may believe."""
    mine, their = lab.mine, lab.theirs
    victim = lab.accounts["victim"].user_id
    return {
        "job": {"job_id": their.job_id, "agent_id": their.agent_id, "user_id": victim},
        "agent_id": their.agent_id,
        "user_id": victim,
        "parent_job_id": their.job_id,
        "queued_prompt_backup": {
            "slot": "prompt_queue",
            "mode": "drain",
            "prompt": PLANTED,
            "flow_id": their.flow_id,
            "flow_step_id": their.writer,
            "added_at": "2026-11-23T00:00:00+00:00",
        },
        "batch": True,
        "batch_total": 1,
        "batch_context": "pipeline",
        "batch_state": {
            "offset": 0,
            "total": 1,
            "items": [{"type": "fetch", "data": {"title": PLANTED}, "metadata": {}}],
            "extra": {"next_flow_step_id": their.writer},
            "hook": "datamachine_pipeline_batch_chunk",
        },
        "next_flow_step_id": their.writer,
        "effects": [
            {"type": "attachment_created", "target": {"attachment_id": 1}},
            {
                "type": "post_field_set",
                "target": {"post_id": 1, "field": "post_title"},
                "previous_value": PLANTED,
            },
            {"type": "post_meta_set", "target": {"post_id": 1, "meta_key": "_x"}, "previous_value": PLANTED},
        ],
        "retry_of": their.failed_id,
        "retried_as": their.job_id,
        "item_identifier": their.secret,
        "source_type": "rss",
        "image_file_path": str(lab.instance.path / "wp-config.php"),
        "transcript_session_id": "1",
        "flow_config": {their.step: {"flow_step_id": their.step, "step_type": "publish"}},
        "webhook_gate": {"token": "x" * 64, "flow_step_id": their.step, "next_flow_step_id": their.writer},
        "mine": mine.secret,
    }


def started(answer: doors.Answer) -> int:
    assert answer.result == "200", answer
    said = json.loads(answer.text)
    return int((said.get("data") or said)["job_id"])


def ended(lab: Lab, job_id: int) -> dict[str, Any]:
    """The job, once nothing of it runs any more."""

    def job() -> dict[str, Any]:
        return lab.state()["datamachine_jobs"][str(job_id)]

    processes.wait_until(
        lambda: job()["status"] not in {"pending", "processing"}, what=f"Job {job_id}", seconds=60
    )
    return job()


def test_a_run_believes_no_claims(lab: Lab, php: doors.AbilitiesPhp) -> None:
    """Whatever comes of the job afterwards: it fails, it is retried, undone, and told of."""
    mine = lab.mine
    post = lab.rows("SELECT post_title FROM {posts} WHERE ID = 1")
    run = ability(php, "mallory", "run-flow", flow_id=mine.flow_id, initial_data=claims(lab))
    job_id = started(run)
    ability(php, "mallory", "fail-job", job_id=job_id)
    job = ended(lab, job_id)
    assert (job["agent_id"], job["parent_job_id"]) == (mine.agent_id, None)
    document = json.loads(job["engine_data"])
    assert not {"effects", "batch", "batch_state", "queued_prompt_backup", "retried_as"} & set(document)
    assert document["mine"] == mine.secret
    for name in ("retry-job", "undo-job", "cancel-job"):
        ability(php, "mallory", name, job_id=job_id, force=True)
    code(php, lab, "", f"do_action( 'datamachine_pipeline_batch_chunk', {job_id} ); return 1;")
    children = lab.rows("SELECT * FROM {datamachine_jobs} WHERE parent_job_id = :id", id=job_id)
    assert all(child["agent_id"] == mine.agent_id for child in children)
    assert not lab.rows("SELECT * FROM {datamachine_jobs} WHERE parent_job_id = :id", id=lab.theirs.job_id)
    assert lab.rows("SELECT post_title FROM {posts} WHERE ID = 1") == post
    said = lab.command("mallory", "jobs", "transcript", str(job_id), "--raw")
    assert said.result.startswith("1 "), said


def test_an_ephemeral_workflow_believes_no_claims(lab: Lab, php: doors.AbilitiesPhp) -> None:
    their = lab.theirs
    step = {
        "type": "fetch",
        "handler_slug": "rss",
        "handler_config": {
            "feed_url": "http://127.0.0.1:9/feed",
            "flow_step_id": their.step,
            "flow_id": their.flow_id,
            "pipeline_id": their.pipeline_id,
            "job_id": their.job_id,
        },
        "flow_step_id": their.step,
        "pipeline_id": their.pipeline_id,
        "agent_id": their.agent_id,
    }
    workflow = {"steps": [step]}
    # Whose work it is, and whose child, is asked for.
    for named in ("agent_id", "parent_job_id"):
        given = {"workflow": workflow, "initial_data": {named: claims(lab)[named]}}
        for door, answer in lab.rest("mallory", "POST", "/execute", given):
            assert answer.result == "403 rest_forbidden", (door, named, answer)
    data = {key: value for key, value in claims(lab).items() if key not in {"agent_id", "parent_job_id"}}
    for door, answer in lab.rest("mallory", "POST", "/execute", {"workflow": workflow, "initial_data": data}):
        job = ended(lab, started(answer))
        document = json.loads(job["engine_data"])
        assert (job["agent_id"], job["parent_job_id"]) == (None, None), door
        assert document["job"]["job_id"] == job["job_id"], door
        assert document["job"].get("agent_id") is None, door
        assert document["job"]["user_id"] == lab.accounts["mallory"].user_id, door
        assert their.step not in document["flow_config"], door
    assert not lab.rows("SELECT * FROM {datamachine_jobs} WHERE parent_job_id = :id", id=their.job_id)


def test_nothing_beside_a_flow_makes_somebody_elses_ones_own(lab: Lab) -> None:
    their = lab.theirs
    for given in (
        {"flow_id": their.flow_id},
        {"flow_id": their.flow_id, "dry_run": False},
        {"flow_id": their.flow_id, "count": 3},
        {"flow_id": their.flow_id, "timestamp": 1895000000},
        {"flow_id": their.flow_id, "initial_data": {"flow_id": lab.mine.flow_id}},
    ):
        for who in ("mallory", "reader"):
            for door, answer in lab.rest(who, "POST", "/execute", given):
                assert answer.result == "403 rest_forbidden", (who, door, given, answer)


# Pages of the site


def test_a_pages_actions_have_the_rights_of_its_visitor(lab: Lab, php: doors.AbilitiesPhp) -> None:
    """A plugin that passes on what visitors send reaches nobody's flows. (What rings for a step is no command
    of anybody: queues fire it without a user.)"""
    their = lab.theirs
    csv = php_json.dumps("pipeline_name\\nplanted")
    for who in ("", "nobody", "mallory"):
        for action in (
            f"'datamachine_run_flow_later', {their.flow_id}, 'hourly'",
            f"'datamachine_run_flow_later', {their.flow_id}, 1895000000",
            f"'datamachine_export', 'pipelines', array( {their.pipeline_id} )",
            *((f"'datamachine_import', 'pipelines', {csv}",) if who != "mallory" else ()),
        ):
            code(php, lab, who, f"do_action( {action} ); return 1;")
        said = code(php, lab, who, "return apply_filters( 'datamachine_export_result', null );")
        assert their.secret not in str(said), who
    processes.wait_until(lambda: not due(lab), what="The queue", seconds=60)
    assert not lab.rows("SELECT 1 FROM {datamachine_pipelines} WHERE pipeline_name = 'planted'")
    assert not lab.rows(
        "SELECT 1 FROM {actionscheduler_actions} WHERE hook = 'datamachine_run_flow_now' AND args = :args"
        " AND status = 'pending'",
        args=f"[{their.flow_id}]",
    )


def due(lab: Lab) -> list[dict[str, Any]]:
    return lab.rows(
        "SELECT action_id FROM {actionscheduler_actions} WHERE status IN ('pending', 'in-progress')"
        " AND scheduled_date_gmt <= UTC_TIMESTAMP() AND hook LIKE 'datamachine%'"
    )


# Tokens


def test_children_retries_and_workflows_stay_below_a_tokens_limit(lab: Lab) -> None:
    narrow = lab.key([FLOWS], agent="chiefs")
    workflow = {
        "steps": [
            {
                "type": "fetch",
                "handler_slug": "wordpress_posts",
                "handler_config": {"max_items": 2, "post_status": "any", "post_type": "any"},
            },
            {"type": "ai", "user_message": "Go."},
        ]
    }
    for _, answer in lab.rest(narrow, "POST", "/execute", {"workflow": workflow}):
        job = started(answer)
        assert limit_of(lab, job) == [FLOWS]
        ended(lab, job)
        for child in lab.rows("SELECT job_id FROM {datamachine_jobs} WHERE parent_job_id = :id", id=job):
            assert limit_of(lab, child["job_id"]) == [FLOWS]
        for _, again in lab.rest(narrow, "POST", f"/jobs/{job}/retry", {"force": True}):
            said = json.loads(again.text)
            new = (said.get("data") or said).get("new_job_id")
            assert new is None or limit_of(lab, new) == [FLOWS], again
    # Somebody who may everything retries it: what it may was decided when it began.
    wide = lab.key(agent="chiefs")
    for _, answer in lab.rest(wide, "POST", f"/jobs/{job}/retry", {"force": True}):
        said = json.loads(answer.text)
        new = (said.get("data") or said).get("new_job_id")
        assert new is None or limit_of(lab, new) == [FLOWS], answer


# Last, because it takes mallory's jobs.


def test_all_jobs_are_ones_own(lab: Lab, php: doors.AbilitiesPhp) -> None:
    nobodys = lab.rows(
        "SELECT COUNT(*) AS count FROM {datamachine_jobs} WHERE agent_id = :id", id=lab.chiefs.agent_id
    )
    for kind in ("failed", "all"):
        for _, answer in lab.rest("reader", "DELETE", "/jobs", {"type": kind, "cleanup_processed": True}):
            assert not answer.result.startswith("5"), answer
        lab.command("mallory", "jobs", "delete", f"--type={kind}", "--cleanup-processed", "--yes")
        lab.command("mallory", "jobs", "cleanup", "--older-than=0d", f"--status={kind}", "--yes")
        ability(php, "mallory", "delete-jobs", type=kind, cleanup_processed=True)
    lab.command("mallory", "processed-items", "clear", "--all", "--yes")
    left = lab.rows(
        "SELECT COUNT(*) AS count FROM {datamachine_jobs} WHERE agent_id = :id", id=lab.chiefs.agent_id
    )
    assert left == nobodys
    assert lab.rows(
        "SELECT 1 FROM {datamachine_processed_items} WHERE item_identifier = :secret",
        secret=lab.theirs.secret,
    )
