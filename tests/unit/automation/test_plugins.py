"""What Python plugins register for pipelines, and the contract their code is held to."""

from __future__ import annotations

from typing import Any

import pytest

from sidecar.automation.handlers import php, plugins
from sidecar.automation.handlers.base import Item
from sidecar.automation.steps import php as php_steps
from sidecar.conversation import ToolCall, ToolExecutor
from sidecar.errors import InvalidInput
from sidecar.hooks import api
from sidecar.hooks.bus import Bus
from sidecar.hooks.errors import HookError
from sidecar.queue import LeaseLost
from sidecar.queue.effects import OutcomeUnknown

TOOL = {"description": "Writes.", "parameters": {"title": {"type": "string", "required": True}}}


@pytest.fixture
def registrations(monkeypatch):
    bus = Bus()
    monkeypatch.setattr(api, "_bus", bus)
    return bus.registrations


class Source:
    source_type = "things"

    def __init__(self, items):
        self._items = items

    def fetch(self, config, context):
        if isinstance(self._items, Exception):
            raise self._items
        return self._items


class Writer:
    def __init__(self, answer=None):
        self._answer = {"success": True} if answer is None else answer

    def run(self, call):
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


def call(slug: str = "writer", **more: Any) -> ToolCall:
    return ToolCall("write", {}, {"handler": slug, "class": "x", **more}, "pipeline", 0, "key")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("A slug", Source([])), "slug"),
        (("s", object()), "fetch"),
        (("w", Writer(), "publish"), "needs a tool"),
        (("s", Source([]), "fetch", {"field": "text"}), "no map"),
        (("s", Source([]), "fetch", {"field": {"type": object()}}), "plain data"),
    ],
)
def test_what_cannot_be_a_handler_is_refused(registrations, arguments, message):
    slug, handler, *more = arguments
    kind = more[0] if more else "fetch"
    settings = more[1] if len(more) > 1 else None
    with pytest.raises(HookError, match=message):
        registrations.register_handler(slug, handler, type=kind, label="L", settings=settings)
    assert registrations.handlers == {}


def test_a_slug_is_taken_once(registrations):
    registrations.register_handler("s", Source([]), label="L")
    with pytest.raises(HookError, match="already"):
        registrations.register_handler("s", Source([]), label="L")
    registrations.register_step_type("t", lambda run: [], label="T")
    with pytest.raises(HookError, match="already"):
        registrations.register_step_type("t", lambda run: [], label="T")
    with pytest.raises(HookError, match="execute"):
        registrations.register_step_type("u", object(), label="U")


def test_the_manifest_holds_data_and_ids_of_callables(registrations):
    registrations.register_handler(
        "writer", Writer(), type="publish", label="Writer", settings={"f": {"type": "text"}}, tool=TOOL
    )
    registrations.register_step_type("t", lambda run: [], label="T", uses_handler=True)
    exported = registrations.export(api.bus())
    writer = exported["handlers"]["writer"]
    assert writer["fields"] == {"f": {"type": "text"}}
    assert writer["entry"]["type"] == "publish"
    assert writer["entry"]["class"].startswith("python:")
    tools = registrations.callable(writer["tools"])("writer", {"f": 1}, {})
    assert tools["writer"]["handler_config"] == {"f": 1}
    assert tools["writer"]["handler"] == "writer"
    assert exported["step_types"]["t"]["entry"]["uses_handler"] is True


def test_a_plugin_that_failed_takes_its_handlers_with_it(registrations):
    registrations.register_handler("kept", Source([]), label="K")
    before = registrations.names()
    registrations.register_handler("gone", Source([]), label="G")
    registrations.register_step_type("gone", lambda run: [], label="G")
    after = registrations.names()
    registrations.forget({kind: after[kind] - before[kind] for kind in after})
    assert (list(registrations.handlers), list(registrations.step_types)) == (["kept"], [])


def test_items_may_be_maps(registrations):
    given = [Item("a", "b"), {"title": "c", "content": 1, "metadata": {"item_identifier": 2}}]
    registrations.register_handler("s", Source(given), label="L")
    handler = plugins.fetch_handler("s")
    found = handler.fetch({}, None)
    assert [(one.title, one.content, one.identifier) for one in found] == [("a", "b", ""), ("c", "1", "2")]
    assert handler.source_type == "things"
    assert plugins.fetch_handler("unknown") is None


@pytest.mark.parametrize("items", [["no item"], RuntimeError("broken")])
def test_a_source_that_breaks_the_contract_fails_its_step(registrations, items):
    registrations.register_handler("s", Source(items), label="L")
    with pytest.raises(plugins.PluginFailed):
        plugins.fetch_handler("s").fetch({}, None)


@pytest.mark.parametrize("error", [LeaseLost("taken over"), InvalidInput("not so")])
def test_what_is_not_about_the_plugin_passes_through_a_source(registrations, error):
    registrations.register_handler("s", Source(error), label="L")
    with pytest.raises(type(error)):
        plugins.fetch_handler("s").fetch({}, None)


@pytest.mark.parametrize("left", ["text", [1], ({"type": "x"},)])
def test_a_step_returns_packets(registrations, left):
    registrations.register_step_type("t", lambda run: left, label="T")
    with pytest.raises(plugins.PluginFailed, match="list of packets"):
        plugins.step("t", {}).execute(None)


def test_a_tool_answers_whatever_happens(registrations):
    for slug, answer in (("fine", {"success": True}), ("odd", "text"), ("bad", RuntimeError("no disk"))):
        registrations.register_handler(slug, Writer(answer), type="publish", label="L", tool=TOOL)

    def run(slug):
        entry = registrations.handlers[slug].entry
        return plugins.tool({"handler": slug, "class": entry["class"]}).run(call(slug))

    assert run("fine") == {"success": True, "tool_name": "write"}
    assert run("odd")["success"] is False
    assert run("bad") == {"success": False, "error": "RuntimeError: no disk", "tool_name": "write"}
    registrations.register_handler("lost", Writer(LeaseLost("gone")), type="publish", label="L", tool=TOOL)
    with pytest.raises(LeaseLost):
        run("lost")


def test_a_tool_of_another_class_is_not_the_plugins(registrations):
    registrations.register_handler("writer", Writer(), type="publish", label="L", tool=TOOL)
    assert plugins.tool({"handler": "writer", "class": "Some\\Other"}) is None
    assert plugins.tool({"handler": "nobody"}) is None


def test_a_call_that_was_cut_off_is_not_made_again_unless_the_handler_knows(registrations):
    class Knows(Writer):
        def recover(self, call):
            return {"success": True, "data": {"post_id": 5}}

    for slug, handler in (("knows", Knows()), ("blind", Writer())):
        registrations.register_handler(slug, handler, type="publish", label="L", tool=TOOL)

    def recover(slug):
        entry = registrations.handlers[slug].entry
        return plugins.tool({"handler": slug, "class": entry["class"]}).recover(call(slug))

    assert recover("knows") == {"tool_name": "write", "success": True, "data": {"post_id": 5}}
    with pytest.raises(OutcomeUnknown):
        recover("blind")


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"class": ""},
        {"class": 5},
        {"class": "python:mine"},
        {"class": "DataMachine\\Core\\Steps\\WebhookGate\\WebhookGateStep"},
    ],
)
def test_only_other_peoples_classes_are_looked_for_in_php(entry):
    assert php_steps.find("slug", entry) is None
    assert php.find("slug", entry) is None


def test_a_php_step_is_found_by_its_class():
    found = php_steps.find("tally", {"class": "My\\Tally"})
    assert (found.step_type, found.class_name) == ("tally", "My\\Tally")


def test_a_tool_nobody_implements_is_looked_for():
    executor = ToolExecutor()
    asked = []

    class Found:
        def run(self, call):
            return {"success": True, "by": call.definition["class"]}

        def recover(self, call):
            return None

    executor.look_in(lambda definition: asked.append(definition["class"]))
    executor.look_in(lambda definition: Found())
    tools = {"t": {"class": "My\\Tool", "parameters": {}}}
    assert executor.execute("t", {}, tools, {}, mode="pipeline")["by"] == "My\\Tool"
    assert asked == ["My\\Tool"]
