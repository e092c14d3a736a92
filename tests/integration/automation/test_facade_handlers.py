"""The classes that PHP handlers extend and use, in a real WordPress and without a sidecar."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def answer(wordpress_site):
    """Everything that handlers.php was answered, by its question."""
    wordpress_site.db.start()
    wordpress_site.wp("plugin", "activate", "datamachine-bridge")
    file = Path(__file__).with_name("handlers.php")
    yield json.loads(wordpress_site.wp("eval", f"require '{file}';", "--user=1").stdout)
    wordpress_site.wp("plugin", "deactivate", "datamachine-bridge")


def test_steps_of_flows(answer):
    assert answer["step_config"] == [
        ["a", "b"],
        ["rss"],
        [],
        "ai",
        {"feed_url": "u"},
        {"a": {"x": 1}, "b": []},
        ["a", "b"],
        ["a"],
        {"step_type": "fetch", "handler_slug": "rss", "handler_config": {"y": 2}},
    ]


def test_settings_are_cleaned(answer):
    given, few = answer["settings"]
    assert given == {
        "url": "http://x/",
        "urls": ["http://a/", "http://b/"],
        "on": True,
        "choice": "b",
        "number": 5,
        "text": "d",
        "area": "a\nb",
        "odd": "o",
    }
    assert (few["on"], few["choice"], few["number"], few["urls"]) == (True, "0", 2, [])
    assert answer["required"] == "url is required."


def test_requests(answer):
    assert answer["http"] == [
        {"success": True, "data": "the body", "status_code": 200},
        {"success": False, "error": "Thing GET returned HTTP 404: gone away"},
        {"success": False, "error": "Thing POST returned HTTP 204: the body"},
        {"success": False, "error": "Failed to connect to Thing: no route"},
        {"success": False, "error": "Invalid HTTP method"},
        True,
    ]
    get, _, post, _, patch = answer["requests"]
    assert (get[0], get[1], get[2].startswith("DataMachine/")) == ("GET", 120, True)
    assert (post[0], post[3]) == ("POST", "b")
    assert (patch[1], patch[2].startswith("Mozilla/")) == (3, True)
    assert answer["secret"] is False


def test_where_a_run_is(answer):
    flow, direct, standalone, stepless, jobless, renamed, line = answer["context"]
    assert flow == ["flow", 3, 4, "9", 7, {"pipeline_id": 3, "flow_id": 4}]
    assert direct == ["direct", False, True, {"pipeline_id": "direct", "flow_id": "direct"}]
    assert standalone == ["standalone", False]
    assert (stepless, jobless, renamed) == (True, False, "other")
    assert line[:2] == ["info", "Here"]
    assert line[2] == {
        "execution_mode": "flow",
        "pipeline_id": 3,
        "flow_id": 4,
        "job_id": 9,
        "extra": 1,
        "handler": "kind",
        "agent_id": 7,
    }


def test_what_sources_bring(answer):
    none, all_of_them, one, packet = answer["fetched"]
    assert (none, all_of_them, one) == (0, 2, 1)
    assert packet == {
        "type": "fetch",
        "data": {"title": "T", "body": "C"},
        "metadata": {
            "source_type": "source",
            "pipeline_id": "direct",
            "flow_id": "direct",
            "handler": "mine",
            "item_identifier": "i",
        },
    }
    assert answer["rules"] == [
        [True, False, True],
        [True, False],
        [True, False, True, True],
        ["all_time", "24_hours", "72_hours", "7_days", "30_days"],
    ]


def test_what_publishers_answer(answer):
    without_job, done, preview, unresolved = answer["publisher"]
    assert without_job == {
        "success": False,
        "error": "job_id parameter is required for publish operations",
        "severity": "warning",
        "tool_name": "mine_publish",
    }
    assert done == {"success": True, "data": {"got": {"a": 1}, "engine": "v"}, "tool_name": "mine_publish"}
    assert preview["data"]["dry_run"] is True
    assert preview["data"]["preview"] == {"handler": "mine", "parameters": ["job_id", "title"]}
    assert unresolved == 'No provider "nobody" resolves credentials on this site.'


def test_only_the_sites_own_media_are_handed_on(answer):
    assert answer["files"] == [
        True,
        None,
        None,
        None,
        {"valid": True, "mime_type": "image/png", "errors": []},
        False,
    ]


def test_posts_that_handlers_write(answer):
    kind, terms, failed, names, image, config, attributed, plain, resolved, taxonomies, standard = answer[
        "posts"
    ]
    assert (kind, terms, failed, sorted(names)) == ("array", 2, False, ["One", "Two"])
    assert (image, config) == (True, None)
    assert 'href="http://s/?a=1&#038;b=2"' in attributed
    assert plain == "c"
    assert resolved == ["draft", "publish", 1]
    assert taxonomies == {"taxonomy_dm_topic_selection": "skip"}
    assert standard == {"post_type": "page", "post_status": "draft", "post_author": 3}


def test_tools(answer):
    lazy, ready, kinds = answer["tools"]
    assert lazy == [True, ["chat"], "admin"]
    assert ready == {"class": "DM_Tool", "parameters": [], "modes": ["pipeline"]}
    assert kinds == ["not_found", "validation", "permission", "system"]
