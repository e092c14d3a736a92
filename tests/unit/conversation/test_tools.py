"""Running tools."""

from __future__ import annotations

import pytest

from sidecar import hooks
from sidecar.conversation import ToolExecutor, execute_tool, policy, runner
from sidecar.conversation.request import ConversationRequest, NoConversation, running
from sidecar.conversation.sources import ToolSources, resolve
from sidecar.conversation.tools import merge
from sidecar.hooks import state

TOOLS = {
    "echo": {
        "class": "Echo",
        "method": "handle_tool_call",
        "parameters": {"text": {"type": "string", "required": True}, "times": {"type": "integer"}},
    }
}


class Echo:
    """Counts its calls."""

    def __init__(self):
        self.calls = []

    def run(self, call):
        self.calls.append(call)
        return {"success": True, "data": dict(call.parameters), "tool_name": call.name}

    def recover(self, call):
        return None


@pytest.fixture(autouse=True)
def scope():
    """What a test subscribes ends with it."""
    with state.scope():
        yield


@pytest.fixture
def executor():
    found = ToolExecutor()
    found.implement("Echo", Echo())
    return found


def request(executor, **more):
    return ConversationRequest(executor, TOOLS, {"thing": 7, "text": "payload"}, "pipeline", **more)


def test_the_models_parameters_win_over_the_payload(executor):
    with running(request(executor)):
        answer = execute_tool("echo", {"text": "model"})
    assert answer["data"] == {"thing": 7, "text": "model"}


def test_a_model_does_not_say_whose_job_it_is(executor):
    asked = ConversationRequest(executor, TOOLS, {"job_id": 7, "user_id": 1}, "pipeline")
    with running(asked):
        answer = execute_tool("echo", {"text": "model", "job_id": 8, "user_id": 2, "more": 3})
    assert answer["data"] == {"job_id": 7, "user_id": 1, "text": "model", "more": 3}


def test_a_schema_of_an_object_declares_its_properties():
    definition = {"parameters": {"type": "object", "properties": {"user_id": {"type": "integer"}}}}
    payload = {"user_id": 1, "type": "x", "job_id": 7}
    assert merge(definition, payload, {"user_id": 2, "type": "y", "job_id": 8}) == {
        "user_id": 2, "type": "x", "job_id": 7
    }  # fmt: skip


def test_unknown_tools_and_missing_parameters_are_answers(executor):
    asked = request(executor)
    assert asked.execute_tool("zz", {}) == {
        "success": False,
        "error": "Tool 'zz' not found",
        "tool_name": "zz",
    }
    assert asked.execute_tool("echo", {"text": ""})["error"] == (
        "Echo requires the following parameters: text. Please provide these parameters and try again."
    )


def test_a_tool_needs_a_conversation():
    with pytest.raises(NoConversation):
        execute_tool("echo", {"text": "x"})


def test_the_policy_filter_may_forbid(executor):
    hooks.add_filter("datamachine_tool_action_policy", lambda policy, name, mode, context: "FORBIDDEN ")
    answer = request(executor).execute_tool("echo", {"text": "x"})
    assert answer["action_policy"] == "forbidden"
    assert answer["success"] is False


def test_an_invalid_policy_is_ignored(executor):
    hooks.add_filter("datamachine_tool_action_policy", lambda policy: "perhaps")
    assert request(executor).execute_tool("echo", {"text": "x"})["success"]


@pytest.mark.parametrize(
    ("rules", "decision"),
    [
        ({}, "direct"),
        ({"tools": {"echo": " Forbidden"}}, "forbidden"),
        ({"tools": {"echo": "direct"}, "categories": {"site": "forbidden"}}, "direct"),
        ({"tools": {"other": "forbidden"}}, "direct"),
        ({"tools": ["echo"], "categories": "all"}, "direct"),
        ({"tools": {"echo": "perhaps"}}, "direct"),
        # Nobody says which category it is: a rule that forbids one counts.
        ({"categories": {"site": "preview", "users": "forbidden"}}, "forbidden"),
    ],
)
def test_an_agents_rules_go_before_the_tools_own(rules, decision):
    tool = {"action_policy": "direct", "ability": "core/get-site-info"}
    asked = {"mode": "chat", "agent_id": 1, "client_context": {}}
    assert policy.decide("echo", tool, rules=rules, **asked) == decision


def test_a_call_that_waits_is_kept_and_not_tracked():
    kept, heard = [], []
    found = ToolExecutor(lambda call, payload, client: kept.append(call) or {"success": True, "staged": True})
    found.implement("Echo", Echo())
    found.observe(lambda call, result: heard.append(call.name))
    waits = {"echo": {**TOOLS["echo"], "action_policy": "preview", "action_kind": "echoing"}}
    asked = ConversationRequest(found, waits, {"thing": 7}, "pipeline")
    assert asked.execute_tool("echo", {"text": "x"}) == {"success": True, "staged": True}
    assert [call.parameters for call in kept] == [{"thing": 7, "text": "x"}]
    assert heard == []
    without = ConversationRequest(ToolExecutor(), waits, {}, "pipeline")
    assert without.execute_tool("echo", {"text": "x"})["success"] is False


def test_every_call_has_a_key_of_its_own(executor):
    keys = []

    def once(key, do, recover):
        keys.append(key)
        return do()

    asked = request(executor, once=once)
    asked.execute_tool("echo", {"text": "a"})
    asked.execute_tool("echo", {"text": "b"})
    assert keys == ["tool:1:echo", "tool:2:echo"]


def test_observers_hear_of_success_only(executor):
    heard = []
    executor.observe(lambda call, result: heard.append(call.name))
    request(executor).execute_tool("echo", {"text": "a"})
    request(executor).execute_tool("zz", {})
    assert heard == ["echo"]


def run_with(answer, executor):
    hooks.add_filter("agents_api_conversation_runner", lambda *args: answer, accepted_args=9)
    return runner.run(request(executor), [{"role": "user"}], provider="p", model="m", max_turns=3)


def test_a_runner_is_needed(executor):
    assert "must provide" in run_with(None, executor)["error"]


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ({}, "messages must be an array"),
        ({"messages": ["x"]}, "messages[0] must be an array"),
        ({"messages": [{"role": 1}]}, "messages[0].role must be a string when present"),
        ({"messages": [], "tool_execution_results": 1}, "tool_execution_results must be an array"),
        (
            {"messages": [], "tool_execution_results": [{"tool_name": ""}]},
            "tool_execution_results[0].tool_name must be a non-empty string",
        ),
        (
            {"messages": [], "tool_execution_results": [{"tool_name": "a", "result": {}, "parameters": {}}]},
            "tool_execution_results[0].turn_count must be an integer",
        ),
    ],
)
def test_a_malformed_answer_is_an_error(executor, answer, problem):
    assert run_with(answer, executor)["error"] == f"invalid_agent_conversation_result: {problem}"


def test_a_good_answer_passes_with_what_it_lacks(executor):
    answer = run_with({"messages": [], "anything": 1}, executor)
    assert answer == {"messages": [], "anything": 1, "tool_execution_results": []}


def sources_with(**tools):
    found = ToolSources()
    found.add("static_registry", lambda mode, arguments: tools)
    return found


def test_others_may_add_sources_and_the_first_one_wins():
    found = sources_with(a={"from": "static"})
    hooks.add_filter(
        "agents_api_tool_sources",
        lambda sources: {**sources, "mine": lambda mode, args, manager: {"a": {"from": "mine"}, "b": {}}},
    )
    hooks.add_filter("agents_api_tool_sources_for_mode", lambda slugs: [*slugs, "mine", 5, "unknown"])
    assert resolve(found, "chat", {}) == {"a": {"from": "static"}, "b": {}}


def test_limits_spare_the_tools_of_handlers():
    tools = {"a": {}, "b": {}, "h": {"handler": "x"}}
    found = sources_with(**tools)
    assert list(resolve(found, "chat", {}, allow_only=["a"])) == ["a", "h"]
    assert list(resolve(found, "chat", {}, policy={"mode": "deny", "tools": ["a", "h"]})) == ["h", "b"]
    assert list(resolve(found, "chat", {}, policy={"mode": "allow"})) == ["h"]
    assert list(resolve(found, "chat", {}, deny=["h"])) == ["a", "b"]
