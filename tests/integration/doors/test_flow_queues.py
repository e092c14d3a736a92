"""Queues of flow steps: through both doors, the abilities and the command lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dev.instance import Instance
from sidecar.abilities import Registry
from sidecar.automation import FlowsService, PipelinesService
from sidecar.automation.queues.entries import PATCHES, PROMPTS
from sidecar.automation.queues.prompt_queues import PromptQueues
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.values import NewPipelineStep, StepConfig
from sidecar.identity import AccessService, Principal
from sidecar.runtime import Runtime
from tests.integration.doors.agents import Doors
from tests.integration.doors.operators import DOORS, run

OPERATOR = Principal.command_line()
BOTH = ("wordpress", "sidecar")


@dataclass
class Flow:
    """A flow of an agent of ``owner`` that fetches, asks a model and publishes."""

    pipeline_id: int
    flow_id: int
    fetch: str
    ai: str
    publish: str


@pytest.fixture(scope="module", autouse=True)
def strategy(site: Instance) -> Iterator[None]:
    """Another plugin has a say in what is a duplicate."""
    plugin = site.path / "wp-content/mu-plugins/e-queue-strategy.php"
    plugin.write_text(Path(__file__).with_name("queue_strategy.php").read_text())
    yield
    plugin.unlink()


@pytest.fixture(scope="module")
def post(site: Instance) -> Iterator[int]:
    """A draft that a prompt may be about again."""
    made = site.wp("post", "create", "--post_title=Weaving baskets &amp; mats at home", "--porcelain")
    number = int(made.stdout.strip())
    yield number
    site.wp("post", "delete", str(number), "--force")


@pytest.fixture
def flow(doors: Doors) -> Flow:
    return make_flow(doors)


def make_flow(doors: Doors) -> Flow:
    agent_id = doors.agent("queuekeeper", "owner")
    pipelines, flows = doors.runtime.get(PipelinesService), doors.runtime.get(FlowsService)
    kinds = [NewPipelineStep(kind) for kind in ("fetch", "ai", "publish")]
    pipeline = pipelines.create(OPERATOR, "Queues", kinds, agent_id=agent_id)
    configs = {"fetch": StepConfig("rss", {"feed_url": "http://127.0.0.1/?feed=rss2"})}
    made = flows.create(OPERATOR, pipeline.pipeline_id, "Queues", step_configs=configs, agent_id=agent_id)
    return Flow(pipeline.pipeline_id, made.flow_id, *made.flow_config)


def ability(doors: Doors, who: Principal, name: str, **given: Any) -> dict[str, Any]:
    found: dict[str, Any] = doors.runtime.get(Registry).execute(who, f"datamachine/{name}", given)
    return found


def prompts(runtime: Runtime, flow: Flow) -> list[str]:
    step = runtime.get(FlowsService).get(OPERATOR, flow.flow_id).flow.flow_config[flow.ai]
    return [one["prompt"] for one in step[PROMPTS]]


@pytest.mark.parametrize("door", BOTH)
def test_a_queue_is_filled_edited_and_emptied(doors: Doors, flow: Flow, door: str) -> None:
    path, step = f"/flows/{flow.flow_id}/queue", f"?flow_step_id={flow.ai}"
    place = {"flow_id": flow.flow_id, "flow_step_id": flow.ai}

    def ask(method: str, more: str = "", **body: Any) -> Any:
        reply = doors.ask(door, method, path + more + step, "owner", body=body or None)
        assert reply.status == 200, reply.body
        return reply.json

    empty = {**place, "queue": [], "count": 0, "queue_mode": "static"}
    assert ask("GET") == {"success": True, "data": empty}
    assert ask("POST", prompts=["Say <b>hello</b> to the sea", " Paint a wall, é "]) == {
        "success": True,
        "data": {**place, "added_count": 2, "queue_length": 2},
        "message": "Added 2 prompt(s). Queue now has 2 item(s).",
    }
    assert ask("POST", prompt="Bake rye bread")["data"]["queue_length"] == 3
    # What is refused is told, and counted for what it is.
    twice = ask("POST", prompts=["say hello to the SEA!", "Peel a lemon", "Count to ten"])
    assert twice["message"] == "Added 1 prompt(s). Queue now has 4 item(s)."
    assert [(one["prompt"], one["source"]) for one in twice["data"]["rejected"]] == [
        ("Peel a lemon", "orchard"),
        ("say hello to the SEA!", "queue"),
    ]
    listed = ask("GET")["data"]
    assert [one["prompt"] for one in listed["queue"]] == [
        "Say hello to the sea", "Paint a wall, é", "Bake rye bread", "Count to ten",
    ]  # fmt: skip
    stamp = listed["queue"][0]["added_at"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", stamp)

    assert ask("PUT", "/0", prompt="Say goodbye") == {
        "success": True,
        "data": {**place, "index": 0, "queue_length": 4},
        "message": "Updated item at index 0. Queue has 4 item(s).",
    }
    assert ask("GET")["data"]["queue"][0] == {"prompt": "Say goodbye", "added_at": stamp}
    assert ask("DELETE", "/1") == {
        "success": True,
        "data": {**place, "removed_prompt": "Paint a wall, é", "queue_length": 3},
        "message": "Removed item at index 1. Queue now has 3 item(s).",
    }
    assert ask("PUT", "/mode", mode="drain") == {
        "success": True,
        "data": {**place, "queue_mode": "drain"},
        "message": "Queue mode set to drain.",
    }
    assert ask("GET")["data"]["queue_mode"] == "drain"
    assert ask("DELETE") == {
        "success": True,
        "data": {**place, "cleared_count": 3},
        "message": "Cleared 3 item(s) from queue.",
    }
    assert ask("PUT", "/0", prompt="First")["data"]["queue_length"] == 1
    assert prompts(doors.runtime, flow) == ["First"]


def test_what_is_refused(doors: Doors, flow: Flow) -> None:
    queue, step = f"/flows/{flow.flow_id}/queue", f"?flow_step_id={flow.ai}"
    for path in (queue + f"?flow_step_id={flow.ai}x", f"/flows/999999/queue{step}"):
        assert doors.same("GET", path, "owner" if "999" not in path else "admin").refusal[:2] == (
            404, "flow_not_found",
        )  # fmt: skip
    # A key of the map that is no step, and a step of another flow.
    FlowsRepository(doors.runtime.db).change(
        flow.flow_id, lambda config: {**config, "memory_files": ["a.md"]}
    )
    other = make_flow(doors)
    for wrong in ("memory_files", other.ai):
        reply = doors.same("POST", f"{queue}?flow_step_id={wrong}", "owner", body={"prompt": "x"})
        assert reply.refusal[:2] == (404, "flow_not_found")
    assert doors.same("POST", queue + step, "owner", body={"prompt": "  "}).refusal[:2] == (400, "no_prompts")
    assert doors.same("DELETE", f"{queue}/77{step}", "owner").refusal == (
        400, "queue_remove_failed", "Index 77 is out of range. Queue has 0 item(s).",
    )  # fmt: skip
    assert doors.same("PUT", f"{queue}/5{step}", "owner", body={"prompt": "x"}).refusal[:2] == (
        400, "queue_update_failed",
    )  # fmt: skip
    for method, place in (("POST", queue), ("PUT", f"{queue}/0")):
        reply = doors.same(method, f"{place}{step}", "owner", body={"prompt": "x" * 100_001})
        assert reply.refusal[0] == 400
        assert "at most 100000 characters" in reply.refusal[2]
    bogus = doors.same("PUT", f"{queue}/mode{step}", "owner", body={"mode": "bogus"})
    assert bogus.refusal[:2] == (400, "rest_invalid_param")
    assert doors.same("GET", queue, "owner").refusal[:2] == (400, "rest_missing_callback_param")
    assert prompts(doors.runtime, flow) == []


def test_roles(doors: Doors, flow: Flow) -> None:
    queue, access = f"/flows/{flow.flow_id}/queue?flow_step_id={flow.ai}", doors.runtime.get(AccessService)
    runner = doors.people["runner"].id
    who = Principal.user(runner)
    patch = {"flow_id": flow.flow_id, "flow_step_id": flow.fetch, "patch": {"search": "x"}}
    try:
        for role, seen, added in ((None, 403, 403), ("viewer", 200, 403), ("operator", 200, 200)):
            if role is not None:
                access.grant(OPERATOR, "queuekeeper", runner, role)
            assert doors.same("GET", queue, "runner").status == seen, role
            reply = doors.ask("wordpress", "POST", queue, "runner", body={"prompt": "By the operator"})
            assert reply.status == added, role
            # A patch overrides what an admin has set.
            with pytest.raises(Exception, match="permission"):
                ability(doors, who, "config-patch-add", **patch)
        access.grant(OPERATOR, "queuekeeper", runner, "admin")
        assert ability(doors, who, "config-patch-add", **patch)["queue_length"] == 1
    finally:
        access.revoke(OPERATOR, "queuekeeper", runner)
    assert doors.same("GET", queue, "nobody").status == 403


def test_the_abilities_say_the_same(doors: Doors, flow: Flow, post: int) -> None:
    place = {"flow_id": flow.flow_id, "flow_step_id": flow.ai}

    def say(name: str, **given: Any) -> dict[str, Any]:
        return ability(doors, OPERATOR, name, **place, **given)

    done = {"success": True, **place}
    assert say("queue-add", prompt="First things") == {
        **done, "queue_length": 1, "message": "Prompt added to queue. Queue now has 1 item(s).",
    }  # fmt: skip
    refused = say("queue-add", prompt="Weaving baskets & mats at home")
    assert refused == {
        "success": False,
        "error": "duplicate_rejected",
        **place,
        "source": "published_post",
        # A draft's title is nobody's business who may not read it.
        "match": {"post_id": post},
        "strategy": "published_title",
        "reason": refused["message"],
        "message": refused["message"],
    }
    assert say("queue-add", prompt="Weaving baskets & mats at home", skip_validation=True)["success"]
    assert say("queue-move", from_index=1, to_index=0)["message"] == "Moved item from index 1 to 0."
    assert [one["prompt"] for one in say("queue-list")["queue"]][1] == "First things"
    assert say("queue-remove", index=9) == {
        "success": False, "error": "Index 9 is out of range. Queue has 2 item(s).",
    }  # fmt: skip
    assert say("queue-mode", mode="loop")["queue_mode"] == "loop"
    assert say("queue-mode", mode="never")["success"] is False
    assert say("queue-clear")["cleared_count"] == 2
    assert say("queue-update", index=0, prompt="")["message"] == "No changes made (empty value, empty queue)."

    check = {"title": "Weaving carpets and curtains at home", "scope": "both", **place}
    assert ability(doors, OPERATOR, "check-duplicate", **check)["verdict"] == "clear"
    check["title"] = "Weaving baskets &amp; mats at home!"
    found = ability(doors, OPERATOR, "check-duplicate", **check)
    assert (found["verdict"], found["match"]["post_id"]) == ("duplicate", post)
    assert ability(doors, OPERATOR, "check-duplicate", **check, post_type="page")["verdict"] == "clear"


def test_patches_wait_masked_at_fetch_steps_alone(doors: Doors, flow: Flow) -> None:
    place = {"flow_id": flow.flow_id, "flow_step_id": flow.fetch}

    def say(name: str, **given: Any) -> dict[str, Any]:
        return ability(doors, OPERATOR, name, **place, **given)

    added = say("config-patch-add", patch='{"search": "é", "api_key": "hush"}')
    assert added["message"] == "Config patch added to queue. Queue now has 1 item(s)."
    [entry] = say("config-patch-list")["queue"]
    assert entry["patch"] == {"search": "é", "api_key": "********"}
    # A mask that comes back is the secret it stands for.
    assert say("config-patch-update", index=0, patch={**entry["patch"], "search": "ü"})["success"]
    step = FlowsRepository(doors.runtime.db).config(flow.flow_id)[flow.fetch]
    assert [one["patch"] for one in step[PATCHES]] == [{"search": "ü", "api_key": "hush"}]
    assert say("config-patch-add", patch=[])["success"] is False
    assert say("config-patch-add", patch="[1")["success"] is False
    assert say("config-patch-add", patch={"max_items": 2})["queue_length"] == 2
    assert say("config-patch-move", from_index=0, to_index=1)["success"]
    assert say("config-patch-remove", index=1)["removed_patch"] == {"search": "ü", "api_key": "********"}
    assert say("config-patch-clear")["cleared_count"] == 1
    wrong = ability(
        doors, OPERATOR, "config-patch-add", flow_id=flow.flow_id, flow_step_id=flow.ai, patch={"a": 1}
    )
    assert wrong == {"success": False, "error": "Only fetch steps take config patches."}


def test_at_the_command_line(site: Instance, flow: Flow) -> None:
    number = str(flow.flow_id)

    def say(*words: str, code: int = 0, door: str = "wp") -> str:
        done = run(site, door, "flows", "queue", *words)
        assert done.returncode == code, done
        return done.stderr if code else done.stdout

    assert say("list", number) == "Queue is empty. (queue_mode: static)\n"
    nothing = {"csv": "index,prompt,added_at\n", "count": "0", "ids": ""}
    for output, text in nothing.items():
        assert say("list", number, f"--format={output}") == text
    assert say("add", number, "Write é") == "Success: Prompt added to queue. Queue now has 1 item(s).\n"
    # One command is enough to see that both doors lead to the same code.
    for door in DOORS:
        assert say("add", number, "write É!", code=1, door=door) == "Error: duplicate_rejected\n"
    assert say("add", number, "write É!", "--skip-validation").endswith("Queue now has 2 item(s).\n")
    assert say("move", number, "0", "1") == "Success: Moved item from index 0 to 1.\n"
    assert say("update", number, "0", "Sing", "loudly") == (
        "Success: Updated item at index 0. Queue has 2 item(s).\n"
    )
    assert say("mode", number, "loop") == "Success: Queue mode set to loop.\n"
    shown = say("list", number)
    assert shown.startswith("== AI prompts (prompt_queue) ==\n")
    assert shown.endswith("Total: 2 prompt(s), 0 patch(es). (queue_mode: loop)\n")
    for output, text in {"count": "2", "ids": "0\n1\n"}.items():
        assert say("list", number, f"--format={output}") == text
    document = json.loads(say("list", number, "--format=json"))
    assert [one["prompt"] for one in document[PROMPTS]] == ["Sing loudly", "Write é"]
    assert (document["queue_mode"], document[PATCHES]) == ("loop", [])
    assert say("remove", number, "0") == (
        "Success: Removed item at index 0. Queue now has 1 item(s).\nRemoved: Sing loudly\n"
    )
    assert say("clear", number) == "Success: Cleared 1 item(s) from queue.\n"
    assert say("validate", number, "A lemon", code=1) == "Error: There are lemons.\n"
    assert say("validate", number, "A pear") == "Success: No duplicate found.\n"

    assert say("add", number, '--patch={"search":"x"}') == (
        "Success: Config patch added to queue. Queue now has 1 item(s).\n"
    )
    assert '{"search":"x"}' in say("list", number, f"--step={flow.fetch}")
    wrong = say("add", number, "text", f"--step={flow.fetch}", code=1)
    assert wrong == (
        "Error: Fetch steps consume config patches, not string prompts. Use --patch='{...}' instead.\n"
    )
    assert say("remove", number, "7", code=1) == "Error: Index 7 is out of range. Queue has 0 item(s).\n"
    assert "Flow 999999 not found" in say("list", "999999", code=1)
    assert say("bogus", code=1).startswith("Error: Usage:")


def test_workers_never_take_the_same_entry(doors: Doors, flow: Flow) -> None:
    """Four at once, each with a connection of its own."""
    names = [f"prompt {number}" for number in range(20)]
    given = [{"prompt": name, "added_at": ""} for name in names]
    flows, queues = FlowsRepository(doors.runtime.db), PromptQueues(doors.runtime.db)
    step = {"flow_step_id": flow.ai, "queue_mode": "drain"}

    def fill(config: dict[str, Any]) -> dict[str, Any]:
        config[flow.ai][PROMPTS] = given
        return config

    flows.change(flow.flow_id, fill)

    def take(_number: int) -> str:
        taken = queues.take(flow.flow_id, step, PROMPTS)
        return "" if taken.entry is None else str(taken.entry["prompt"])

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(take, range(22)))
    assert sorted(taken) == sorted([*names, "", ""])
    stored = flows.config(flow.flow_id)[flow.ai]
    assert (stored[PROMPTS], stored["_queue_consume_revision"]) == ([], 20)
    assert queues.take(flow.flow_id, step, PROMPTS).exhausted

    # What a failed job had taken comes back once.
    for job_id, entry in ((800_000_001, given[0]), (800_000_001, given[0]), (800_000_002, given[1])):
        queues.give_back(job_id, flow.flow_id, flow.ai, PROMPTS, entry)
    looping = {**step, "queue_mode": "loop"}
    order = [queues.take(flow.flow_id, looping, PROMPTS).entry for _ in range(3)]
    assert order == [given[0], given[1], given[0]]
    # A queue of a job without a flow is the job's own.
    direct = {**step, PROMPTS: [given[2]]}
    assert queues.take(0, direct, PROMPTS).entry == given[2]
