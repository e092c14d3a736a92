"""Every ability on pipelines, flows, queues, jobs and items, with what it is declared to answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from dev.processes import wait_until
from sidecar.abilities import Registry
from sidecar.automation.ability_declarations import DECLARATIONS
from sidecar.automation.files.flow_files import FlowFiles
from sidecar.db import php_json
from sidecar.identity import Principal
from tests import answers
from tests.integration.doors.agents import Doors

pytestmark = pytest.mark.usefixtures("calm_flows")

OPERATOR = Principal.command_line()
FEED = {"handler_slug": "rss", "handler_config": {"feed_url": "http://127.0.0.1/?feed=rss2"}}
DEAF = "http://127.0.0.1:9/feed"
POST = {"title": "What abilities answer", "content": "<p>Much.</p>", "post_type": "post"}
EFFECT = {"type": "post_meta_set", "target": {"post_id": 1, "meta_key": "answers"}}
#: Those that are only seen to refuse here: one is about everybody's jobs, one takes an upload.
REFUSED = {"datamachine/delete-jobs", "datamachine/upload-flow-file"}


@dataclass
class Caller:
    """Calls abilities, holds their answers against their schemas, and knows which were called."""

    doors: Doors
    called: set[str] = field(default_factory=set)

    def __call__(self, name: str, success: bool = True, **given: Any) -> dict[str, Any]:
        full = f"datamachine/{name}"
        found: dict[str, Any] = self.doors.runtime.get(Registry).execute(OPERATOR, full, given)
        assert found.get("success") is success, (name, found)
        (schema,) = (each.output_schema for each in DECLARATIONS if each.name == full)
        assert schema.get("properties"), f"{name} declares nothing"
        assert list(answers.faults(schema, found)) == [], name
        if success:
            self.called.add(full)
        return found


def test_every_ability_answers_what_it_declares(doors: Doors) -> None:
    call = Caller(doors)
    pipeline_id = _pipelines(call)
    flow_id, steps = _flows(call, pipeline_id)
    _queues(call, flow_id, steps)
    _items(call, flow_id, steps["fetch"])
    _files(call, flow_id, steps["fetch"])
    _handlers(call)
    _jobs(call, flow_id)
    call("delete-flow", flow_id=flow_id)
    call("delete-pipeline", pipeline_id=pipeline_id)
    assert {each.name for each in DECLARATIONS} - call.called == REFUSED


def _pipelines(call: Caller) -> int:
    made = call("create-pipeline", pipeline_name="Answers", steps=[{"step_type": "fetch"}])
    number: int = made["pipeline_id"]
    place = {"pipeline_id": number}
    call("create-pipeline", pipelines=[{"name": "A"}, {"name": "B"}], validate_only=True)
    call("create-pipeline", False)
    for kind in ("ai", "publish", "ai"):
        added = call("add-pipeline-step", **place, step_type=kind)
    last = added["pipeline_step_id"]
    call("update-pipeline-step", pipeline_step_id=last, system_prompt="Be brief.")
    call("delete-pipeline-step", **place, pipeline_step_id=last)
    found = call("get-pipeline-steps", **place)["steps"]
    order = [{"pipeline_step_id": one["pipeline_step_id"], "execution_order": 0} for one in found]
    call("reorder-pipeline-steps", **place, step_order=order)
    call("update-pipeline", **place, pipeline_name="Answers of abilities")
    for mode in ("full", "summary", "ids"):
        call("get-pipelines", **place, output_mode=mode)
    copy = call("duplicate-pipeline", **place)["pipeline_id"]
    text = call("export-pipelines", pipeline_ids=[copy])["data"]
    call("delete-pipeline", pipeline_id=copy)
    again = call("import-pipelines", data=text)
    call("import-pipelines", False, data="no,pipelines")
    for each in again["imported"]:
        call("delete-pipeline", pipeline_id=each)
    call("get-step-types")
    call("validate-step-type", step_type="ai")
    call("validate-step-type", step_type="bogus")
    return number


def _flows(call: Caller, pipeline_id: int) -> tuple[int, dict[str, str]]:
    configs = {"fetch": FEED}
    given: dict[str, Any] = {"pipeline_id": pipeline_id, "flow_name": "Answers", "step_configs": configs}
    call("create-flow", **given, validate_only=True)
    made = call("create-flow", **given)
    flow_id: int = made["flow_id"]
    place = {"flow_id": flow_id}
    several = call("create-flow", flows=[given, {"pipeline_id": 999_999}])
    for each in several["created"]:
        call("delete-flow", flow_id=each["flow_id"])
    call("create-flow", False, flows=[{"pipeline_id": 999_999}])
    call("update-flow", **place, flow_name="Answers of flows")
    copy = call("duplicate-flow", source_flow_id=flow_id)["flow_id"]
    call("delete-flow", flow_id=copy)
    call("schedule-flow", **place, interval_or_timestamp="daily")
    call("pause-flow", **place)
    call("resume-flow", **place)
    call("schedule-flow", **place, interval_or_timestamp="manual")
    call("pause-flow", False)
    call("reconcile-flow-schedules", dry_run=True)
    call("get-scheduling-intervals")
    for mode in ("full", "list", "summary", "ids"):
        call("get-flows", **place, output_mode=mode)
    found = call("get-flow-steps", **place)["steps"]
    steps = {str(one["step_type"]): str(one["flow_step_id"]) for one in found}
    call("update-flow-step", flow_step_id=steps["fetch"], handler_config={"search": "x"})
    call("update-flow-step", False, flow_step_id=steps["fetch"], handler_config={"bogus": 1})
    wished = {"pipeline_id": pipeline_id, "handler_slug": "rss", "handler_config": {"search": "y"}}
    call("validate-flow-steps-config", **wished)
    call("configure-flow-steps", **wished)
    call("get-flow-health", **place)
    call("get-problem-flows")
    return flow_id, steps


def _queues(call: Caller, flow_id: int, steps: dict[str, str]) -> None:
    _queue(call, "queue", {"flow_id": flow_id, "flow_step_id": steps["ai"]}, "prompt", ("Sow", "Reap"))
    fetch = {"flow_id": flow_id, "flow_step_id": steps["fetch"]}
    _queue(call, "config-patch", fetch, "patch", ({"search": "a"}, {"search": "b"}))
    place = {"flow_id": flow_id, "flow_step_id": steps["ai"]}
    call("queue-mode", **place, mode="loop")
    call("queue-mode", False, **place, mode="bogus")
    call("queue-add", **place, prompt="Weave a basket of willow")
    call("queue-add", False, **place, prompt="weave a basket of willow!")
    call("check-duplicate", title="weave a basket of willow", scope="queue", **place)
    call("check-duplicate", title="Nobody has written this")
    call("queue-clear", **place)


def _queue(call: Caller, kind: str, place: dict[str, Any], key: str, values: tuple[Any, Any]) -> None:
    for value in values:
        call(f"{kind}-add", **place, **{key: value})
    call(f"{kind}-move", **place, from_index=0, to_index=1)
    call(f"{kind}-update", **place, index=0, **{key: values[0]})
    call(f"{kind}-list", **place)
    call(f"{kind}-remove", **place, index=0)
    call(f"{kind}-remove", False, **place, index=7)
    call(f"{kind}-clear", **place)


def _items(call: Caller, flow_id: int, step_id: str) -> None:
    source = {"flow_step_id": step_id, "source_type": "rss"}
    wanted = {**source, "candidate_identifiers": ["a", "b"]}
    call("check-processed-item", **source, item_identifier="a")
    call("check-processed-item", False, **source, item_identifier="")
    call("has-processed-history", flow_step_id=step_id)
    call("processed-items-get-processed-at", **source, item_identifier="a")
    call("processed-items-find-stale", **wanted, max_age_days=1)
    call("processed-items-find-never-processed", **wanted)
    call("clear-processed-items", clear_type="flow", target_id=flow_id)


def _files(call: Caller, flow_id: int, step_id: str) -> None:
    place = {"flow_step_id": step_id}
    call.doors.runtime.get(FlowFiles).upload(OPERATOR, step_id, "a.txt", lambda: b"Much.", 5)
    call("list-flow-files", **place)
    call("get-flow-file", **place, filename="a.txt")
    call("get-flow-file", False, **place, filename="none.txt")
    call("delete-flow-file", **place, filename="a.txt")
    call("upload-flow-file", False, **place, file_data={"error": 1})
    call("cleanup-flow-files", flow_id=flow_id)


def _handlers(call: Caller) -> None:
    call("get-handlers")
    call("get-handlers", handler_slug="rss")
    call("validate-handler", handler_slug="rss")
    call("validate-handler", handler_slug="bogus")
    call("get-handler-config-fields", handler_slug="wordpress_publish")
    call("get-handler-site-defaults")
    call("apply-handler-defaults", handler_slug="rss", config=FEED["handler_config"])
    call("test-handler", handler_slug="wordpress_posts", config={})
    (why, nothing) = call("test-handler", handler_slug="rss", config={"feed_url": DEAF})["warnings"]
    assert why.startswith("Rss: Failed to fetch RSS feed. ")
    assert nothing == "The handler brought nothing."
    post = call("publish-wordpress", **POST)["post_id"]
    call("publish-wordpress", **POST)
    call("update-wordpress", post_id=post, title="What abilities answered")
    call("update-wordpress", False, title="Nowhere")


def _jobs(call: Caller, flow_id: int) -> None:
    call("run-flow", False, flow_id=999_999)
    ended = call("run-flow", flow_id=flow_id)["job_id"]
    workflow = {"steps": [{"type": "fetch", **FEED}]}
    call("execute-workflow", workflow=workflow, dry_run=True)
    assert call("execute-workflow", False, workflow={"steps": []})["error_code"] == "invalid_workflow"
    # Jobs that no worker begins before the test is over.
    stepped, rung, cancelled, failed = (
        call("execute-workflow", workflow=workflow, timestamp=4_000_000_000)["job_id"] for _ in range(4)
    )
    call("cancel-job", job_id=cancelled)
    call("execute-step", job_id=stepped, flow_step_id="ephemeral_step_0")
    call("schedule-next-step", job_id=rung, flow_step_id="ephemeral_step_0")
    call("fail-job", False, job_id=failed)
    jobs, data = call.doors.runtime.db.tables().jobs, {"effects": [EFFECT]}
    with call.doors.runtime.db.session() as session:
        values = {"status": "processing", "engine_data": php_json.dumps(data)}
        session.update(jobs, values, {"job_id": failed})
    call("fail-job", job_id=failed)
    wait_until(lambda: call("get-jobs", job_id=ended)["jobs"][0]["completed_at"] is not None, what="its end")
    call("retry-job", job_id=ended, force=True)
    call("undo-job", job_id=failed, dry_run=True)
    call("get-jobs", flow_id=flow_id)
    call("get-jobs-summary")
    call("recover-stuck-jobs", flow_id=flow_id, dry_run=True)
    call("report-stuck-jobs", flow_id=flow_id)
    call("get-flow-health", flow_id=flow_id)
    # Of everybody: on a site that other tests share, only what it refuses.
    call("delete-jobs", False, type="bogus")
