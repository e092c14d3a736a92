"""Flows: made, changed, scheduled, paused, copied and deleted, through every door."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dev import processes
from dev.instance import Instance
from sidecar.abilities import Registry
from sidecar.automation import FlowsService, PipelinesService
from sidecar.automation.files.flow_folders import FlowFolders
from sidecar.automation.files.job_files import JobFiles
from sidecar.automation.flows import pausing, restoring
from sidecar.automation.flows.abilities import FlowServices
from sidecar.automation.flows.cycle import Cycle
from sidecar.automation.flows.listeners import FlowListeners
from sidecar.automation.flows.masking import MASK
from sidecar.automation.flows.pausing import Scope
from sidecar.automation.flows.schedules import FlowSchedules
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.values import NewPipelineStep, StepConfig
from sidecar.clock import mysql
from sidecar.identity import AccessService, Principal
from sidecar.queue import schedules
from sidecar.queue.reconciler import Reconciler
from sidecar.runtime import Runtime
from tests.integration.doors.agents import Doors
from tests.integration.doors.operators import DOORS, run

pytestmark = pytest.mark.usefixtures("calm_flows")

OPERATOR = Principal.command_line()
BOTH = ("wordpress", "sidecar")
HOOK = "datamachine_run_flow_now"
TOKEN = "7" * 64
#: 2030-01-18T20:53:20+00:00
LATER = 1_895_000_000
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00")


@dataclass
class Place:
    """A pipeline of an agent of ``owner``, and flows of it."""

    agent_id: int
    pipeline_id: int
    make: Callable[..., int]


@pytest.fixture(scope="module", autouse=True)
def plugin(site: Instance) -> Iterator[None]:
    """Another plugin knows one more interval."""
    file = site.path / "wp-content/mu-plugins/d-flow-hooks.php"
    file.write_text(Path(__file__).with_name("flow_hooks.php").read_text())
    yield
    file.unlink()


@pytest.fixture(scope="module")
def place(doors: Doors) -> Place:
    agent_id = doors.agent("flowkeeper", "owner")
    kinds = [NewPipelineStep(kind) for kind in ("fetch", "ai", "publish")]
    made = doors.runtime.get(PipelinesService).create(OPERATOR, "D flows", kinds, agent_id=agent_id)

    def make(name: str = "D flow", **more: Any) -> int:
        return doors.runtime.get(FlowsService).create(OPERATOR, made.pipeline_id, name, **more).flow_id

    return Place(agent_id, made.pipeline_id, make)


@pytest.fixture
def flow(place: Place) -> int:
    """A manual flow whose webhook has secrets."""
    return place.make(step_configs={"fetch": StepConfig("rss", {"feed_url": "http://127.0.0.1/?feed=rss2"})})


def rows(runtime: Runtime, flow_id: int, status: str = "pending") -> list[dict[str, Any]]:
    """Doorbells of a flow, its single runs too, oldest first."""
    with runtime.db.session() as session:
        return session.all(
            f"SELECT action_id, args, extended_args, schedule, scheduled_date_gmt, group_id FROM"
            f" {runtime.db.tables().actionscheduler_actions} WHERE hook = :hook AND status = :status"
            " AND (args = :own OR args LIKE :single) ORDER BY action_id",
            {"hook": HOOK, "status": status, "own": f"[{flow_id}]", "single": f"[{flow_id},%"},
        )


def column(runtime: Runtime, flow_id: int) -> dict[str, Any]:
    found = runtime.get(FlowsService).get(OPERATOR, flow_id).flow.scheduling_config
    return dict(found)


def newest(runtime: Runtime, flow_id: int) -> tuple[int, dict[str, Any]]:
    """The last job of a flow, and what it carries."""
    latest = runtime.get(FlowsService).get(OPERATOR, flow_id).latest
    assert latest is not None
    return latest.job_id, json.loads(JobsRepository(runtime.db).engine_data(latest.job_id) or "{}")


def put(runtime: Runtime, flow_id: int, **more: Any) -> None:
    """Add keys to a schedule as their owners do."""
    FlowsRepository(runtime.db).change_schedule(flow_id, lambda config: config | more)


def ability(doors: Doors, name: str, who: Principal = OPERATOR, **given: Any) -> dict[str, Any]:
    found: dict[str, Any] = doors.runtime.get(Registry).execute(who, f"datamachine/{name}", given)
    return found


@pytest.mark.parametrize("door", BOTH)
def test_a_flow_lives_from_its_making_to_its_end(doors: Doors, place: Place, door: str) -> None:
    def ask(method: str, path: str, body: Any = None) -> Any:
        return doors.ask(door, method, path, "owner", body=body)

    made = ask(
        "POST",
        "/flows",
        {
            "pipeline_id": place.pipeline_id,
            "flow_name": "Morning <b>news</b>",
            "flow_config": {"fetch": {"handler_slug": "rss", "handler_config": {"feed_url": "http://x/"}}},
            "scheduling_config": {"interval": "hourly"},
            "retry_policy": {"max_attempts": 3},
        },
    )
    assert made.status == 200, made.body
    data = made.json["data"]
    number = data["flow_id"]
    assert (data["success"], data["flow_name"], data["synced_steps"]) == (True, "Morning news", 3)
    assert data["flow_data"]["flow_id"] == str(number)
    assert data["flow_data"]["agent_id"] == str(place.agent_id)

    shown = ask("GET", f"/flows/{number}").json["data"]
    assert shown["scheduling_config"] == {
        "interval": "hourly",
        "interval_seconds": 3600,
        "first_run": shown["scheduling_config"]["first_run"],
        "retry_policy": {"max_attempts": 3},
    }
    assert STAMP.fullmatch(shown["scheduling_config"]["first_run"])
    assert (shown["enabled"], shown["is_running"], shown["last_run"], shown["last_run_display"]) == (
        True, False, None, "Never",
    )  # fmt: skip
    assert shown["next_run"] == shown["scheduling_config"]["first_run"][:19].replace("T", " ")
    assert shown["next_run_display"] not in ("", "Never")
    fetch = next(iter(shown["flow_config"].values()))
    assert "http://x/" in fetch["settings_summary"]
    config = ask("GET", f"/flows/{number}/config").json["data"]
    assert config == {"flow_id": number, "flow_config": shown["flow_config"]}

    listed = ask("GET", f"/flows?pipeline_id={place.pipeline_id}&per_page=100").json
    assert [one for one in listed["data"] if one["flow_id"] == number] == [shown]
    assert listed["total"] == len(listed["data"])
    page = ask("GET", f"/flows?pipeline_id={place.pipeline_id}&per_page=1&offset={listed['total'] - 1}").json
    assert (page["data"], page["per_page"], page["total"]) == ([shown], 1, listed["total"])

    changed = ask("PATCH", f"/flows/{number}", {"flow_name": "Evening", "retry_policy": None}).json
    assert (changed["data"]["flow_name"], changed["message"]) == ("Evening", "Flow updated successfully")
    assert "retry_policy" not in changed["data"]["scheduling_config"]
    assert changed["data"]["next_run"] == shown["next_run"]

    gone = ask("DELETE", f"/flows/{number}")
    assert gone.json == {
        "success": True,
        "flow_id": number,
        "pipeline_id": place.pipeline_id,
        "message": "Flow deleted successfully",
    }
    assert ask("GET", f"/flows/{number}").refusal[:2] == (404, "flow_not_found")
    assert rows(doors.runtime, number) == []


@pytest.mark.parametrize("door", BOTH)
def test_what_cannot_be_done_has_a_status_and_a_code(
    doors: Doors, place: Place, flow: int, door: str
) -> None:
    def refusal(method: str, path: str, body: Any = None, who: str | None = "owner") -> Any:
        return doors.ask(door, method, path, who, body=body).refusal

    bogus = {"interval": "bogus"}
    message = (
        "Invalid interval 'bogus'. Valid options: d_fortnightly, daily, every_12_hours, every_2_hours,"
        " every_3_days, every_4_hours, every_5_minutes, every_6_hours, hourly, monthly, qtrdaily, twicedaily,"
        " weekly"
    )
    assert refusal("PATCH", f"/flows/{flow}", {"scheduling_config": bogus}) == (400, "update_failed", message)
    body = {"pipeline_id": place.pipeline_id, "scheduling_config": bogus}
    assert refusal("POST", "/flows", body) == (400, "flow_creation_failed", message)
    assert refusal("POST", "/flows", {"pipeline_id": 999_999})[:2] == (404, "flow_creation_failed")
    assert refusal("POST", "/flows", {})[:2] == (400, "rest_missing_callback_param")
    assert refusal("PATCH", f"/flows/{flow}", {})[:2] == (400, "update_failed")
    assert refusal("PATCH", f"/flows/{flow}", {"flow_name": " <p> "})[:2] == (400, "update_failed")
    retry = {"retry_policy": {"max_attempts": 99}}
    assert refusal("PATCH", f"/flows/{flow}", retry)[:2] == (400, "update_failed")
    assert refusal("PATCH", "/flows/999999", {"flow_name": "x"})[:2] == (404, "update_failed")
    assert refusal("DELETE", "/flows/999999")[:2] == (404, "flow_deletion_failed")
    assert refusal("POST", "/flows/999999/duplicate")[:2] == (404, "flow_duplication_failed")
    assert refusal("POST", "/flows/999999/pause")[:2] == (404, "flow_not_found")
    assert refusal("POST", "/flows/pause", {}) == (
        400, "missing_scope", "Must provide pipeline_id or agent_id.",
    )  # fmt: skip
    assert refusal("POST", "/flows/resume", {"pipeline_id": 999_999})[:2] == (404, "no_flows_found")
    assert refusal("GET", "/flows", who=None)[1] == "rest_forbidden"
    assert refusal("GET", "/flows", who="reader") == (
        403, "rest_forbidden", "You do not have permission to access flows.",
    )  # fmt: skip


def test_a_schedule_has_one_row_and_loses_nothing_else(doors: Doors, flow: int) -> None:
    runtime = doors.runtime
    put(runtime, flow, webhook_enabled=True, webhook_token=TOKEN, retry_policy={"max_attempts": 2})
    kept = {"webhook_enabled": True, "webhook_token": TOKEN, "retry_policy": {"max_attempts": 2}}

    def schedule(door: str = "sidecar", **config: Any) -> dict[str, Any]:
        reply = doors.ask(door, "PATCH", f"/flows/{flow}", "owner", body={"scheduling_config": config})
        assert reply.status == 200, reply.body
        assert TOKEN not in reply.body.decode()
        assert reply.json["data"]["scheduling_config"]["webhook_token"] == MASK
        found = column(runtime, flow)
        assert {key: found[key] for key in kept} == kept
        return found

    hourly = schedule(interval="hourly")
    (row,) = rows(runtime, flow)
    bell = schedules.parse(row["schedule"])
    assert isinstance(bell, schedules.Interval)
    assert (bell.every, row["args"]) == (3600, f"[{flow}]")
    assert hourly["first_run"][:19].replace("T", " ") == str(row["scheduled_date_gmt"])

    # The same again changes nothing, the row of it least of all.
    assert schedule("wordpress", interval="hourly") == hourly
    assert rows(runtime, flow) == [row]

    assert schedule(interval="0 9 * * 1-5")["cron_expression"] == "0 9 * * 1-5"
    (cron,) = rows(runtime, flow)
    assert isinstance(schedules.parse(cron["schedule"]), schedules.Cron)
    assert [one["action_id"] for one in rows(runtime, flow, "canceled")] == [row["action_id"]]

    assert schedule("wordpress", interval="d_fortnightly")["interval_seconds"] == 1_209_600
    once = schedule(interval="one_time", timestamp=LATER)
    assert once["scheduled_time"] == "2030-01-18T20:53:20+00:00"
    (single,) = rows(runtime, flow)
    assert single["schedule"] == schedules.Single(datetime.fromtimestamp(LATER, UTC)).serialized()

    assert schedule(interval="manual") == {"interval": "manual", **kept}
    assert rows(runtime, flow) == []


@pytest.mark.parametrize("door", BOTH)
def test_flows_are_paused_and_resumed_one_by_one_and_together(doors: Doors, place: Place, door: str) -> None:
    pipeline = doors.runtime.get(PipelinesService).create(
        OPERATOR, "D pausing", [NewPipelineStep("ai")], agent_id=place.agent_id
    )
    make = doors.runtime.get(FlowsService).create
    first, second = (
        make(OPERATOR, pipeline.pipeline_id, name, scheduling={"interval": "daily"}).flow_id
        for name in ("A", "B")
    )

    def ask(path: str, body: Any = None) -> Any:
        reply = doors.ask(door, "POST", path, "owner", body=body)
        assert reply.status == 200, reply.body
        return reply.json

    assert ask(f"/flows/{first}/pause") == {
        "success": True,
        "paused": 1,
        "skipped": 0,
        "flows": [{"flow_id": first, "status": "paused"}],
        "message": "Paused 1 flow(s), skipped 0 (already paused).",
    }
    paused = column(doors.runtime, first)
    assert (paused["interval"], paused["enabled"], rows(doors.runtime, first)) == ("daily", False, [])
    # A paused flow that gets another schedule stays paused.
    doors.runtime.get(FlowsService).update(OPERATOR, first, scheduling={"interval": "hourly"})
    assert (column(doors.runtime, first)["enabled"], rows(doors.runtime, first)) == (False, [])

    scope = {"pipeline_id": pipeline.pipeline_id}
    assert ask("/flows/pause", scope)["flows"] == [
        {"flow_id": first, "status": "already_paused"},
        {"flow_id": second, "status": "paused"},
    ]
    assert ask("/flows/resume", scope) == {
        "success": True,
        "resumed": 2,
        "skipped": 0,
        "errors": 0,
        "flows": [{"flow_id": first, "status": "resumed"}, {"flow_id": second, "status": "resumed"}],
        "message": "Resumed 2 flow(s), skipped 0 (not paused), 0 error(s).",
    }
    assert ask(f"/flows/{first}/resume")["flows"] == [{"flow_id": first, "status": "not_paused"}]
    assert "enabled" not in column(doors.runtime, first)
    assert [len(rows(doors.runtime, one)) for one in (first, second)] == [1, 1]
    # A schedule that is none any more is the error of its flow alone.
    ask("/flows/pause", scope)
    put(doors.runtime, second, interval="cron", cron_expression="60 * * * *")
    mixed = ask("/flows/resume", scope)
    assert [(one["flow_id"], one["status"]) for one in mixed["flows"]] == [
        (first, "resumed"), (second, "error"),
    ]  # fmt: skip
    assert [len(rows(doors.runtime, one)) for one in (first, second)] == [1, 0]
    assert {one["flow_id"] for one in ask("/flows/pause", {"agent_id": place.agent_id})["flows"]} >= {
        first, second,
    }  # fmt: skip
    doors.runtime.get(FlowServices).deletion.delete(OPERATOR, first)
    doors.runtime.get(FlowServices).deletion.delete(OPERATOR, second)


def test_pausing_many_leaves_none_out_where_one_is_deleted_meanwhile(
    doors: Doors, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = doors.runtime.get(PipelinesService).create(
        OPERATOR, "D many", [NewPipelineStep("ai")], agent_id=place.agent_id
    )
    make = doors.runtime.get(FlowsService).create
    ids = [make(OPERATOR, pipeline.pipeline_id, name).flow_id for name in "ABCDE"]
    monkeypatch.setattr(pausing, "BATCH", 2)
    find, gone = FlowsRepository.find, list[int]()

    def deleting(self: FlowsRepository, **filters: Any) -> Any:
        found = find(self, **filters)
        if not gone:
            gone.append(ids[0])
            doors.runtime.get(FlowServices).deletion.delete(OPERATOR, ids[0])
        return found

    monkeypatch.setattr(FlowsRepository, "find", deleting)
    scope = Scope(pipeline_id=pipeline.pipeline_id)
    done = doors.runtime.get(FlowServices).pausing.pause(OPERATOR, scope)
    assert [(one.flow_id, one.status) for one in done] == [(flow_id, "paused") for flow_id in ids[1:]]


def test_roles_hold_for_schedules_too(doors: Doors, place: Place, flow: int) -> None:
    """An operator of the agent pauses and runs, an admin changes; of another's nobody does anything."""
    access = doors.runtime.get(AccessService)
    body = {"scheduling_config": {"interval": "daily"}}
    requests = [
        ("PATCH", f"/flows/{flow}", body),
        ("POST", f"/flows/{flow}/pause", None),
        ("POST", f"/flows/{flow}/duplicate", None),
        ("POST", "/flows", {"pipeline_id": place.pipeline_id}),
        ("GET", f"/flows/{flow}", None),
        ("DELETE", f"/flows/{flow}", None),
    ]

    def statuses() -> list[int]:
        return [doors.ask("sidecar", m, path, "runner", body=sent).status for m, path, sent in requests]

    assert statuses() == [403] * 6
    listed = doors.ask("sidecar", "GET", "/flows?per_page=100", "runner").json["data"]
    assert flow not in {one["flow_id"] for one in listed}
    runner = doors.people["runner"].id
    access.grant(OPERATOR, place.agent_id, runner, "operator")
    try:
        assert statuses() == [403, 200, 403, 403, 200, 403]
        bulk = {"pipeline_id": place.pipeline_id}
        assert doors.ask("sidecar", "POST", "/flows/resume", "runner", body=bulk).status == 200
    finally:
        access.revoke(OPERATOR, place.agent_id, runner)


def test_a_copy_has_the_steps_and_the_interval_and_no_secret_in_sight(doors: Doors, place: Place) -> None:
    runtime = doors.runtime
    source = place.make(
        "Original",
        step_configs={
            "fetch": StepConfig("rss", {"feed_url": "http://127.0.0.1/?feed=rss2"}),
            "ai": StepConfig(user_message="Write."),
        },
        scheduling={"interval": "every_2_hours"},
    )
    put(runtime, source, webhook_enabled=True, webhook_token=TOKEN)
    FlowsRepository(runtime.db).change(source, lambda config: config | {"memory_files": ["notes.md"]})
    reply = doors.ask("wordpress", "POST", f"/flows/{source}/duplicate", "owner")
    assert reply.status == 200, reply.body
    made = reply.json
    assert (made["flow_name"], made["source_flow_id"], made["scheduling"]) == (
        "Copy of Original", source, "every_2_hours",
    )  # fmt: skip
    assert TOKEN not in reply.body.decode()
    copy = runtime.get(FlowsService).get(OPERATOR, made["flow_id"]).flow
    original = runtime.get(FlowsService).get(OPERATOR, source).flow
    assert not {"webhook_token", "webhook_enabled"} & copy.scheduling_config.keys()
    assert copy.flow_config["memory_files"] == ["notes.md"]
    places = {"flow_step_id", "flow_id"}
    for one, other in zip(copy.steps(), original.steps(), strict=True):
        assert {k: v for k, v in one.items() if k not in places} == {
            k: v for k, v in other.items() if k not in places
        }
        assert one["flow_step_id"] == f"{other['pipeline_step_id']}_{copy.flow_id}"
    assert (len(rows(runtime, copy.flow_id)), copy.portable_slug) == (1, "copy-of-original")

    target = runtime.get(PipelinesService).create(
        OPERATOR, "D target", [NewPipelineStep(kind) for kind in ("fetch", "ai", "publish")]
    )
    answer = ability(
        doors,
        "duplicate-flow",
        source_flow_id=source,
        target_pipeline_id=target.pipeline_id,
        flow_name="Elsewhere",
        scheduling_config={"interval": "manual"},
        step_config_overrides={"ai": {"user_message": "Write more."}},
    )
    assert (answer["success"], answer["target_pipeline_id"]) == (True, target.pipeline_id)
    elsewhere = runtime.get(FlowsService).get(OPERATOR, answer["flow_id"]).flow
    ai = elsewhere.steps()[1]
    assert ([one["prompt"] for one in ai["prompt_queue"]], ai["pipeline_id"]) == (
        ["Write more."], target.pipeline_id,
    )  # fmt: skip
    other = runtime.get(PipelinesService).create(OPERATOR, "D other", [NewPipelineStep("ai")])
    refused = ability(doors, "duplicate-flow", source_flow_id=source, target_pipeline_id=other.pipeline_id)
    assert (refused["success"], refused["error_code"]) == (False, "incompatible_pipelines")


def test_the_end_of_a_flow_takes_along_what_was_to_come(doors: Doors, place: Place) -> None:
    runtime = doors.runtime
    number = place.make()
    runtime.get(FlowsService).run_at(OPERATOR, number, LATER, initial_data={"long": "x" * 300})
    # Long arguments stand in another column than those of schedules.
    [summary] = runtime.get(FlowsService).find(OPERATOR, flow_id=number)[0]
    assert summary.next_run == mysql(datetime.fromtimestamp(LATER, UTC))
    runtime.get(FlowsService).update(OPERATOR, number, scheduling={"interval": "daily"})
    step = next(iter(runtime.get(FlowsService).get(OPERATOR, number).flow.flow_config))
    names = runtime.db.tables()
    with runtime.db.session() as session:
        ids = [
            session.insert(
                names.jobs,
                {
                    "pipeline_id": str(place.pipeline_id),
                    "flow_id": str(number),
                    "source": "pipeline",
                    "status": status,
                    "agent_id": place.agent_id,
                },
            )
            for status in ("pending", "completed")
        ]
        session.insert(
            names.processed_items,
            {"flow_step_id": step, "source_type": "rss", "item_identifier": "a", "job_id": ids[1]},
        )
    assert len(rows(runtime, number)) == 1
    folders = FlowFolders(lambda: runtime.get(JobFiles).root)
    folders.write(place.pipeline_id, number, "upload.txt", b"x")
    answer = ability(doors, "delete-flow", flow_id=number)
    assert answer["success"] is True
    folder = runtime.get(JobFiles).root / f"pipeline-{place.pipeline_id}"
    assert not (folder / f"flow-{number}").exists()
    assert rows(runtime, number) == []
    with runtime.db.session() as session:
        left = session.column(
            f"SELECT status FROM {names.jobs} WHERE job_id IN :ids ORDER BY job_id", {"ids": ids}
        )
        assert left == ["cancelled - flow_deleted", "completed"]
        items = f"SELECT COUNT(*) FROM {names.processed_items} WHERE flow_step_id = :step"
        assert session.scalar(items, {"step": step}) == 0
        pending = (
            f"SELECT COUNT(*) FROM {names.actionscheduler_actions} WHERE hook = :hook AND status = 'pending'"
            " AND extended_args LIKE :args"
        )
        assert session.scalar(pending, {"hook": HOOK, "args": f"[{number},%"}) == 0


def test_a_later_run_is_its_own_row_and_has_no_more_rights_than_its_token(
    doors: Doors, place: Place, flow: int
) -> None:
    runtime = doors.runtime
    service = runtime.get(FlowsService)
    service.update(OPERATOR, flow, scheduling={"interval": "daily"})
    before = column(runtime, flow)
    limited = Principal(
        "agent",
        user_id=doors.people["owner"].id,
        agent_id=place.agent_id,
        ceiling=frozenset({"datamachine_manage_flows"}),
    )
    later = service.run_at(limited, flow, LATER, initial_data={"a": 1})
    assert (later.scheduled_time, column(runtime, flow)) == ("2030-01-18T20:53:20+00:00", before)
    own, single = rows(runtime, flow)
    assert json.loads(single["args"]) == [flow, None, {"a": 1}, ["datamachine_manage_flows"]]
    assert own["args"] == f"[{flow}]"
    # The schedule changes and its row with it; the single run stays.
    service.update(OPERATOR, flow, scheduling={"interval": "manual"})
    assert [row["action_id"] for row in rows(runtime, flow)] == [later.action_id]
    assert service.get(OPERATOR, flow).next_run == "2030-01-18 20:53:20"

    # Its moment comes.
    with runtime.db.session() as session:
        session.execute(
            f"UPDATE {runtime.db.tables().actionscheduler_actions} SET scheduled_date_gmt = UTC_TIMESTAMP()"
            " WHERE action_id = :id",
            {"id": later.action_id},
        )
    doors.site.datamachine("drain", "--limit=1")
    job_id, carried = newest(runtime, flow)
    assert carried["a"] == 1
    with runtime.db.session() as session:
        limit = session.scalar(
            f"SELECT capabilities FROM {runtime.db.tables().bridge_limits} WHERE job_id = :job",
            {"job": job_id},
        )
    assert json.loads(limit) == ["datamachine_manage_flows"]


def test_a_single_moment_is_over_once_it_has_run(doors: Doors, flow: int) -> None:
    runtime = doors.runtime
    service = runtime.get(FlowsService)
    service.update(OPERATOR, flow, scheduling={"interval": "one_time", "timestamp": int(time.time()) - 5})
    put(runtime, flow, webhook_token=TOKEN)
    with runtime.db.session() as session:
        session.execute(
            f"UPDATE {runtime.db.tables().actionscheduler_actions} SET status = 'complete'"
            " WHERE hook = :hook AND args = :args AND status = 'pending'",
            {"hook": HOOK, "args": f"[{flow}]"},
        )
    job = service.run(OPERATOR, flow).job_id
    listeners = FlowListeners(runtime.db, service, runtime.get(FlowSchedules), None)  # type: ignore[arg-type]
    listeners.ended(job, "completed")
    assert column(runtime, flow) == {"interval": "manual", "webhook_token": TOKEN}
    # What is over does not begin anew because something else of the flow changes.
    past = {"interval": "one_time", "timestamp": int(time.time()) - 3_600}
    put(runtime, flow, **past)
    service.update(OPERATOR, flow, scheduling={"retry_policy": {"max_attempts": 2}})
    assert rows(runtime, flow) == []
    assert column(runtime, flow)["retry_policy"] == {"max_attempts": 2}
    # One that is still to come stays.
    service.update(OPERATOR, flow, scheduling={"interval": "one_time", "timestamp": LATER})
    listeners.ended(job, "completed")
    assert column(runtime, flow)["interval"] == "one_time"


def test_lost_rows_ring_again_and_silenced_ones_do_not(
    doors: Doors, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = doors.runtime
    # It can never ring, and stands before those that can.
    broken = place.make("B", scheduling={"interval": "manual"})
    put(runtime, broken, interval="cron", cron_expression="99 9 * * *")
    lost, silenced, missed, paused = (
        place.make(name, scheduling={"interval": "daily"}) for name in ("L", "S", "M", "P")
    )
    runtime.get(FlowServices).pausing.pause(OPERATOR, _one(paused))
    runtime.get(FlowsService).update(
        OPERATOR, missed, scheduling={"interval": "one_time", "timestamp": int(time.time()) + 900}
    )
    actions = runtime.db.tables().actionscheduler_actions
    # The site's own worker looks once a minute: it may do so between two of these lines, but not twice.
    for _ in range(2):
        with runtime.db.session() as session:
            for flow_id, statement in (
                (lost, f"DELETE FROM {actions}"),
                (missed, f"DELETE FROM {actions}"),
                (silenced, f"UPDATE {actions} SET status = 'canceled'"),
            ):
                session.execute(
                    f"{statement} WHERE hook = :hook AND args = :args",
                    {"hook": HOOK, "args": f"[{flow_id}]"},
                )
        answer = ability(doors, "reconcile-flow-schedules", dry_run=True)
        found = {one["flow_id"] for one in answer["flows"]}
        if found >= {lost, missed, broken} and rows(runtime, lost) == []:
            break
    else:
        raise AssertionError(answer)
    with monkeypatch.context() as patch:
        patch.setattr(restoring, "PORTION", 1)
        # One flow a round, wherever the last round ended, and whatever else is lost here.
        for _ in range(500):
            runtime.get(Reconciler).reconcile()
            if rows(runtime, lost) and rows(runtime, missed):
                break
    assert rows(runtime, broken) == []
    assert [len(rows(runtime, one)) for one in (lost, missed, silenced, paused)] == [1, 1, 0, 0]
    (again,) = rows(runtime, lost)
    assert isinstance(schedules.parse(again["schedule"]), schedules.Interval)
    assert str(again["scheduled_date_gmt"]) == column(runtime, lost)["first_run"][:19].replace("T", " ")
    runtime.get(Reconciler).reconcile()
    assert rows(runtime, lost) == [again]
    # A moment that passed long ago is over, whether it ran or not; a row without its flow starts nothing.
    put(runtime, missed, interval="one_time", timestamp=int(time.time()) - 2 * 86_400)
    with runtime.db.session() as session:
        session.execute(
            f"UPDATE {actions} SET args = '[999999]' WHERE action_id = :id",
            {"id": rows(runtime, missed)[0]["action_id"]},
        )
    runtime.get(Reconciler).reconcile()
    assert column(runtime, missed) == {"interval": "manual"}
    assert (rows(runtime, missed), rows(runtime, 999_999)) == ([], [])
    for one in (broken, lost, silenced, missed, paused):
        runtime.get(FlowServices).deletion.delete(OPERATOR, one)


def test_a_schedule_changed_while_its_row_is_worked_on_leaves_no_second_one(
    doors: Doors, place: Place
) -> None:
    """The row that ends rings for no next instance any more."""
    runtime = doors.runtime
    number = place.make(scheduling={"interval": "hourly"})
    (row,) = rows(runtime, number)
    actions = runtime.db.tables().actionscheduler_actions
    with runtime.db.session() as session:
        session.execute(
            f"UPDATE {actions} SET status = 'in-progress' WHERE action_id = :id", {"id": row["action_id"]}
        )
    runtime.get(FlowsService).update(OPERATOR, number, scheduling={"interval": "daily"})
    (new,) = rows(runtime, number)
    assert new["action_id"] != row["action_id"]
    from sidecar.queue import recurring
    from sidecar.queue.claims import Due

    due = Due(row["action_id"], HOOK, row["args"], None, row["group_id"], 1, schedule=str(row["schedule"]))
    with runtime.db.session() as session:
        assert recurring.follow(session, due) == 0
        session.execute(
            f"UPDATE {actions} SET status = 'complete' WHERE action_id = :id", {"id": row["action_id"]}
        )
    assert [one["action_id"] for one in rows(runtime, number)] == [new["action_id"]]
    runtime.get(FlowServices).deletion.delete(OPERATOR, number)


def test_those_who_change_one_schedule_together_leave_one_row(doors: Doors, flow: int) -> None:
    service = doors.runtime.get(FlowsService)
    wishes: list[Any] = [
        {"interval": "hourly"}, {"interval": "daily"}, {"retry_policy": {"max_attempts": 4}},
        {"interval": "weekly"},
        {"interval": "manual"}, {"cycle_policy": "every_cycle"}, {"interval": "*/5 * * * *"},
    ] * 2  # fmt: skip

    def change(wish: Any) -> None:
        service.update(OPERATOR, flow, scheduling=wish)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(change, wishes))
    service.update(OPERATOR, flow, scheduling={"interval": "hourly"})
    config, (row,) = column(doors.runtime, flow), rows(doors.runtime, flow)
    assert config["first_run"][:19].replace("T", " ") == str(row["scheduled_date_gmt"])
    assert (config["retry_policy"], config["cycle_policy"]) == ({"max_attempts": 4}, "every_cycle")


def test_a_cycle_starts_what_is_due_once(doors: Doors, place: Place) -> None:
    runtime = doors.runtime
    due, each, quiet = (place.make(f"D {name}", scheduling=config) for name, config in (
        ("due", {"interval": "hourly"}),
        ("each", {"interval": "manual", "cycle_policy": "every_cycle"}),
        ("quiet", {"interval": "daily"}),
    ))  # fmt: skip
    with runtime.db.session() as session:
        # Claimed by nobody, and due: as if no worker had looked yet. The site's own worker may look first.
        session.execute(
            f"UPDATE {runtime.db.tables().actionscheduler_actions} SET scheduled_date_gmt ="
            " UTC_TIMESTAMP() - INTERVAL 5 SECOND WHERE hook = :hook AND args = :args AND status = 'pending'",
            {"hook": HOOK, "args": f"[{due}]"},
        )
    cycle = runtime.get(Cycle)
    started = {one.flow_id: one for one in cycle.start(OPERATOR, "night")}
    assert started[each].job_id
    assert quiet not in started
    if due in started:
        assert (started[due].reason, started[due].job_id is not None) == ("due", True)
    assert newest(runtime, each)[1]["cycle"] == "night"
    assert due not in {one.flow_id for one in cycle.select(OPERATOR)}
    # A worker may have taken the row just before: it rings for the next one at its end.
    processes.wait_until(lambda: len(rows(runtime, due)) == 1, what="The next run of a due flow")
    listed = json.loads(doors.site.datamachine("cycle", "night", "--dry-run", "--format=json").stdout)
    assert (listed["cycle"], listed["dry_run"], listed["drain_stats"]) == ("night", True, None)
    assert {
        "flow_id": each,
        "name": "D each",
        "reason": "every_cycle",
        "job_id": None,
        "error": "",
    } in listed["flows"]
    for one in (due, each, quiet):
        runtime.get(FlowServices).deletion.delete(OPERATOR, one)


def test_several_flows_are_made_at_once_and_one_that_cannot_be_stops_no_other(
    doors: Doors, place: Place
) -> None:
    flows = [
        {"flow_name": "One"},
        {"flow_name": "Two", "scheduling_config": {"interval": "bogus"}},
        {"flow_name": "Three", "pipeline_id": 999_999},
    ]
    shared = {"fetch": {"handler_slug": "rss", "handler_config": {"feed_url": "http://127.0.0.1/"}}}
    given = {"pipeline_id": place.pipeline_id, "flows": flows, "shared_step_config": shared}
    checked = ability(doors, "create-flow", **given, validate_only=True)
    assert (checked["valid"], [one["flow_name"] for one in checked["would_create"]]) == (False, ["One"])
    done = ability(doors, "create-flow", **given)
    assert (done["created_count"], done["failed_count"], done["partial"]) == (1, 2, True)
    assert [(one["index"], one["error_code"]) for one in done["errors"]] == [
        (1, "invalid_interval"), (2, "pipeline_not_found"),
    ]  # fmt: skip
    made = doors.runtime.get(FlowsService).get(OPERATOR, done["created"][0]["flow_id"]).flow
    assert made.steps()[0]["handler_slug"] == "rss"
    found = ability(doors, "get-flows", flow_id=made.flow_id, output_mode="ids")
    assert (found["flows"], found["total"]) == ([made.flow_id], 1)
    full = ability(doors, "get-flows", flow_id=made.flow_id)["flows"][0]
    assert full["next_run_display"] == "Never"
    one = ability(doors, "create-flow", pipeline_id=place.pipeline_id)
    assert (one["flow_name"], one["creation_mode"]) == ("Flow", "single")
    assert ability(doors, "create-flow")["error_code"] == "pipeline_id_required"


def test_plugins_ask_and_command_in_php(doors: Doors, place: Place, flow: int) -> None:
    code = f"""
    echo wp_json_encode( array(
        datamachine_validate_interval( 'every_6_hours' ),
        datamachine_validate_interval( 'd_fortnightly' )['valid'],
        datamachine_validate_interval( '0 9 * * *' ),
        datamachine_validate_interval( 'nope' ),
        datamachine_resolve_interval_alias( 'every_12_hours' ),
        count( datamachine_get_default_scheduler_intervals() ),
        wp_get_ability( 'datamachine/get-scheduling-intervals' )->execute( array() ),
    ) );
    do_action( 'datamachine_run_flow_later', {flow}, 'twicedaily' );
    """
    done = doors.site.wp("eval", code, "--user=1").stdout
    alias, known, cron, unknown, resolved, count, listed = json.loads(done)
    assert (alias, known, resolved, count) == (
        {"valid": True, "resolved": "qtrdaily"}, True, "twicedaily", 10,
    )  # fmt: skip
    assert cron == {"valid": True, "resolved": "0 9 * * *"}
    assert unknown["error"].startswith("Invalid interval 'nope'. Valid options: d_fortnightly, daily,")
    assert {"value": "d_fortnightly", "label": "Fortnightly"} in listed["intervals"]
    assert listed["intervals"][0] == {"value": "manual", "label": "Manual only"}
    assert column(doors.runtime, flow)["interval"] == "twicedaily"


@pytest.mark.parametrize("door", DOORS)
def test_the_command_line_says_the_same_at_both_doors(
    doors: Doors, site: Instance, place: Place, door: str
) -> None:
    made = run(
        site, door, "flows", "create", f"--pipeline_id={place.pipeline_id}", "--name=Cli é",
        "--scheduling=hourly", '--handler-config={"rss":{"feed_url":"http://127.0.0.1/"}}',
        '--retry={"max_attempts":3,"backoff":5}',
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    number = re.search(r"Success: Flow created: ID (\d+)", made.stdout)
    assert number is not None
    flow = number.group(1)
    assert "Configured steps: " in made.stdout
    shown = run(site, door, "flows", "get", flow).stdout
    assert "Scheduling:   hourly\n" in shown
    assert "Retries:      max_attempts 3, backoff 5\n" in shown

    def said(*words: str) -> tuple[int, str]:
        done = run(site, door, "flows", *words)
        return done.returncode, done.stdout + done.stderr

    assert said("update", flow, "--name=Neu", "--scheduling=0 9 * * 1-5", "--retry=none") == (
        0, f"Success: Flow {flow} updated.\nName: Neu\nScheduling: cron (0 9 * * 1-5)\nRetries: none\n",
    )  # fmt: skip
    if door == "wp":
        # The same code runs behind both: one of them hears the rest.
        assert said("delete", flow, "--yes") == (0, f"Success: Flow {flow} deleted.\n")
        return
    assert said("update", flow, "--scheduling=nope")[1].startswith("Error: Invalid interval 'nope'. Valid")
    assert said("update", flow)[0] == 1
    assert said("update", flow, "--scheduled-at=2030-01-18 20:53:20") == (
        0, f"Success: Flow {flow} updated.\nScheduling: one_time (2030-01-18T20:53:20+00:00)\n",
    )  # fmt: skip
    assert said("run", flow, f"--timestamp={LATER}") == (
        0, f"Success: Flow {flow} scheduled for 2030-01-18T20:53:20+00:00.\n",
    )  # fmt: skip
    assert said("run", flow, f"--timestamp={LATER}", "--count=2") == (
        1, "Error: Cannot schedule multiple runs with a timestamp.\n",
    )  # fmt: skip
    assert said("run", "999999", f"--timestamp={LATER}") == (1, "Error: Flow 999999 not found.\n")
    assert said("pause", flow) == (0, "Success: Paused 1 flow(s), skipped 0 (already paused).\n")
    assert "Status:       PAUSED" in said("get", flow)[1]
    assert "(2030-01-18T20:53:20+00:00) (paused)" in said("list", f"--id={flow}")[1]
    assert said("run", flow) == (1, f"Error: Flow {flow} is paused.\n")
    assert said("resume", flow) == (0, "Success: Resumed 1 flow(s), skipped 0 (not paused), 0 error(s).\n")
    assert said("pause", "--pipeline=999999") == (
        1, "Error: No flows found matching the specified criteria.\n",
    )  # fmt: skip
    assert said("pause")[0] == 1
    asked = run(site, door, "flows", "delete", flow, input="n\n")
    assert (asked.returncode, asked.stdout.strip()) == (
        0, f"Are you sure you want to delete flow {flow}? [y/n]",
    )  # fmt: skip
    assert said("delete", flow, "--yes") == (0, f"Success: Flow {flow} deleted.\n")
    assert said("delete", flow, "--yes")[0] == 1


def _one(flow_id: int) -> Any:
    from sidecar.automation.flows.pausing import Scope

    return Scope(flow_id=flow_id)
