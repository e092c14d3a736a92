"""What the list of flows says a flow fetches."""

from __future__ import annotations

from typing import Any

import pytest

from sidecar.automation.values import Flow
from sidecar.display import flows


def flow(**config: Any) -> Flow:
    step = {"step_type": "fetch", "execution_order": 0, "handler_slug": "x", "handler_config": config}
    return Flow(1, 1, 1, None, "f", None, {"a": step}, {})


@pytest.mark.parametrize(
    ("config", "shown"),
    [
        ({}, flows.NOTHING),
        ({"max_items": 1}, flows.NOTHING),
        ({"post_type": ""}, flows.NOTHING),
        ({"post_type": "page"}, "page"),
        ({"feed_url": "https://news.example/feed", "post_type": "page"}, "news.example"),
    ],
)
def test_the_host_of_an_address_else_the_post_type(config: dict[str, Any], shown: str) -> None:
    assert flows.sources(flow(**config)) == shown
