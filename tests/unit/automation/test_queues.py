"""Config patches."""

from __future__ import annotations

import pytest

from sidecar.automation.queues.prompt_queues import merge_patch


@pytest.mark.parametrize(
    ("config", "patch", "merged"),
    [
        ({"a": 1}, {"a": 2, "b": 3}, {"a": 2, "b": 3}),
        ({"a": [1]}, {"a": [2]}, {"a": [1, 2]}),
        ({"a": {"x": [1], "y": 1}}, {"a": {"x": [2]}}, {"a": {"x": [1, 2], "y": 1}}),
        ({"a": '{"x":1}'}, {"a": {"y": 2}}, {"a": '{"x":1,"y":2}'}),
        ({"a": "no json"}, {"a": {"y": 2}}, {"a": {"y": 2}}),
        ({"a": [1]}, {"a": "text"}, {"a": "text"}),
    ],
)
def test_a_patch_merges_by_the_kind_of_what_is_there(config, patch, merged):
    assert merge_patch(config, patch) == merged
