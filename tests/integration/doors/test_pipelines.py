"""Pipelines and their steps: through both doors."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from sidecar.automation import PipelinesService
from sidecar.automation.files.memory_files import MemoryFiles
from sidecar.automation.identifiers import flow_step_id
from sidecar.automation.repositories.processed_items import ProcessedItemsRepository
from sidecar.automation.values import StepConfig
from sidecar.identity import AccessService
from tests.integration.doors.agents import Doors
from tests.integration.doors.kilns import OPERATOR, WORD, flow_config, make, make_flow, orders, plant, sweep

BOTH = ("wordpress", "sidecar")


@pytest.fixture(scope="module", autouse=True)
def swept(doors: Doors) -> Iterator[None]:
    yield
    sweep(doors)


@pytest.fixture
def agent_id(doors: Doors) -> int:
    return doors.agent("potter", "owner")


@pytest.mark.parametrize("door", BOTH)
def test_a_pipeline_and_its_flows_change_together(doors: Doors, agent_id: int, door: str) -> None:
    def ask(method: str, path: str, status: int = 200, **body: Any) -> Any:
        reply = doors.ask(door, method, path, "owner", body=body or None)
        assert reply.status == status, reply.body
        return reply.json

    made = ask("POST", "/pipelines", pipeline_name=f" {WORD} <b>é</b> ", agent_id=agent_id)["data"]
    number = made["pipeline_id"]
    assert made == {
        "success": True,
        "pipeline_id": number,
        "pipeline_name": f"{WORD} é",
        "flow_id": None,
        "flow_name": None,
        "steps_created": 0,
        "flow_step_ids": [],
        "creation_mode": "simple",
    }
    one = f"/pipelines/{number}"
    flow_id = make_flow(doors, number)
    doors.runtime.get(MemoryFiles).replace(OPERATOR, "pipeline", number, ["glaze.md"])
    doors.runtime.get(MemoryFiles).replace(OPERATOR, "flow", flow_id, ["kiln.md"])

    added = ask("POST", f"{one}/steps", step_type="fetch")
    assert added["message"] == "Step &quot;Fetch&quot; added successfully"
    fetch = added["data"]["pipeline_step_id"]
    assert added["data"]["step_data"] == {
        "step_type": "fetch",
        "execution_order": 0,
        "pipeline_step_id": fetch,
        "label": "Fetch",
    }
    assert added["data"]["flow_step_ids"] == [flow_step_id(fetch, flow_id)]
    assert added["data"]["step_config"]["uses_handler"] is True
    ai = ask("POST", f"{one}/steps", step_type="ai", step_config={"label": "Writer", "execution_order": 7})
    assert list(ai["data"]["step_data"])[:6] == [
        "step_type", "execution_order", "pipeline_step_id", "label", "provider", "model",
    ]  # fmt: skip
    assert (ai["data"]["step_data"]["execution_order"], ai["data"]["step_data"]["label"]) == (1, "Writer")
    ai_id = ai["data"]["pipeline_step_id"]
    publish = ask("POST", f"{one}/steps", step_type="publish")["data"]["pipeline_step_id"]
    config = flow_config(doors.runtime, flow_id)
    assert orders(config) == [("fetch", 0), ("ai", 1), ("publish", 2)]
    assert config["memory_files"] == ["kiln.md"]

    assert ask("PATCH", f"/pipelines/steps/{ai_id}/system-prompt", system_prompt="Fire & glaze é") == {
        "success": True,
        "data": [],
        "message": "System prompt saved successfully",
    }
    saved = ask(
        "PUT",
        f"/pipelines/steps/{ai_id}/config",
        step_type="ai",
        pipeline_id=number,
        disabled_tools=["web_fetch"],
        tool_categories=[],
    )
    assert saved["data"] == {"pipeline_step_id": ai_id, "debug_info": {"step_config_saved": True}}
    assert saved["message"] == "AI step configuration saved successfully"
    own = flow_config(doors.runtime, flow_id)[flow_step_id(ai_id, flow_id)]
    assert own["disabled_tools"] == ["web_fetch"]
    shown = ask("GET", one)["data"]["pipeline"]
    assert shown["pipeline_config"][ai_id] == {
        "step_type": "ai",
        "execution_order": 1,
        "pipeline_step_id": ai_id,
        "label": "Writer",
        "system_prompt": "Fire & glaze é",
        "disabled_tools": ["web_fetch"],
        "tool_categories": [],
    }
    assert (shown["agent_id"], shown["portable_slug"][:6]) == (str(agent_id), "kiln-e")
    ask("PATCH", f"/pipelines/steps/{ai_id}/config", disabled_tools=[])
    own = flow_config(doors.runtime, flow_id)[flow_step_id(ai_id, flow_id)]
    assert own["disabled_tools"] == []

    wanted = [{"pipeline_step_id": each, "execution_order": 9} for each in (ai_id, publish, fetch)]
    moved = ask("PUT", f"{one}/steps/reorder", step_order=wanted)
    assert moved == {
        "success": True,
        "data": {
            "success": True,
            "pipeline_id": number,
            "step_count": 3,
            "message": "Pipeline steps reordered successfully.",
        },
        "message": "Step order saved successfully",
    }
    assert orders(flow_config(doors.runtime, flow_id)) == [("ai", 0), ("publish", 1), ("fetch", 2)]

    items = ProcessedItemsRepository(doors.runtime.db)
    step = flow_step_id(publish, flow_id)
    items.mark(step, "rss", "a", 1)
    gone = ask("DELETE", f"{one}/steps/{publish}")["data"]
    assert gone == {
        "success": True,
        "pipeline_id": number,
        "pipeline_step_id": publish,
        "affected_flows": 1,
        "message": f"Step deleted successfully from pipeline &quot;{WORD} é&quot;. "
        "1 flows were updated and processed items cleaned.",
    }
    assert items.state(step, "rss", ["a"]) == {}
    config = flow_config(doors.runtime, flow_id)
    assert orders(config) == [("ai", 0), ("fetch", 1)]
    assert config["memory_files"] == ["kiln.md"]
    assert ask("GET", one)["data"]["pipeline"]["pipeline_config"]["memory_files"] == ["glaze.md"]

    renamed = ask("PATCH", one, pipeline_name="Kiln two")
    assert renamed["data"] == {"pipeline_id": number, "pipeline_name": "Kiln two"}
    listed = ask("GET", f"{one}/flows")["data"]
    assert (listed["pipeline_id"], listed["flow_count"], listed["first_flow_id"]) == (number, 1, flow_id)
    assert ask("DELETE", one) == {
        "success": True,
        "pipeline_id": number,
        "pipeline_name": "Kiln two",
        "deleted_flows": 1,
        "message": 'Pipeline "Kiln two" deleted successfully. 1 flows were also deleted.',
    }
    assert ask("GET", one, status=404)["code"] == "pipeline_not_found"


def test_lists_are_the_same_at_both_doors(doors: Doors, agent_id: int) -> None:
    number, _steps = make(doors, agent_id, "Kiln list %_", "fetch", "ai")
    flow_id = make_flow(doors, number, "Listed", fetch=StepConfig("rss", {"feed_url": "http://x/"}))
    plant(doors, flow_id, api_key="geheim")
    found = doors.same("GET", "/pipelines?search=list%20%25_&per_page=1", "owner").json
    assert (found["total"], found["per_page"], found["offset"]) == (1, 1, 0)
    [shown] = found["data"]["pipelines"]
    assert (shown["pipeline_id"], shown["pipeline_name"], shown["flow_count"]) == (
        str(number),
        "Kiln list %_",
        1,
    )
    assert "geheim" not in json.dumps(shown)
    assert shown["flows"][0]["flow_id"] == str(flow_id)
    assert doors.same("GET", "/pipelines?search=list%20_%25", "owner").json["total"] == 0
    few = doors.same(
        "GET", "/pipelines?search=Kiln%20list&include_flows=false&fields=pipeline_name,flows", "owner"
    )
    assert few.json["data"]["pipelines"] == [{"pipeline_name": "Kiln list %_"}]
    alone = doors.same("GET", f"/pipelines?pipeline_id={number}", "owner").json
    assert alone["data"]["flows"][0]["flow_id"] == str(flow_id)
    assert doors.same("GET", f"/pipelines/{number}", "owner").json == alone
    file = doors.same("GET", f"/pipelines?format=csv&ids={number},999999", "owner")
    rows = list(csv.DictReader(io.StringIO(file.body.decode(), newline="")))
    assert [row["flow_name"] for row in rows] == ["", "Listed", ""]
    assert "geheim" not in file.body.decode()


@pytest.mark.parametrize(
    ("call", "body", "expected"),
    [
        ("GET /pipelines/999999", None, (404, "pipeline_not_found")),
        ("POST /pipelines", {"pipeline_name": " "}, (400, "rest_invalid_param")),
        (
            "POST /pipelines",
            {"pipeline_name": "K", "steps": [{"step_type": "bogus"}]},
            (400, "invalid_step_type"),
        ),
        ("POST /pipelines", {"pipeline_name": "K", "steps": ["fetch"]}, (400, "invalid_steps")),
        (
            "POST /pipelines",
            {"pipeline_name": "Kiln x", "flow_config": {"scheduling_config": {"interval": "bogus"}}},
            (400, "invalid_interval"),
        ),
        ("POST /pipelines", {"batch_import": True, "format": "csv"}, (400, "invalid_import_data")),
        ("PATCH /pipelines/999999", {"pipeline_name": "x"}, (404, "update_failed")),
        ("PATCH /pipelines/{id}", {"pipeline_name": "<br>"}, (400, "update_failed")),
        ("DELETE /pipelines/999999", None, (404, "pipeline_deletion_failed")),
        ("POST /pipelines/{id}/steps", {"step_type": "bogus"}, (400, "rest_invalid_param")),
        ("POST /pipelines/999999/steps", {"step_type": "ai"}, (404, "pipeline_not_found")),
        ("DELETE /pipelines/{id}/steps/{id}_x", None, (404, "step_deletion_failed")),
        ("DELETE /pipelines/{other}/steps/{step}", None, (404, "step_deletion_failed")),
        ("PUT /pipelines/{id}/steps/reorder", {"step_order": ["{step}"]}, (400, "reorder_failed")),
        (
            "PUT /pipelines/{id}/steps/reorder",
            {"step_order": [{"pipeline_step_id": "{step}"}, {"pipeline_step_id": "{step}"}]},
            (400, "reorder_failed"),
        ),
        ("PATCH /pipelines/steps/{id}_x/system-prompt", {"system_prompt": "x"}, (404, "update_failed")),
        ("PATCH /pipelines/steps/nothing/system-prompt", {"system_prompt": "x"}, (404, "update_failed")),
        ("PATCH /pipelines/steps/{step}/config", {}, (400, "update_failed")),
        (
            "PATCH /pipelines/steps/{step}/config",
            {"step_type": "ai", "system_prompt": ""},
            (400, "update_failed"),
        ),
        (
            "PUT /pipelines/steps/{step}/config",
            {"system_prompt": "x"},
            (400, "rest_missing_callback_param"),
        ),
    ],
)
def test_what_cannot_be_is_refused_at_both_doors(
    doors: Doors, trodden: dict[str, str], call: str, body: Any, expected: tuple[int, str]
) -> None:
    method, path = call.split()
    text = json.dumps(body)
    for name, value in trodden.items():
        path, text = path.replace(f"{{{name}}}", value), text.replace(f"{{{name}}}", value)
    before = doors.runtime.get(PipelinesService).find(OPERATOR, limit=1)[1]
    reply = doors.same(method, path, "owner", body=json.loads(text))
    assert reply.refusal[:2] == expected
    assert doors.runtime.get(PipelinesService).find(OPERATOR, limit=1)[1] == before


@pytest.fixture(scope="module")
def trodden(doors: Doors) -> dict[str, str]:
    """Two pipelines that nothing happens to."""
    potter = doors.agent("potter", "owner")
    number, steps = make(doors, potter, "Kiln refusals", "fetch", "ai")
    return {"id": str(number), "step": steps[0], "other": str(make(doors, potter, "Kiln other")[0])}


def test_only_admins_of_the_agent_change_it(doors: Doors, trodden: dict[str, str]) -> None:
    number = trodden["id"]
    potter = doors.agent("potter", "owner")
    access, runner = doors.runtime.get(AccessService), doors.people["runner"].id
    access.grant(OPERATOR, potter, runner, "operator")
    try:
        assert doors.same("GET", f"/pipelines/{number}", "runner").status == 200
        assert doors.same("GET", f"/pipelines?format=csv&ids={number}", "runner").status == 200
        for method, path, body in (
            ("PATCH", f"/pipelines/{number}", {"pipeline_name": "x"}),
            ("DELETE", f"/pipelines/{number}", None),
            ("POST", f"/pipelines/{number}/steps", {"step_type": "ai"}),
            ("DELETE", f"/pipelines/{number}/steps/{trodden['step']}", None),
            ("PUT", f"/pipelines/{number}/steps/reorder", {"step_order": [trodden["step"]]}),
            ("PATCH", f"/pipelines/steps/{trodden['step']}/system-prompt", {"system_prompt": "x"}),
            ("POST", "/pipelines", {"pipeline_name": "x", "agent_id": potter}),
            ("DELETE", "/processed-items", {"clear_type": "pipeline", "target_id": int(number)}),
        ):
            assert doors.same(method, path, "runner", body=body).refusal[:2] == (403, "rest_forbidden"), path
    finally:
        access.revoke(OPERATOR, potter, runner)
    for who, status in (("runner", 403), ("reader", 403), (None, 401)):
        assert doors.ask("sidecar", "GET", f"/pipelines/{number}", who).status == status
        assert doors.ask("sidecar", "GET", f"/pipelines?format=csv&ids={number}", who).status == status
    listed = doors.same("GET", "/pipelines?search=Kiln%20refusals", "runner").json
    assert listed["total"] == 0
    everything = doors.same("GET", "/pipelines?format=csv", "runner").body.decode()
    assert "Kiln refusals" not in everything
