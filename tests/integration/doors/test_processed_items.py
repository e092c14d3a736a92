"""Processed items: through both doors, the abilities and the command lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from dev.instance import Instance
from sidecar.abilities import Registry
from sidecar.automation import FlowsService, PipelinesService
from sidecar.automation.identifiers import flow_step_id
from sidecar.automation.items.rows import Criteria
from sidecar.automation.items.service import ProcessedItemsService
from sidecar.automation.pipelines.deletion import PipelineDeletion
from sidecar.automation.repositories.processed_items import ProcessedItemsRepository
from sidecar.automation.values import NewPipelineStep
from sidecar.clock import mysql
from sidecar.errors import Forbidden, NotFound
from sidecar.identity import AccessService, Principal
from tests.integration.doors.agents import Doors
from tests.integration.doors.operators import run

OPERATOR = Principal.command_line()
BOTH = ("wordpress", "sidecar")
SOURCE = "loom"


@dataclass
class Loom:
    """A pipeline of an agent of ``owner`` with two flows, and the fetch step in each."""

    pipeline_id: int
    flow_id: int
    step: str
    other_id: int
    other: str


@pytest.fixture
def loom(doors: Doors) -> Iterator[Loom]:
    agent_id = doors.agent("weaver-of-items", "owner")
    pipelines, flows = doors.runtime.get(PipelinesService), doors.runtime.get(FlowsService)
    pipeline = pipelines.create(OPERATOR, "Loom", [NewPipelineStep("fetch")], agent_id=agent_id)
    step = str(pipeline.steps()[0]["pipeline_step_id"])
    one, two = (flows.create(OPERATOR, pipeline.pipeline_id, name).flow_id for name in ("Warp", "Weft"))
    yield Loom(pipeline.pipeline_id, one, flow_step_id(step, one), two, flow_step_id(step, two))
    doors.runtime.get(PipelineDeletion).delete(OPERATOR, pipeline.pipeline_id)


def mark(doors: Doors, step: str, *items: str, job_id: int = 1) -> None:
    for item in items:
        ProcessedItemsRepository(doors.runtime.db).mark(step, SOURCE, item, job_id)


def left(doors: Doors, step: str) -> list[str]:
    with doors.runtime.db.session() as session:
        return session.column(
            "SELECT item_identifier FROM wp_datamachine_processed_items WHERE flow_step_id = :step"
            " ORDER BY item_identifier",
            {"step": step},
        )


def test_addresses_that_differ_behind_their_beginning_are_two_items(doors: Doors, loom: Loom) -> None:
    items = ProcessedItemsRepository(doors.runtime.db)
    one, other, endless = (f"https://example.org/{'a' * 180}?{tail}" for tail in ("1", "2", "z" * 400))
    assert [items.claim(loom.step, SOURCE, item, 7) for item in (one, other, endless)] == [True] * 3
    items.mark(loom.step, SOURCE, one, 7)
    items.mark(loom.step, SOURCE, endless, 7)
    assert items.release(loom.step, SOURCE, other) == 1
    known = items.state(loom.step, SOURCE, [one, other, endless])
    assert {item: found.processed for item, found in known.items()} == {one: True, endless: True}
    service = doors.runtime.get(ProcessedItemsService)
    assert service.never(OPERATOR, loom.step, SOURCE, [one, other, endless]) == [other]
    # As Data Machine stored it, and as PHP asks.
    with doors.runtime.db.session() as session:
        row = {"flow_step_id": loom.step, "source_type": SOURCE, "item_identifier": other, "job_id": 7}
        session.insert(doors.runtime.db.tables().processed_items, row)
    assert service.processed(OPERATOR, loom.step, SOURCE, other)
    asked = doors.site.wp(
        "eval",
        "$items = new DataMachine\\Core\\Database\\ProcessedItems\\ProcessedItems();"
        f"foreach ( {json.dumps([one, other, endless, f'{endless}z'])} as $item ) {{"
        f" echo (int) $items->has_item_been_processed( '{loom.step}', '{SOURCE}', $item ); }}",
    )
    assert asked.stdout == "1110"
    told: list[int] = []
    assert service.clear_where(OPERATOR, Criteria(flow_id=loom.flow_id), told.append) == 3
    assert told == [3]


@pytest.mark.parametrize("door", BOTH)
def test_a_flow_and_a_pipeline_forget(doors: Doors, loom: Loom, door: str) -> None:
    # Whose id ends alike is somebody else: an underscore is no wildcard here.
    alike = loom.step.rpartition("_")[0] + f"_1{loom.flow_id}"
    digits = f"1{loom.step}"
    mark(doors, loom.step, "a", "b")
    mark(doors, loom.other, "a")
    mark(doors, alike, "a")
    mark(doors, digits, "a")

    def clear(kind: str, target: int) -> Any:
        path = f"/processed-items?clear_type={kind}&target_id={target}"
        return doors.ask(door, "DELETE", path, "owner")

    assert clear("flow", loom.flow_id).json == {
        "success": True,
        "data": None,
        "message": f"Deleted 2 processed items for flow {loom.flow_id}",
        "items_deleted": 2,
    }
    assert [left(doors, step) for step in (loom.step, loom.other, alike, digits)] == [[], ["a"], ["a"], ["a"]]
    assert clear("pipeline", loom.pipeline_id).json["items_deleted"] == 2
    assert [left(doors, step) for step in (loom.other, alike, digits)] == [[], [], ["a"]]
    assert clear("pipeline", 999999).refusal[:2] == (404, "pipeline_not_found")
    assert clear("flow", 999999).refusal[:2] == (404, "flow_not_found")
    assert clear("job", 1).refusal[:2] == (400, "rest_invalid_param")
    with doors.runtime.db.session() as session:
        session.delete("wp_datamachine_processed_items", {"flow_step_id": digits})


def test_who_looks_and_who_forgets(doors: Doors, loom: Loom) -> None:
    mark(doors, loom.step, "a")
    service = doors.runtime.get(ProcessedItemsService)
    runner = Principal.user(doors.people["runner"].id)
    agent_id, access = doors.agent("weaver-of-items", "owner"), doors.runtime.get(AccessService)
    questions: tuple[Callable[[], object], ...] = (
        lambda: service.processed(runner, loom.step, SOURCE, "a"),
        lambda: service.history(runner, loom.step),
        lambda: service.clear(runner, "flow", loom.flow_id),
        lambda: service.clear_where(runner, Criteria(source_type=SOURCE)),
        lambda: service.clear_orphans(runner),
    )
    for ask in questions:
        with pytest.raises(Forbidden):
            ask()
    assert loom.flow_id not in {each.flow_id for each in service.audit(runner)}
    with pytest.raises(NotFound):
        service.clear(runner, "flow", 999_999)
    access.grant(OPERATOR, agent_id, doors.people["runner"].id, "operator")
    try:
        assert service.processed(runner, loom.step, SOURCE, "a")
        assert loom.flow_id in {each.flow_id for each in service.audit(runner)}
        with pytest.raises(Forbidden):
            service.clear(runner, "flow", loom.flow_id)
    finally:
        access.revoke(OPERATOR, agent_id, doors.people["runner"].id)
    assert left(doors, loom.step) == ["a"]


def test_abilities(doors: Doors, loom: Loom) -> None:
    def ask(name: str, **given: Any) -> dict[str, Any]:
        found: dict[str, Any] = doors.runtime.get(Registry).execute(OPERATOR, f"datamachine/{name}", given)
        return found

    place = {"flow_step_id": loom.step, "source_type": SOURCE}
    assert ask("has-processed-history", flow_step_id=loom.step) == {"success": True, "has_history": False}
    mark(doors, loom.step, "Old", "new")
    # A claim is no history yet.
    ProcessedItemsRepository(doors.runtime.db).claim(loom.step, SOURCE, "claimed", 1)
    old = doors.runtime.clock.now() - timedelta(days=9)
    with doors.runtime.db.session() as session:
        where = {"flow_step_id": loom.step, "item_identifier": "Old"}
        session.update("wp_datamachine_processed_items", {"processed_timestamp": mysql(old)}, where)
    assert ask("has-processed-history", flow_step_id=loom.step)["has_history"] is True
    checked = {
        item: ask("check-processed-item", **place, item_identifier=item)["is_processed"]
        for item in ("Old", "claimed", "nope")
    }
    assert checked == {"Old": True, "claimed": False, "nope": False}
    at = ask("processed-items-get-processed-at", **place, item_identifier="old")["processed_at"]
    assert at == int(old.timestamp())
    wanted = ["nope", "new", "Old", "claimed", "nope"]
    stale = ask("processed-items-find-stale", **place, candidate_identifiers=wanted, max_age_days=8)
    assert (stale["stale_ids"], stale["count"]) == (["Old"], 1)
    never = ask("processed-items-find-never-processed", **place, candidate_identifiers=wanted, limit=1)
    assert (never["never_processed"], never["count"]) == (["nope"], 1)
    every = ask("processed-items-find-never-processed", **place, candidate_identifiers=wanted)
    assert every["never_processed"] == ["nope", "claimed"]
    assert ask("processed-items-find-stale", **place, candidate_identifiers=wanted, max_age_days=0) == {
        "success": False,
        "error": "max_age_days must be at least 1.",
        "error_code": "invalid_max_age",
    }
    assert ask("has-processed-history", flow_step_id="nothing")["error_code"] == "invalid_flow_step_id"
    assert ask("clear-processed-items", clear_type="flow", target_id=loom.flow_id) == {
        "success": True,
        "deleted_count": 3,
        "message": f"Deleted 3 processed items for flow {loom.flow_id}",
    }


def test_command_lines(doors: Doors, loom: Loom, site: Instance) -> None:
    door = "wp"

    def say(*words: str, code: int = 0, **options: Any) -> str:
        done = run(site, door, "processed-items", *words, **options)
        assert done.returncode == code, (done.stdout, done.stderr)
        return done.stdout + done.stderr

    mark(doors, loom.step, *(f"item {number}" for number in range(12)))
    mark(doors, loom.other, "http://x/?a=1&b", job_id=2**40)
    assert "Specify at least one of" in say("clear", code=1)
    place = (f"--flow-step={loom.step}", f"--source={SOURCE}")
    assert say("check", *place, "--item=item 3") == (
        f'Status: PROCESSED\nItem "item 3" has already been processed for flow step {loom.step}.\n'
    )
    assert "Status: NOT PROCESSED" in say("check", *place, "--item=nope")
    assert f"Success: Flow step {loom.step} has processing history." in say("history", place[0])
    audited = json.loads(
        say("audit", f"--handler={SOURCE}", f"--pipeline={loom.pipeline_id}", "--format=json")
    )
    assert [(row["flow_id"], row["flow_name"], row["processed"]) for row in audited] == [
        (loom.flow_id, "Warp", 12)
    ]
    listed = (f"--flow-step-id={loom.step}", f"--source-type={SOURCE}")
    assert "Stale: 0 of 2 candidate(s) older than 3 day(s)." in say(
        "find-stale", *listed, "--candidate-ids=item 1, item 2", "--max-age-days=3"
    )
    found = say("find-never-processed", *listed, "--candidate-ids=item 1,x,y", "--format=json")
    assert json.loads(found) == [{"item_identifier": "x"}, {"item_identifier": "y"}]
    [row] = json.loads(say("get-processed-at", *listed, "--item-identifier=item 1", "--format=json"))
    assert row["processed_at_iso"].endswith("Z")
    assert int(row["processed_at_unix"]) > 0
    [row] = json.loads(say("get-processed-at", *listed, "--item-identifier=nope", "--format=json"))
    assert row["processed_at_unix"] == "—"
    # The same code runs natively.
    door = "datamachine"
    of_flow = f"--flow={loom.other_id}"
    assert "DRY RUN: Would delete 1 orphaned" in say("cleanup-orphans", of_flow, "--dry-run")
    report = json.loads(say("cleanup-orphans", of_flow, "--dry-run", "--format=json"))
    assert (report["orphaned"], report["deleted"], report["dry_run"]) == (1, 0, True)
    assert "Success: Deleted 1 orphaned" in say("cleanup-orphans", of_flow, "--yes")
    assert "No orphaned processed items found." in say("cleanup-orphans", of_flow)
    door = "wp"
    about = f"handler={SOURCE}, flow={loom.flow_id}"
    some = (f"--flow={loom.flow_id}", f"--handler={SOURCE}")
    assert say("clear", *some, "--dry-run") == f"DRY RUN: Would delete 12 processed items matching: {about}\n"
    assert "No processed items match" in say("clear", *some, "--before=2001-01-01")
    assert "Invalid date" in say("clear", *some, "--before=soon", code=1)
    assert f"Delete 12 processed items matching: {about}? [y/n]" in say("clear", *some, stdin="n\n")
    assert f"Success: Deleted 12 processed items ({about})." in say("clear", *some, stdin="y\n")
    assert left(doors, loom.step) == []
