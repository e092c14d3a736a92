"""``/handlers`` and ``/step-types`` through both doors, and who may ask."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dev.instance import Instance
from sidecar.abilities import Registry
from sidecar.automation.flows.masking import MASK
from sidecar.identity import Principal
from tests.integration.doors.agents import Doors

OWN = {
    "wordpress_posts": "fetch",
    "wordpress_api": "fetch",
    "wordpress_media": "fetch",
    "rss": "fetch",
    "files": "fetch",
    "wordpress_publish": "publish",
    "wordpress_update": "upsert",
}


def test_what_there_is(doors: Doors) -> None:
    data = doors.same("GET", "/handlers", "warden").json["data"]
    assert {slug: data[slug]["type"] for slug in OWN} == OWN
    fetch = doors.same("GET", "/handlers?step_type=fetch", "warden").json["data"]
    assert {entry["type"] for entry in fetch.values()} == {"fetch"}
    types = doors.same("GET", "/step-types", "warden").json["data"]
    assert types["upsert"]["handler_count"] >= 1
    assert types["ai"]["handler_count"] == 0
    one = doors.same("GET", "/step-types/fetch", "warden").json["data"]
    assert one["definition"] == {key: types["fetch"][key] for key in types["fetch"] if key != "handler_count"}
    assert doors.same("GET", "/step-types/nope", "warden").refusal[:2] == (404, "step_type_not_found")


def test_a_handler_with_its_settings_and_tools(doors: Doors) -> None:
    detail = doors.same("GET", "/handlers/rss", "warden").json["data"]
    assert list(detail) == ["slug", "info", "settings", "ai_tool"]
    assert detail["info"]["label"] == "RSS Feed"
    assert detail["settings"]["max_items"] == {
        "type": "number",
        "label": "Max Items",
        "description": "How many items a run takes; 0 for no limit.",
        "options": [],
        "default": 1,
        "current_value": 1,
    }
    assert detail["settings"]["timeframe_limit"]["options"][0] == {"value": "all_time", "label": "All Time"}
    assert list(detail["ai_tool"]) == ["skip_item"]
    assert doors.same("GET", "/handlers/nope", "warden").refusal[:2] == (404, "handler_not_found")


@pytest.mark.parametrize("path", ["/handlers", "/handlers/rss", "/step-types", "/step-types/fetch"])
def test_they_are_for_those_who_manage_flows(doors: Doors, path: str) -> None:
    """Data Machine shows them to everybody."""
    word = "handlers" if path.startswith("/h") else "step types"
    message = f"You do not have permission to access {word}."
    assert doors.same("GET", path, "reader").refusal == (403, "rest_forbidden", message)


def test_abilities_answer_alike(doors: Doors) -> None:
    run = doors.runtime.get(Registry).execute
    who = Principal.user(doors.people["warden"].id)
    listed = run(who, "datamachine/get-handlers", {"step_type": "publish"})
    assert (listed["success"], listed["count"]) == (True, len(listed["handlers"]))
    assert run(who, "datamachine/get-handlers", {"handler_slug": "nope"})["handlers"] == {}
    assert (
        run(who, "datamachine/validate-handler", {"handler_slug": "rss", "step_type": "publish"})["valid"]
        is False
    )
    assert run(who, "datamachine/validate-step-type", {"step_type": "ai"})["valid"] is True
    fields = run(who, "datamachine/get-handler-config-fields", {"handler_slug": "rss"})["fields"]
    assert fields["feed_url"]["required"] is True
    applied = run(
        who, "datamachine/apply-handler-defaults", {"handler_slug": "rss", "config": {"search": "x"}}
    )
    assert applied["config"] == {"search": "x", "timeframe_limit": "all_time", "max_items": 1}
    assert run(who, "datamachine/get-handler-site-defaults", {})["success"] is True
    unknown = run(who, "datamachine/apply-handler-defaults", {"handler_slug": "nope", "config": {}})
    assert unknown["success"] is False


def test_what_is_secret_in_the_sites_defaults_is_masked(doors: Doors, site: Instance) -> None:
    """Whoever edits flows uses it, and does not read it; what the caller gave itself stays."""
    chosen = {"rss": {"max_items": 7, "api_key": "hush"}}
    site.wp("option", "update", "datamachine_handler_defaults", json.dumps(chosen), "--format=json")
    try:
        who = Principal.user(doors.people["warden"].id)

        def ability(name: str, **given: object) -> dict[str, Any]:
            found: dict[str, Any] = doors.runtime.get(Registry).execute(who, f"datamachine/{name}", given)
            return found

        masked = {"max_items": 7, "api_key": MASK}
        assert ability("get-handler-site-defaults")["defaults"] == {"rss": masked}
        assert ability("get-handler-site-defaults", handler_slug="rss")["defaults"] == masked
        applied = ability("apply-handler-defaults", handler_slug="rss", config={"token": "mine"})["config"]
        assert (applied["max_items"], applied["api_key"], applied["token"]) == (7, MASK, "mine")
        assert "hush" not in json.dumps(doors.same("GET", "/handlers/rss", "warden").json)
    finally:
        site.wp("option", "delete", "datamachine_handler_defaults")
