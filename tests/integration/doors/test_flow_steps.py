"""Settings of flow steps: through both doors, the abilities, the command lines and PHP's filters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dev.instance import Instance
from sidecar.abilities import Registry
from sidecar.automation import FlowsService, PipelinesService
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.values import Document, NewPipelineStep, StepConfig
from sidecar.identity import AccessService, Principal
from tests.integration.doors.agents import Doors, Reply
from tests.integration.doors.operators import DOORS, run

OPERATOR = Principal.command_line()
BOTH = ("wordpress", "sidecar")
FEED = "http://127.0.0.1/?feed=rss2"


@dataclass
class Flow:
    """A flow of an agent of ``owner`` that fetches, asks a model and publishes."""

    doors: Doors
    pipeline_id: int
    flow_id: int
    fetch: str
    ai: str
    publish: str

    def step(self, step_id: str) -> Document:
        """As it is stored."""
        found: Document = FlowsRepository(self.doors.runtime.db).config(self.flow_id)[step_id]
        return found

    def config(self, door: str, step_id: str, who: str = "owner", **body: Any) -> Reply:
        return self.doors.ask(door, "PATCH", f"/flows/steps/{step_id}/config", who, body=body)


@pytest.fixture(scope="module", autouse=True)
def display(site: Instance) -> Iterator[None]:
    """Another plugin adds to what a fetch step shows."""
    plugin = site.path / "wp-content/mu-plugins/e-step-display.php"
    plugin.write_text(Path(__file__).with_name("queue_strategy.php").read_text())
    yield
    plugin.unlink()


@pytest.fixture(scope="module")
def pipeline_id(doors: Doors) -> int:
    kinds = [NewPipelineStep(kind) for kind in ("fetch", "ai", "publish")]
    agent_id = doors.agent("stepkeeper", "owner")
    service = doors.runtime.get(PipelinesService)
    return service.create(OPERATOR, "Steps", kinds, agent_id=agent_id).pipeline_id


@pytest.fixture
def flow(doors: Doors, pipeline_id: int) -> Flow:
    made = doors.runtime.get(FlowsService).create(
        OPERATOR, pipeline_id, "Steps", step_configs={"fetch": StepConfig("rss", {"feed_url": FEED})}
    )
    return Flow(doors, pipeline_id, made.flow_id, *made.flow_config)


def ability(doors: Doors, name: str, who: Principal = OPERATOR, **given: Any) -> dict[str, Any]:
    found: dict[str, Any] = doors.runtime.get(Registry).execute(who, f"datamachine/{name}", given)
    return found


@pytest.mark.parametrize("door", BOTH)
def test_settings_that_are_not_named_stay(flow: Flow, door: str) -> None:
    reply = flow.config(door, flow.fetch, handler_config={"search": "sea", "max_items": "3"})
    assert reply.status == 200, reply.body
    assert reply.json["message"] == "Flow step updated successfully. Fields updated: handler_config"
    reply = flow.config(door, flow.fetch, handler_config={"exclude_keywords": "land"})
    config = flow.step(flow.fetch)["handler_config"]
    assert {key: config[key] for key in ("feed_url", "search", "max_items", "exclude_keywords")} == {
        "feed_url": FEED, "search": "sea", "max_items": 3, "exclude_keywords": "land",
    }  # fmt: skip
    # A setting the handler does not have is refused with those it has, and nothing is stored.
    wrong = flow.config(door, flow.fetch, handler_config={"search": "x", "colour": "red"})
    assert wrong.refusal[:2] == (400, "update_failed")
    assert wrong.json["data"]["unknown_fields"] == ["colour"]
    assert "feed_url" in wrong.json["data"]["field_specs"]
    assert flow.step(flow.fetch)["handler_config"] == config
    # Another handler keeps what it also has.
    changed = flow.config(door, flow.fetch, handler_slug="wordpress_posts")
    assert changed.status == 200, changed.body
    step = flow.step(flow.fetch)
    assert (step["handler_slug"], step["enabled"]) == ("wordpress_posts", True)
    assert (step["handler_config"]["search"], "feed_url" in step["handler_config"]) == ("sea", False)


@pytest.mark.parametrize("door", BOTH)
def test_a_step_shows_what_it_is_configured_with(doors: Doors, flow: Flow, door: str) -> None:
    flow.config(door, flow.fetch, handler_config={"search": "sea"})
    reply = doors.ask(door, "GET", f"/flows/steps/{flow.fetch}/config", "owner")
    data = reply.json["data"]
    assert data["flow_step_id"] == flow.fetch
    shown = data["step_config"]
    items = {one["key"]: one for one in shown["settings_display"]}
    assert (items["feed_url"]["value"], items["search"]["display_value"]) == (FEED, "sea")
    # The other plugin's item stands behind ours, once.
    assert [one["key"] for one in shown["settings_display"]].count("seen") == 1
    assert "seen" not in [one["key"] for one in shown["handler_settings_displays"]["rss"]]
    assert f": {FEED}" in shown["settings_summary"]
    assert "Seen: yes" in shown["settings_summary"]
    ai = doors.ask(door, "GET", f"/flows/steps/{flow.ai}/config", "owner").json["data"]["step_config"]
    assert (ai["settings_display"], ai["handler_config"], ai["settings_summary"]) == ([], [], "")
    for unknown in (f"{flow.ai[:-1]}999999", "nothing", f"1_x_{flow.flow_id}"):
        empty = doors.ask(door, "GET", f"/flows/steps/{unknown}/config", "owner").json
        assert empty == {"success": True, "data": {"flow_step_id": unknown, "step_config": []}}


@pytest.mark.parametrize("door", BOTH)
def test_a_handler_is_saved_with_its_settings(doors: Doors, flow: Flow, door: str) -> None:
    path = f"/flows/steps/{flow.publish}/handler"
    given = {"handler_slug": "wordpress_publish", "pipeline_id": flow.pipeline_id, "step_type": "publish"}
    reply = doors.ask(door, "PUT", path, "owner", body={**given, "settings": {"post_status": "publish"}})
    assert reply.status == 200, reply.body
    assert reply.json["message"] == "Handler &quot;WordPress&quot; settings saved successfully."
    data = reply.json["data"]
    assert (data["flow_id"], data["step_type"], data["flow_step_id"]) == (
        flow.flow_id, "publish", flow.publish,
    )  # fmt: skip
    step = flow.step(flow.publish)
    assert step["handler_slugs"] == ["wordpress_publish"]
    assert step["handler_configs"]["wordpress_publish"]["post_status"] == "publish"
    assert data["step_config"]["handler_configs"] == step["handler_configs"]
    for wrong, refusal in (
        ({"handler_slug": "bogus"}, (404, "handler_not_found")),
        ({"handler_slug": "rss"}, (404, "handler_not_found")),
        ({"handler_slug": ""}, (400, "missing_required_fields")),
        ({"pipeline_id": 999_999}, (400, "invalid_flow_step_id")),
        ({"step_type": "fetch"}, (400, "invalid_flow_step_id")),
    ):
        assert doors.ask(door, "PUT", path, "owner", body=given | wrong).refusal[:2] == refusal, wrong
    assert flow.step(flow.publish) == step


def test_the_prompt_and_the_retry_policy(doors: Doors, flow: Flow) -> None:
    path = f"/flows/steps/{flow.ai}/user-message"
    for door, text in zip(BOTH, ("Write é.", "Sing."), strict=True):
        reply = doors.ask(door, "PATCH", path, "owner", body={"user_message": f" {text}<br>"})
        assert reply.json["data"] == {"flow_step_id": flow.ai, "user_message": text}
        step = flow.step(flow.ai)
        assert ([one["prompt"] for one in step["prompt_queue"]], step["queue_mode"]) == ([text], "static")
    assert doors.ask("sidecar", "PATCH", path, "owner", body={"user_message": ""}).status == 200
    assert flow.step(flow.ai)["prompt_queue"] == []

    policy = {"max_attempts": 3, "backoff": 5}
    assert flow.config("wordpress", flow.ai, retry_policy=policy).status == 200
    assert flow.step(flow.ai)["retry_policy"] == policy
    wrong = flow.config("wordpress", flow.ai, retry_policy={"max_attempts": 0})
    assert wrong.refusal[:2] == (400, "update_failed")
    assert flow.config("sidecar", flow.ai, retry_policy={}).status == 200
    assert "retry_policy" not in flow.step(flow.ai)
    assert doors.same("PATCH", f"/flows/steps/{flow.ai}/config", "owner", body={}).refusal[:2] == (
        400, "update_failed",
    )  # fmt: skip


def test_roles(doors: Doors, flow: Flow) -> None:
    access, runner = doors.runtime.get(AccessService), doors.people["runner"].id
    message = {"user_message": "By an operator"}
    config = {"handler_config": {"search": "x"}}
    try:
        for role, expected in (
            (None, (403, 403, 403)),
            ("viewer", (200, 403, 403)),
            ("operator", (200, 200, 403)),
            ("admin", (200, 200, 200)),
        ):
            if role is not None:
                access.grant(OPERATOR, "stepkeeper", runner, role)
            step = f"/flows/steps/{flow.ai}"
            read = doors.same("GET", f"{step}/config", "runner").status
            # The prompt of an AI step is its queue: who may queue may set it, at either route.
            prompts = {
                doors.ask("sidecar", "PATCH", f"{step}/{end}", "runner", body=message).status
                for end in ("user-message", "config")
            }
            path = f"/flows/steps/{flow.fetch}/config"
            changed = doors.same("PATCH", path, "runner", body=config)
            assert (read, *prompts, changed.status) == expected, role
    finally:
        access.revoke(OPERATOR, "stepkeeper", runner)


def test_handlers_come_and_go_over_the_abilities(doors: Doors, flow: Flow) -> None:
    def change(**given: Any) -> dict[str, Any]:
        return ability(doors, "update-flow-step", flow_step_id=flow.publish, **given)

    assert change(handler_slug="wordpress_publish") == {
        "success": True,
        "flow_step_id": flow.publish,
        "message": "Flow step updated successfully. Fields updated: handler_slug",
    }
    assert change(remove_handler="wordpress_publish")["error"] == (
        "The only handler of a step cannot be removed."
    )
    assert change(add_handler="bogus")["success"] is False
    single = ability(doors, "update-flow-step", flow_step_id=flow.fetch, add_handler="wordpress_posts")
    assert single["success"] is False
    shown = ability(doors, "get-flow-steps", flow_id=flow.flow_id)
    assert (shown["step_count"], [one["step_type"] for one in shown["steps"]]) == (
        3, ["fetch", "ai", "publish"],
    )  # fmt: skip
    assert ability(doors, "get-flow-steps", flow_step_id=flow.ai)["step_count"] == 1
    assert ability(doors, "get-flow-steps")["success"] is False
    assert ability(doors, "get-flow-steps", flow_step_id="x")["error"] == "Invalid flow_step_id format"


def test_many_flows_at_once(doors: Doors, pipeline_id: int, flow: Flow) -> None:
    second = doors.runtime.get(FlowsService).create(OPERATOR, pipeline_id, "Second")
    fetches = [flow.fetch, next(iter(second.flow_config))]

    def stored(step_id: str) -> Document:
        number = int(step_id.rpartition("_")[2])
        found: Document = FlowsRepository(doors.runtime.db).config(number)[step_id]
        return found

    given: dict[str, Any] = {
        "pipeline_id": pipeline_id,
        "step_type": "fetch",
        "handler_slug": "rss",
        "handler_config": {"feed_url": FEED, "search": "bulk"},
        "flow_configs": [{"flow_id": second.flow_id, "handler_config": {"search": "own"}}],
    }
    before = [stored(one) for one in fetches]
    checked = ability(doors, "validate-flow-steps-config", **given)
    assert (checked["valid"], {*fetches} <= {one["flow_step_id"] for one in checked["would_update"]}) == (
        True, True,
    )  # fmt: skip
    assert ability(doors, "configure-flow-steps", **given, validate_only=True) == checked
    assert [stored(one) for one in fetches] == before
    done = ability(doors, "configure-flow-steps", **given)
    assert (done["success"], done["errors"]) == (True, [])
    assert [stored(one)["handler_config"]["search"] for one in fetches] == ["bulk", "own"]
    # Another handler takes settings over by the names it has for them.
    moved = ability(
        doors,
        "configure-flow-steps",
        pipeline_id=pipeline_id,
        handler_slug="rss",
        target_handler_slug="wordpress_api",
        field_map={"feed_url": "endpoint_url"},
    )
    assert {one["switched_from"] for one in moved["updated_steps"]} == {"rss"}
    assert [stored(one)["handler_config"]["endpoint_url"] for one in fetches] == [FEED, FEED]
    # Flow by flow; a flow that is not there spoils nothing.
    listed = ability(
        doors,
        "configure-flow-steps",
        updates=[
            {"flow_id": flow.flow_id, "step_configs": {"fetch": {"handler_config": {"search": "one"}}}},
            {"flow_step_id": fetches[1], "handler_config": {"max_items": 9}},
            {"flow_id": 999_999, "step_type": "fetch", "handler_config": {"search": "x"}},
        ],
        shared_config={"fetch": {"handler_config": {"exclude_keywords": "shared"}}},
    )
    assert (listed["steps_modified"], [one["flow_id"] for one in listed["errors"]]) == (2, [999_999])
    configs = [stored(one)["handler_config"] for one in fetches]
    assert [one["exclude_keywords"] for one in configs] == ["shared", "shared"]
    assert (configs[0]["search"], configs[1]["max_items"]) == ("one", 9)
    # Prompts alone are for the steps that ask a model.
    ability(doors, "configure-flow-steps", pipeline_id=pipeline_id, user_message="All of you.")
    assert stored(flow.ai)["prompt_queue"][0]["prompt"] == "All of you."
    assert stored(flow.publish)["prompt_queue"] == []
    # Who may not edit a flow changes nothing there.
    runner = Principal.user(doors.people["runner"].id)
    refused = ability(
        doors,
        "configure-flow-steps",
        runner,
        updates=[{"flow_id": flow.flow_id, "step_configs": {"ai": {"user_message": "Mine."}}}],
    )
    assert (refused["success"], refused["steps_modified"]) == (False, 0)
    everywhere = {"all_flows": True, "handler_slug": "wordpress_api", "handler_config": {"search": "hi"}}
    assert ability(doors, "configure-flow-steps", **everywhere)["success"] is False
    none = ability(doors, "configure-flow-steps", runner, **everywhere, global_scope=True)
    assert none["error"] == "No matching steps found."
    whole = ability(doors, "configure-flow-steps", **everywhere, global_scope=True)
    assert whole["flows_updated"] >= 2
    assert [stored(one)["handler_config"]["search"] for one in fetches] == ["hi", "hi"]


def test_php_asks_by_filter(doors: Doors, flow: Flow) -> None:
    code = (
        f"$id = '{flow.fetch}';"
        "echo wp_json_encode( array("
        f" array_keys( apply_filters( 'datamachine_get_flow_config', array(), {flow.flow_id} ) ),"
        " apply_filters( 'datamachine_get_flow_step_config', array(), $id )['handler_slug'],"
        " apply_filters( 'datamachine_get_flow_step_config', array(), 'nothing' ),"
        " apply_filters( 'datamachine_get_flow_id_from_step', null, $id ),"
        " apply_filters( 'datamachine_get_flow_id_from_step', null, 'nothing' ),"
        " apply_filters( 'datamachine_get_flow_id_from_step', 7, $id ),"
        " array_column( apply_filters("
        "  'datamachine_get_handler_settings_display', array(), $id, 'fetch' ), 'key' ) ) );"
    )
    keys, slug, none, found, no_id, given, shown = json.loads(doors.site.wp("eval", code).stdout)
    assert keys == [flow.fetch, flow.ai, flow.publish]
    assert (slug, none, found, no_id, given) == ("rss", [], flow.flow_id, None, 7)
    assert ("feed_url" in shown, shown[-1]) == (True, "seen")


def test_handlers_at_the_command_line(site: Instance, flow: Flow) -> None:
    number = str(flow.flow_id)

    def say(verb: str, *words: str, code: int = 0, door: str = "wp") -> str:
        done = run(site, door, "flows", verb, *words)
        assert done.returncode == code, done
        return done.stderr if code else done.stdout

    added = say("add-handler", number, "--handler=wordpress_publish", '--config={"post_status":"publish"}')
    assert added == f"Success: Added handler 'wordpress_publish' to flow step {flow.publish}\n"
    rows = json.loads(say("list-handlers", number, "--format=json"))
    assert [(row["flow_step_id"], row["handler"]) for row in rows] == [
        (flow.fetch, "rss"), (flow.publish, "wordpress_publish"),
    ]  # fmt: skip
    assert json.loads(rows[1]["config"])["post_status"] == "publish"
    for door in DOORS:
        last = say("remove-handler", number, "--handler=wordpress_publish", code=1, door=door)
        assert last == "Error: The only handler of a step cannot be removed.\n"
    bulk = ["--pipeline=" + str(flow.pipeline_id), "--handler=rss", '--config={"search":"cli"}']
    dry = say("bulk-config", *bulk, "--dry-run")
    assert flow.fetch in dry
    assert "Success: Would update" in dry
    assert flow.step(flow.fetch)["handler_config"].get("search") != "cli"
    assert "Success: Updated" in say("bulk-config", *bulk)
    assert flow.step(flow.fetch)["handler_config"]["search"] == "cli"
    assert say("bulk-config", "--handler=rss", '--config={"search":"x"}', code=1).startswith("Error: Name a")
