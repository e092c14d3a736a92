"""Memory files of pipelines and flows: both doors, the prompts they are part of, and who wins a race."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from sidecar.automation import FlowsService, PipelinesService
from sidecar.automation.files.memory_files import AttachedMemory, MemoryFiles
from sidecar.automation.repositories.attachments import Attachments
from sidecar.automation.values import NewPipelineStep
from sidecar.db import php_json
from sidecar.identity import AgentsRepository, Principal
from sidecar.memory import Injection, MemoryService, Target
from sidecar.runtime import Runtime
from tests.integration.doors.agents import Doors

OPERATOR = Principal.command_line()
DENIED = (403, "rest_forbidden")


@dataclass
class Rows:
    """A pipeline and a flow of an agent of ``owner``."""

    agent_id: int
    pipeline_id: int
    flow_id: int

    @property
    def pipeline(self) -> str:
        return f"/pipelines/{self.pipeline_id}/memory-files"

    @property
    def flow(self) -> str:
        return f"/flows/{self.flow_id}/memory-files"


@pytest.fixture(scope="module")
def rows(doors: Doors) -> Rows:
    agent_id = doors.agent("attach-keeper", "owner")
    pipelines, flows = doors.runtime.get(PipelinesService), doors.runtime.get(FlowsService)
    pipeline = pipelines.create(OPERATOR, "Attach", [NewPipelineStep("ai")], agent_id=agent_id)
    flow = flows.create(OPERATOR, pipeline.pipeline_id, "Attach", agent_id=agent_id)
    return Rows(agent_id, pipeline.pipeline_id, flow.flow_id)


@pytest.fixture(autouse=True)
def emptied(rows: Rows, doors: Doors) -> Iterator[None]:
    yield
    for kind, row_id in (("pipeline", rows.pipeline_id), ("flow", rows.flow_id)):
        Attachments(doors.runtime.db).edit(kind, row_id, lambda _old: [])  # type: ignore[arg-type]


def test_lists_keep_their_shapes_and_the_steps_beside_them(doors: Doors, rows: Rows) -> None:
    steps = _config(doors.runtime, "pipeline", rows.pipeline_id)
    assert doors.same("GET", rows.pipeline, "admin").json == {"success": True, "data": []}
    assert doors.same("GET", rows.flow, "admin").json == {"success": True, "data": {"memory_files": []}}

    given = {"memory_files": ["a b.md", "../x.md", "", "x.md", "Grün.md"]}
    cleaned = ["a-b.md", "x.md", "Grun.md"]
    stored = doors.same("PUT", rows.pipeline, "admin", body=given)
    assert (stored.status, stored.json["data"]) == (200, cleaned)
    assert stored.json["message"]
    assert doors.same("PATCH", rows.flow, "admin", body=given).json["data"] == {"memory_files": cleaned}
    assert doors.same("GET", rows.pipeline, "admin").json["data"] == cleaned
    after = _config(doors.runtime, "pipeline", rows.pipeline_id)
    assert after == steps | {"memory_files": cleaned}
    # The steps still make a plan: nothing takes the list for a step.
    assert len(doors.runtime.get(FlowsService).get(OPERATOR, rows.flow_id).flow.steps()) == 1


def test_a_form_is_a_body_too(doors: Doors, rows: Rows) -> None:
    reply = doors.same("POST", rows.flow, "admin", form={"memory_files[]": "one.md"})
    assert reply.json["data"] == {"memory_files": ["one.md"]}
    text = doors.same("POST", rows.pipeline, "admin", form={"memory_files": "a.md,b.md c.md"})
    assert text.json["data"] == ["a.md", "b.md", "c.md"]


def test_what_is_wrong_is_said_and_nothing_is_written(doors: Doors, rows: Rows) -> None:
    doors.same("PUT", rows.pipeline, "admin", body={"memory_files": ["kept.md"]})
    for name in ("evil.php", "x.php.md", ".htaccess", "photo.png"):
        reply = doors.same("PUT", rows.pipeline, "admin", body={"memory_files": ["a.md", name]})
        if name == "x.php.md":
            # WordPress itself has made it harmless: x.php_.md.
            assert reply.status == 200
            doors.same("PUT", rows.pipeline, "admin", body={"memory_files": ["kept.md"]})
            continue
        assert reply.refusal[:2] == (400, "memory_name_invalid"), name
    for body in ({}, {"memory_files": None}):
        refused = doors.same("PUT", rows.pipeline, "admin", body=body)
        assert refused.refusal[:2] == (400, "rest_missing_callback_param")
    for names, code in (
        (["x" * 300 + ".md"], "memory_name_invalid"),
        ([f"{number}.md" for number in range(201)], "too_many_memory_files"),
    ):
        refused = doors.same("PUT", rows.pipeline, "admin", body={"memory_files": names})
        assert refused.refusal[:2] == (400, code)
    refused = doors.same("PUT", rows.pipeline, "admin", body={"memory_files": [["a.md"]]})
    assert refused.refusal[:2] == (400, "rest_invalid_param")
    assert doors.same("GET", rows.pipeline, "admin").json["data"] == ["kept.md"]
    huge = "9" * 30
    missing = doors.same("GET", f"/pipelines/{huge}/memory-files", "admin")
    assert missing.refusal[:2] == (404, "pipeline_not_found")
    missing = doors.same("GET", "/pipelines/99999999/memory-files", "admin")
    assert missing.refusal[:2] == (404, "pipeline_not_found")
    missing = doors.same("PUT", "/flows/99999999/memory-files", "admin", body={"memory_files": []})
    assert missing.refusal[:2] == (404, "flow_not_found")


def test_only_admins_of_the_agent_change_and_only_viewers_look(doors: Doors, rows: Rows) -> None:
    body = {"memory_files": ["mine.md"]}
    assert doors.same("PUT", rows.pipeline, "owner", body=body).status == 200
    for path in (rows.pipeline, rows.flow):
        # Manages flows, and has nothing to do with the agent; and who may not manage flows at all.
        for who in ("runner", "reader"):
            assert doors.same("GET", path, who).refusal[:2] == DENIED
            assert doors.same("PUT", path, who, body={"memory_files": ["his.md"]}).refusal[:2] == DENIED
        assert doors.ask("wordpress", "GET", path, None).refusal[:2] == DENIED
        assert doors.ask("sidecar", "GET", path, None).refusal[:2] == (401, "rest_forbidden")
    assert doors.same("GET", rows.pipeline, "owner").json["data"] == ["mine.md"]


def test_nobody_loses_a_change_that_was_made_at_the_same_time(doors: Doors, rows: Rows) -> None:
    """Four threads attach four files each."""
    service = doors.runtime.get(MemoryFiles)
    names = [f"n{number}.md" for number in range(16)]
    attachments = Attachments(doors.runtime.db)

    def attach(mine: list[str]) -> None:
        for name in mine:
            attachments.edit("flow", rows.flow_id, lambda old, name=name: [*old, name])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(attach, [names[at::4] for at in range(4)]))
    assert sorted(service.attached(OPERATOR, "flow", rows.flow_id)) == sorted(names)


def test_a_configuration_that_changed_in_between_is_read_again(doors: Doors, rows: Rows) -> None:
    """What a queue or an editor writes between our read and our write is kept."""
    db, asked = doors.runtime.db, 0

    def change(old: list[str]) -> list[str]:
        nonlocal asked
        asked += 1
        if asked == 1:
            config = _config(doors.runtime, "flow", rows.flow_id) | {"daily_memory": {"days": 3}, "É": 1}
            with db.transaction() as session:
                session.update(
                    db.tables().flows, {"flow_config": php_json.dumps(config)}, {"flow_id": rows.flow_id}
                )
        return [*old, "late.md"]

    assert Attachments(db).edit("flow", rows.flow_id, change) == ["late.md"]
    assert asked == 2
    config = _config(doors.runtime, "flow", rows.flow_id)
    assert (config["É"], config["memory_files"]) == (1, ["late.md"])
    assert "daily_memory" not in config
    del config["É"]
    with db.transaction() as session:
        session.update(db.tables().flows, {"flow_config": php_json.dumps(config)}, {"flow_id": rows.flow_id})


def test_attached_files_are_part_of_the_prompt(doors: Doors, rows: Rows) -> None:
    runtime = doors.runtime
    agent = runtime.get(AgentsRepository).get(rows.agent_id)
    assert agent is not None
    memory = runtime.get(MemoryService)
    memory.write("pipeline words\n", user_id=agent.owner_id, agent_id=agent.agent_id, filename="PIPE-G.md")
    memory.write("flow words", user_id=agent.owner_id, agent_id=agent.agent_id, filename="FLOW-G.md")
    service, attached = runtime.get(MemoryFiles), runtime.get(AttachedMemory)
    service.replace(OPERATOR, "pipeline", rows.pipeline_id, ["ABSENT-G.md", "PIPE-G.md"])
    service.replace(OPERATOR, "flow", rows.flow_id, ["FLOW-G.md"])

    assert attached.for_pipeline(rows.pipeline_id, agent) == [("PIPE-G.md", "pipeline words\n")]
    assert attached.for_flow(rows.flow_id, agent) == [("FLOW-G.md", "flow words")]
    # Another agent has other files.
    assert attached.for_flow(rows.flow_id, None) == []

    context = {"pipeline_id": rows.pipeline_id, "flow_id": str(rows.flow_id)}
    target = Target(agent.owner_id, agent.agent_id)
    parts = runtime.get(Injection).assemble(OPERATOR, target, "pipeline", context=context)
    ours = [(part.source, part.priority, part.content) for part in parts if part.source != "core"]
    assert ours == [
        ("pipeline", 40, "## Memory File: PIPE-G.md\npipeline words\n"),
        ("flow", 45, "## Memory File: FLOW-G.md\nflow words"),
    ]
    direct = {"pipeline_id": "direct", "flow_id": "direct"}
    again = runtime.get(Injection).assemble(OPERATOR, target, "pipeline", context=direct)
    assert [part.source for part in again if part.source != "core"] == []


def _config(runtime: Runtime, kind: str, row_id: int) -> dict[str, object]:
    tables = runtime.db.tables()
    table = tables.pipelines if kind == "pipeline" else tables.flows
    with runtime.db.session() as session:
        text = session.scalar(f"SELECT {kind}_config FROM {table} WHERE {kind}_id = :id", {"id": row_id})
    found = php_json.loads(text)
    assert isinstance(found, dict)
    return found
