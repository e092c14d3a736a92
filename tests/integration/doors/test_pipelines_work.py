"""Pipelines that are deleted, crowded, copied and made by the dozen."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dev.instance import Instance
from sidecar.automation import PipelinesService
from sidecar.automation.flows.schedules import FlowSchedules
from sidecar.automation.identifiers import flow_step_id
from sidecar.automation.pipelines import exporting
from sidecar.automation.pipelines.copying import PipelineCopying
from sidecar.automation.pipelines.deletion import PipelineDeletion
from sidecar.automation.pipelines.exporting import PipelineExport
from sidecar.automation.pipelines.importing import Imported, PipelineImport
from sidecar.automation.pipelines.steps import PipelineSteps
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.repositories.pipelines import PipelinesRepository
from sidecar.automation.repositories.processed_items import ProcessedItemsRepository
from sidecar.automation.values import Flow, Pipeline, StepConfig
from sidecar.identity import Principal
from tests.integration.doors.agents import Doors
from tests.integration.doors.kilns import OPERATOR, ability, flow_config, make, make_flow, sweep

pytestmark = pytest.mark.usefixtures("calm_flows")


@pytest.fixture(scope="module", autouse=True)
def swept(doors: Doors) -> Iterator[None]:
    yield
    sweep(doors)


@pytest.fixture
def agent_id(doors: Doors) -> int:
    return doors.agent("potter", "owner")


def test_a_pipeline_that_goes_takes_everything_along(doors: Doors, agent_id: int, site: Instance) -> None:
    runtime = doors.runtime
    number, [fetch] = make(doors, agent_id, "Kiln gone", "fetch")
    flow_id = make_flow(doors, number, "Gone", fetch=StepConfig("rss", {"feed_url": "http://127.0.0.1/"}))
    flow = FlowsRepository(runtime.db).get(flow_id)
    assert flow is not None
    FlowSchedules(runtime.db, FlowsRepository(runtime.db), runtime.clock).set(flow, "daily")
    other, [other_fetch] = make(doors, agent_id, "Kiln stays", "fetch")
    other_flow = make_flow(doors, other, "Stays")
    items = ProcessedItemsRepository(runtime.db)
    items.mark(flow_step_id(fetch, flow_id), "rss", "a", 2**40)
    items.mark(flow_step_id(other_fetch, other_flow), "rss", "a", 2**40)
    with runtime.db.session() as session:
        jobs = [
            session.insert(
                runtime.db.tables().jobs,
                {"pipeline_id": str(number), "flow_id": str(flow_id), "status": status, "agent_id": agent_id},
            )
            for status in ("processing", "completed")
        ]
    folder = Path(site.path / "wp-content/uploads/datamachine-files" / f"pipeline-{number}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "note.txt").write_text("x")
    # Whoever is admin of the pipeline's agent but not of a flow's removes neither.
    stranger = doors.agent("stranger-of-potter", "admin")
    with runtime.db.session() as session:
        session.update(runtime.db.tables().flows, {"agent_id": stranger}, {"flow_id": flow_id})
    assert doors.ask("sidecar", "DELETE", f"/pipelines/{number}", "owner").refusal[0] == 403
    assert folder.exists()
    done = runtime.get(PipelineDeletion).delete(OPERATOR, number)
    assert (done.pipeline_name, done.flows) == ("Kiln gone", 1)
    with runtime.db.session() as session:
        statuses = session.column(
            f"SELECT status FROM {runtime.db.tables().jobs} WHERE job_id IN :ids ORDER BY job_id",
            {"ids": jobs},
        )
        rung = session.scalar(
            "SELECT COUNT(*) FROM wp_actionscheduler_actions WHERE hook = 'datamachine_run_flow_now'"
            " AND status = 'pending' AND args = :args",
            {"args": f"[{flow_id}]"},
        )
    assert statuses == ["cancelled - pipeline_deleted", "completed"]
    assert rung == 0
    assert FlowsRepository(runtime.db).get(flow_id) is None
    assert not folder.exists()
    assert items.state(flow_step_id(fetch, flow_id), "rss", ["a"]) == {}
    assert items.state(flow_step_id(other_fetch, other_flow), "rss", ["a"])["a"].processed


def test_steps_that_are_added_at_once_are_all_there(doors: Doors, agent_id: int) -> None:
    number, _steps = make(doors, agent_id, "Kiln crowd", "fetch")
    flow_id = make_flow(doors, number)
    service = doors.runtime.get(PipelineSteps)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _each: service.add(OPERATOR, number, "ai"), range(8)))
    steps = service.all(OPERATOR, number)
    assert [step["execution_order"] for step in steps] == list(range(9))
    own = [step for step in flow_config(doors.runtime, flow_id).values() if "step_type" in step]
    assert [step["pipeline_step_id"] for step in own] == [step["pipeline_step_id"] for step in steps]


def test_pipelines_that_are_made_at_once_have_slugs_of_their_own(doors: Doors, agent_id: int) -> None:
    runtime = doors.runtime
    service, copying = runtime.get(PipelinesService), runtime.get(PipelineCopying)
    source, _steps = make(doors, agent_id, "Kiln pair", "fetch")
    make_flow(doors, source)
    text, _count = runtime.get(PipelineExport).csv(OPERATOR, [source])
    lines = text.replace("Kiln pair", "Kiln come").replace("kiln-pair", "kiln-come")
    lines = lines.replace(f"\n{source},", "\n1000000007,")

    def both(_each: int) -> tuple[int, int, Imported]:
        return (
            # The index of the table does not tell apart what is nobody's.
            service.create(OPERATOR, "Kiln twin").pipeline_id,
            copying.copy(OPERATOR, source).pipeline.pipeline_id,
            runtime.get(PipelineImport).csv(OPERATOR, lines, agent_id=agent_id),
        )

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(both, range(8)))
    numbers = {number for twin, copy, _import in made for number in (twin, copy)}
    slugs = [each.portable_slug for each in PipelinesRepository(runtime.db).many(sorted(numbers))]
    assert len(set(slugs)) == len(slugs) == 16
    # One of the imports made it, all others found it.
    assert len({imported.pipeline_ids[0] for *_others, imported in made}) == 1
    assert sum(len(imported.created) for *_others, imported in made) == 1


def test_a_file_of_all_pipelines_has_those_that_are_changed_meanwhile(
    doors: Doors, agent_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [make(doors, agent_id, f"Kiln page {number}")[0] for number in range(5)]
    monkeypatch.setattr(exporting, "PAGE", 2)
    pages = FlowsRepository.of_pipelines

    def changing(self: FlowsRepository, ids: Sequence[int]) -> list[Flow]:
        # Between two pages the pipeline that was changed longest ago becomes the one that was changed last.
        table = doors.runtime.db.tables().pipelines
        with doors.runtime.db.transaction() as session:
            session.update(table, {"updated_at": "2038-01-01 00:00:00"}, {"pipeline_id": made[0]})
        return pages(self, ids)

    monkeypatch.setattr(FlowsRepository, "of_pipelines", changing)
    text, _count = doors.runtime.get(PipelineExport).csv(OPERATOR)
    names = [row["pipeline_name"] for row in csv.DictReader(io.StringIO(text))]
    assert [name for name in names if name.startswith("Kiln page")] == [f"Kiln page {n}" for n in range(5)]


def test_a_copy_is_of_one_moment(doors: Doors, agent_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    number, (_fetch, ai) = make(doors, agent_id, "Kiln moment", "fetch", "ai")
    make_flow(doors, number)
    service, permitted = doors.runtime.get(PipelinesService), PipelinesService.permitted
    steps = doors.runtime.get(PipelineSteps)

    def removing(self: PipelinesService, principal: Principal, pipeline_id: int, *words: str) -> Pipeline:
        found = permitted(self, principal, pipeline_id, *words)
        if pipeline_id == number:
            steps.delete(OPERATOR, number, ai)
        return found

    monkeypatch.setattr(PipelinesService, "permitted", removing)
    copy = doors.runtime.get(PipelineCopying).copy(OPERATOR, number).pipeline
    monkeypatch.undo()
    (flow,) = service.get(OPERATOR, copy.pipeline_id).flows
    assert [step["step_type"] for step in flow.steps()] == [step["step_type"] for step in copy.steps()]


def test_abilities(doors: Doors, agent_id: int) -> None:
    bulk = {
        "pipelines": [
            {"name": "Kiln a"},
            {"name": "Kiln b", "flow_name": "F", "steps": [{"step_type": "ai"}]},
        ],
        "template": {"steps": [{"step_type": "fetch"}]},
        "agent_id": agent_id,
    }
    checked = ability(doors, OPERATOR, "create-pipeline", **bulk, validate_only=True)
    assert checked["would_create"] == [
        {"name": "Kiln a", "steps": 1},
        {"name": "Kiln b", "steps": 1, "flow_name": "F", "scheduling": "manual"},
    ]
    made = ability(doors, OPERATOR, "create-pipeline", **bulk)
    assert (made["success"], made["created_count"], made["failed_count"], made["partial"]) == (
        True,
        2,
        0,
        False,
    )
    first, second = made["created"]
    assert second["flow_step_ids"] == list(flow_config(doors.runtime, second["flow_id"]))
    wrong = ability(doors, OPERATOR, "create-pipeline", pipelines=[{"name": ""}, {"name": "x"}])
    assert (wrong["success"], [each["index"] for each in wrong["errors"]]) == (False, [0])
    flowing = ability(
        doors,
        OPERATOR,
        "create-pipeline",
        pipeline_name="Kiln work",
        agent_id=agent_id,
        workflow={
            "steps": [
                {"type": "fetch", "handler_slug": "rss", "handler_config": {"feed_url": "http://x/"}},
                {"type": "ai", "system_prompt": "Be brief", "user_message": "Go"},
            ]
        },
    )
    config = flow_config(doors.runtime, flowing["flow_id"])
    fetch, ai = config.values()
    assert (fetch["handler_slug"], ai["prompt_queue"][0]["prompt"]) == ("rss", "Go")

    found = ability(
        doors, OPERATOR, "get-pipelines", agent_id=agent_id, search="Kiln a", output_mode="summary"
    )
    assert found["pipelines"] == [
        {"pipeline_id": first["pipeline_id"], "pipeline_name": "Kiln a", "step_count": 1}
    ]
    ids = ability(doors, OPERATOR, "get-pipelines", pipeline_id=first["pipeline_id"], output_mode="ids")
    assert ids["pipelines"] == [first["pipeline_id"]]
    missing = ability(doors, OPERATOR, "get-pipelines", pipeline_id=999999)
    assert missing == {"success": False, "error": "Pipeline not found", "error_code": "pipeline_not_found"}

    number = flowing["pipeline_id"]
    FlowsRepository(doors.runtime.db).change_schedule(
        flowing["flow_id"],
        lambda _config: {
            "interval": "daily",
            "interval_seconds": 86400,
            "webhook_token": "s",
            "enabled": False,
            "retry_policy": {"max_attempts": 3},
        },
    )
    copy = ability(doors, OPERATOR, "duplicate-pipeline", pipeline_id=number, new_name="Kiln copy")
    assert {key: copy[key] for key in ("pipeline_name", "source_pipeline_id", "flows_created")} == {
        "pipeline_name": "Kiln copy",
        "source_pipeline_id": number,
        "flows_created": 1,
    }
    detail = doors.runtime.get(PipelinesService).get(OPERATOR, copy["pipeline_id"])
    [copied] = detail.flows
    assert (copied.flow_name, copied.agent_id) == ("Copy of Kiln work", agent_id)
    assert copied.scheduling_config.get("webhook_token") is None
    assert (copied.scheduling_config["interval"], copied.enabled) == ("daily", False)
    assert copied.scheduling_config["retry_policy"] == {"max_attempts": 3}
    assert [step["flow_id"] for step in copied.steps()] == [copied.flow_id] * 2
    assert copied.steps()[0]["handler_config"] == fetch["handler_config"]
    assert [step["pipeline_step_id"] for step in copied.steps()] == [
        step["pipeline_step_id"] for step in detail.pipeline.steps()
    ]

    listed = ability(doors, OPERATOR, "get-pipeline-steps", pipeline_id=number)
    step_id = listed["steps"][1]["pipeline_step_id"]
    assert listed["step_count"] == 2
    assert ability(doors, OPERATOR, "get-pipeline-steps", pipeline_step_id="9_nope")["steps"] == []
    changed = ability(doors, OPERATOR, "update-pipeline-step", pipeline_step_id=step_id, system_prompt="")
    assert (changed["pipeline_id"], changed["updated_fields"]) == (number, ["system_prompt"])
    order = [{"pipeline_step_id": each["pipeline_step_id"]} for each in reversed(listed["steps"])]
    done = ability(doors, OPERATOR, "reorder-pipeline-steps", pipeline_id=number, step_order=order)
    assert (done["success"], done["step_count"]) == (True, 2)
    added = ability(doors, OPERATOR, "add-pipeline-step", pipeline_id=number, step_type="publish")
    assert (added["flows_updated"], len(added["flow_step_ids"])) == (1, 1)
    gone = ability(
        doors,
        OPERATOR,
        "delete-pipeline-step",
        pipeline_id=number,
        pipeline_step_id=added["pipeline_step_id"],
    )
    assert (gone["success"], gone["affected_flows"]) == (True, 1)
    renamed = ability(doors, OPERATOR, "update-pipeline", pipeline_id=number, pipeline_name="Kiln new")
    assert renamed["pipeline_name"] == "Kiln new"
    assert ability(doors, OPERATOR, "delete-pipeline", pipeline_id=number)["deleted_flows"] == 1
