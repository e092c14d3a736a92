"""Pipelines as files, and their command lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dev.instance import Instance
from sidecar.automation import PipelinesService
from sidecar.automation.files.memory_files import MemoryFiles
from sidecar.automation.identifiers import flow_step_id
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.values import StepConfig
from tests.integration.doors.agents import Doors
from tests.integration.doors.kilns import OPERATOR, ability, flow_config, make, make_flow, plant, sweep
from tests.integration.doors.operators import run


@pytest.fixture(scope="module", autouse=True)
def swept(doors: Doors) -> Iterator[None]:
    yield
    sweep(doors)


@pytest.fixture
def agent_id(doors: Doors) -> int:
    return doors.agent("potter", "owner")


def test_pipelines_travel(doors: Doors, agent_id: int, site: Instance) -> None:
    number, steps = make(doors, agent_id, "Kiln =travel", "fetch", "ai")
    feed = StepConfig("rss", {"feed_url": "http://x/feed?a=1&b=2"})
    flow_id = make_flow(doors, number, "+Daily", fetch=feed, ai=StepConfig(user_message="Say é"))
    plant(doors, flow_id, api_key="geheim")
    make_flow(doors, number, "Bare")
    doors.runtime.get(MemoryFiles).replace(OPERATOR, "pipeline", number, ["glaze.md"])
    FlowsRepository(doors.runtime.db).change_schedule(
        flow_id, lambda _config: {"interval": "daily", "interval_seconds": 86400, "webhook_token": "geheim"}
    )
    text = ability(doors, OPERATOR, "export-pipelines", pipeline_ids=[number])["data"]
    assert "geheim" not in text

    # At home nothing changes, however often it is read.
    service = doors.runtime.get(PipelinesService)
    before = service.get(OPERATOR, number)
    for agent in ({"agent_id": agent_id}, {}):
        again = ability(doors, OPERATOR, "import-pipelines", data=text, **agent)
        assert (again["success"], again["imported"], again["count"]) == (True, [number], 1), again
        assert service.get(OPERATOR, number) == before

    # For another agent it is made anew, and what would start by itself is paused.
    elsewhere = doors.agent("potter-two", "owner")
    [new] = ability(doors, OPERATOR, "import-pipelines", data=text, agent_id=elsewhere)["imported"]
    detail = service.get(OPERATOR, new)
    assert (detail.pipeline.pipeline_name, detail.pipeline.agent_id) == ("Kiln =travel", elsewhere)
    assert detail.pipeline.pipeline_config["memory_files"] == ["glaze.md"]
    assert [step["label"] for step in detail.pipeline.steps()] == [
        "Fetch",
        before.pipeline.steps()[1]["label"],
    ]
    daily, bare = detail.flows
    assert (daily.flow_name, bare.flow_name, daily.agent_id) == ("+Daily", "Bare", elsewhere)
    assert (daily.scheduling_config["interval"], daily.enabled, bare.enabled) == ("daily", False, True)
    stored = flow_config(doors.runtime, flow_id)[flow_step_id(steps[0], flow_id)]["handler_config"]
    assert stored.pop("api_key") == "geheim"
    assert daily.steps()[0]["handler_config"] == stored
    assert daily.steps()[1]["prompt_queue"][0]["prompt"] == "Say é"
    assert ability(doors, OPERATOR, "import-pipelines", data=text, agent_id=elsewhere)["imported"] == [new]
    second = ability(doors, OPERATOR, "export-pipelines", pipeline_ids=[new])["data"]
    anonymous = [
        {name: cell for name, cell in row.items() if name not in ("pipeline_id", "flow_id", "scheduling")}
        for row in csv.DictReader(io.StringIO(second, newline=""))
    ]
    assert anonymous == [
        {name: cell for name, cell in row.items() if name not in ("pipeline_id", "flow_id", "scheduling")}
        for row in csv.DictReader(io.StringIO(text, newline=""))
    ]

    # A file that does not fit changes nothing.
    count = service.find(OPERATOR, limit=1)[1]
    head = "pipeline_name,step_position,step_type,step_config,flow_id,flow_name,handler,settings\n"
    for lines, code in (
        ("Kiln fresh,0,bogus,,,,,\n", "invalid_step_type"),
        ("Kiln fresh,0,fetch,,,,,\nKiln fresh,0,fetch,,1,F,bogus,\n", "handler_not_found"),
        ("Kiln fresh,0,fetch,,,,,\nKiln fresh,0,fetch,,1,F,wordpress_publish,\n", "handler_not_found"),
        ("Kiln fresh,0,ai,,,,,\nKiln =travel,0,ai,,,,,\n", "import_conflict"),
    ):
        refused = ability(doors, OPERATOR, "import-pipelines", data=head + lines, agent_id=agent_id)
        assert (refused["success"], refused["error_code"]) == (False, code), refused
    assert service.find(OPERATOR, limit=1)[1] == count

    # PHP code asks with actions.
    script = (
        f"do_action( 'datamachine_export', 'pipelines', array( {number} ) );"
        "$csv = apply_filters( 'datamachine_export_result', null );"
        "do_action( 'datamachine_import', 'pipelines', $csv );"
        "$importer = apply_filters( 'datamachine_importer', null );"
        "echo wp_json_encode( array( $csv, apply_filters( 'datamachine_import_result', null ),"
        " get_class( $importer ), $importer->handle_import( 'pages', $csv ),"
        " apply_filters( 'datamachine_import_result', null ) ) );"
    )
    exported, imported, importer, refused, nothing = json.loads(site.wp("eval", script).stdout)
    assert exported == text
    assert imported == {"imported": [number]}
    assert importer == "DataMachine\\Engine\\Actions\\ImportExport"
    assert (refused, nothing) == (False, None)
    visitor = "add_filter( 'datamachine_cli_bypass_permissions', '__return_false' );"
    refused_script = (
        f"{visitor} do_action( 'datamachine_export', 'pipelines', array( {number} ) );"
        "echo wp_json_encode( apply_filters( 'datamachine_export_result', null ) );"
    )
    assert json.loads(site.wp("eval", refused_script).stdout) is None


def test_pipelines_of_one_name_are_told_apart_at_home(doors: Doors, agent_id: int) -> None:
    twins = [make(doors, agent_id, "Kiln twin", kind)[0] for kind in ("ai", "fetch")]
    with doors.runtime.db.session() as session:
        session.execute(
            "UPDATE wp_datamachine_pipelines SET portable_slug = NULL WHERE pipeline_id IN :twins",
            {"twins": twins},
        )
    text = ability(doors, OPERATOR, "export-pipelines", pipeline_ids=twins)["data"]
    for agent in ({}, {"agent_id": agent_id}):
        assert ability(doors, OPERATOR, "import-pipelines", data=text, **agent)["imported"] == twins


def test_command_lines(doors: Doors, agent_id: int, site: Instance, tmp_path: Path) -> None:
    door = "wp"

    def say(*words: str, code: int = 0, **options: Any) -> str:
        done = run(site, door, "pipelines", *words, **options)
        assert done.returncode == code, (done.stdout, done.stderr)
        return done.stdout + done.stderr

    created = say(
        "create",
        f"--name=Kiln {door}",
        '--steps=[{"step_type":"fetch"},{"step_type":"ai"}]',
        "--agent=potter",
    )
    number = created.split("ID ")[1].split()[0]
    step = (
        doors.runtime.get(PipelinesService).get(OPERATOR, int(number)).pipeline.steps()[1]["pipeline_step_id"]
    )
    assert "Success: Pipeline created" in created
    updated = say("update", number, f"--name=Kiln new {door}", "--set-system-prompt=Say 'é' & \"b\"")
    assert updated == (
        f"Name: Kiln new {door}\nSystem prompt updated for step: {step}\n"
        f"Success: Pipeline {number} updated.\n"
    )
    config = json.dumps({step: {"disabled_tools": ["t"]}})
    answer = say("update", number, f"--config={config}", "--format=json")
    assert f"Updated step {step}: disabled_tools" in answer
    stored = doors.runtime.get(PipelinesService).get(OPERATOR, int(number)).pipeline
    assert (stored.steps()[1]["system_prompt"], stored.steps()[1]["disabled_tools"]) == (
        "Say 'é' & \"b\"",
        ["t"],
    )
    assert "Must provide" in say("update", number, code=1)
    assert "Pipeline not found" in say("update", "999999", "--name=x", code=1)
    assert "is not a step of pipeline" in say("update", number, '--config={"1_x":{}}', code=1)
    assert "has no setting bogus" in say("update", number, f'--config={{"{number}_x":{{"bogus":1}}}}', code=1)
    missing = say("update", number, f'--config={{"{number}_x":{{"system_prompt":"a"}}}}', code=1)
    assert "Step not found" in missing
    flow_id = make_flow(doors, int(number), "Kiln flow")
    copied = say("duplicate", number, f"--name=Kiln copy {door}")
    assert "Flows created: 1" in copied
    copy = copied.split("ID ")[1].split()[0]
    # The same code runs natively.
    door = "datamachine"
    file = tmp_path / "pipelines.csv"
    file.write_text(say("export", number, copy), newline="")
    assert json.loads(say("import", str(file), "--format=json")) == {
        "success": True,
        "imported": [int(number), int(copy)],
        "created": [],
        "count": 2,
    }
    door = "wp"
    rows = json.loads(say("list", f"--search=Kiln new {door}", "--format=json"))
    assert [(row["id"], row["steps"], row["step_types"], row["flows"]) for row in rows] == [
        (number, 2, "fetch, ai", 1)
    ]
    assert json.loads(say("get", number, "--format=json"))["flows"][0]["flow_id"] == str(flow_id)
    asked = say("delete", number, stdin="n\n")
    assert f'Delete pipeline "Kiln new {door}" (ID: {number}) and its 1 flow(s)? [y/n]' in asked
    assert f"Name: Kiln new {door}" in say("get", number)
    assert f"Success: Pipeline {number} deleted." in say("delete", number, stdin="y\n")
    gone = json.loads(say("delete", copy, "--force", "--format=json").partition("{")[2].join(["{", ""]))
    assert gone["deleted_flows"] == 1
    assert "Pipeline not found" in say("get", number, code=1)
    assert "Pipeline not found" in say("delete", number, "--force", code=1)
