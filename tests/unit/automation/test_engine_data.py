"""The engine's document."""

from __future__ import annotations

import pytest

from sidecar.automation.engine.engine_data import EngineData, decode, replace_recursive
from sidecar.automation.engine.plain import plain
from sidecar.automation.jobs import status
from sidecar.bridge.values import PhpDateTime, PhpObject, Reference, WPError
from sidecar.db import php_json


@pytest.mark.parametrize(
    ("base", "update", "merged"),
    [
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": {"x": 1, "y": 2}}, {"a": {"y": 3}}, {"a": {"x": 1, "y": 3}}),
        # Lists merge by index: a shorter one does not shorten what is stored.
        ({"a": [1, 2, 3]}, {"a": [9]}, {"a": [9, 2, 3]}),
        ({"a": [1]}, {"a": {"x": 2}}, {"a": {"0": 1, "x": 2}}),
        # PHP sends an array that does not begin with 0 as a map.
        ({"a": [1, 2]}, {"a": {"1": 9}}, {"a": [1, 9]}),
        ({"a": [1, 2]}, {"a": {"2": 3}}, {"a": [1, 2, 3]}),
        ({"a": {"7": 1}}, {"a": {"7": 2, "07": 3}}, {"a": {"7": 2, "07": 3}}),
        ({"a": {"x": 1}}, {"a": None}, {"a": None}),
        ({"a": {"x": 1}}, {"a": []}, {"a": {"x": 1}}),
        ({"a": "text"}, {"a": [1]}, {"a": [1]}),
        ({"a": [[1, 2], [3]]}, {"a": [[0]]}, {"a": [[0, 2], [3]]}),
    ],
)
def test_merging_is_phps_array_replace_recursive(base, update, merged):
    assert replace_recursive(base, update) == merged


def test_reading_falls_back_to_metadata():
    engine = EngineData({"a": 1, "metadata": {"a": 2, "b": 3}}, 5)
    assert (engine.get("a"), engine.get("b"), engine.get("c", "no")) == (1, 3, "no")


def test_an_empty_php_array_is_an_empty_document():
    assert decode("[]") == {}
    assert decode(None) == {}
    assert EngineData({"flow_config": []}, 1).flow_config == {}


def test_objects_of_php_are_stored_as_php_would():
    error = WPError("not_found", "Not there.", {"status": 404})
    moment, post = PhpDateTime("2026-11-23T00:00:00+00:00"), PhpObject("WP_Post", {"ID": 3})
    stored = plain({"a": [error, b"caf\xc3\xa9", moment, post, Reference()], "b": 1})
    assert stored == {
        "a": [
            {"errors": {"not_found": ["Not there."]}, "error_data": {"not_found": {"status": 404}}},
            "café",
            "2026-11-23T00:00:00+00:00",
            {"ID": 3},
            {},
        ],
        "b": 1,
    }
    # PHP has one empty array for both.
    assert php_json.loads(php_json.dumps(stored))["a"] == [*stored["a"][:4], []]


def test_the_agent_is_a_number_or_nobody():
    assert EngineData({"job": {"agent_id": "4"}}, 1).agent_id == 4
    assert EngineData({"job": {"agent_id": None}}, 1).agent_id == 0


@pytest.mark.parametrize(
    ("text", "final", "failure", "word"),
    [
        ("completed", True, False, "completed"),
        ("completed_no_items", True, False, "completed_no_items"),
        ("failed - empty_data_packet_returned", True, True, "failed"),
        ("failed: a task said so", True, True, "failed"),
        ("agent_skipped - not relevant", True, False, "agent_skipped"),
        ("processing", False, False, "processing"),
        ("cancelled", True, False, "cancelled"),
        ("cancelled - by hand", True, False, "cancelled"),
    ],
)
def test_statuses_are_told_by_their_beginning(text, final, failure, word):
    assert (status.is_final(text), status.is_failure(text), status.base(text)) == (final, failure, word)


def test_a_status_that_is_too_long_is_cut_by_bytes():
    cut = status.column("failed - " + "é" * 200)
    assert len(cut.encode()) <= 255
    assert cut.endswith("...")
