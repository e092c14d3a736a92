"""Flows and pipelines as lists and pages show them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from sidecar.automation.values import Document, Flow, Pipeline

NOTHING = "—"


def handlers(step: Document) -> dict[str, Document]:
    """The handlers of a flow step with their settings, the primary one first; none for a step without."""
    if step.get("handler_slug"):
        return {str(step["handler_slug"]): _map(step.get("handler_config"))}
    configs = _map(step.get("handler_configs"))
    return {str(slug): _map(configs.get(slug)) for slug in step.get("handler_slugs") or []}


def of_flow(flow: Flow) -> Iterator[tuple[str, Document]]:
    """Every handler of a flow in the order of its steps."""
    for step in flow.steps():
        yield from handlers(step).items()


def handler_names(flow: Flow) -> str:
    """For example ``rss, wordpress_publish``."""
    return ", ".join(dict.fromkeys(slug for slug, _config in of_flow(flow))) or NOTHING


def sources(flow: Flow) -> str:
    """Where its fetch steps look: the host of an address, else a post type."""
    found = []
    for step in flow.steps():
        if step.get("step_type") != "fetch":
            continue
        for config in handlers(step).values():
            hosts = [host for value in config.values() if (host := _host(value))]
            kind = config.get("post_type")
            found += hosts[:1] or ([str(kind)] if kind else [])
    return ", ".join(dict.fromkeys(found)) or NOTHING


def max_items(flow: Flow) -> str:
    """For example ``rss=1``: the handlers that limit how much they take."""
    limits = [
        f"{slug}={config['max_items']}"
        for slug, config in of_flow(flow)
        if config.get("max_items") not in (None, "")
    ]
    return ", ".join(limits) or NOTHING


def schedule(flow: Flow) -> str:
    """The interval, with a cron schedule's expression and a single run's moment."""
    interval = str(flow.scheduling_config.get("interval") or "manual")
    detail = {
        "cron": flow.scheduling_config.get("cron_expression"),
        "one_time": flow.scheduling_config.get("scheduled_time"),
    }.get(interval)
    return f"{interval} ({detail})" if detail else interval


def retries(flow: Flow) -> str:
    """How often a step that fails is tried; nothing for a flow without a policy."""
    policy = _map(flow.scheduling_config.get("retry_policy"))
    return ", ".join(f"{key} {value}" for key, value in policy.items())


def step_row(step: Document) -> dict[str, Any]:
    """A step in the table of ``flows get``."""
    named = handlers(step)
    settings = list(named.values()) if named else [_map(step.get("handler_config"))]
    pairs = [f"{key}={_text(value)}" for config in settings for key, value in config.items()]
    return {
        "step_id": step.get("flow_step_id", ""),
        "order": step.get("execution_order", 0),
        "step_type": step.get("step_type", ""),
        "handler": ", ".join(named) or NOTHING,
        "config": ", ".join(pairs) or "(default)",
    }


def step_types(pipeline: Pipeline) -> str:
    """For example ``fetch, ai, publish``."""
    return ", ".join(str(step["step_type"]) for step in pipeline.steps()) or NOTHING


def _host(value: Any) -> str:
    if not isinstance(value, str) or not value.startswith(("http://", "https://")):
        return ""
    try:
        return urlsplit(value).hostname or ""
    except ValueError:
        return ""


def _map(value: Any) -> Document:
    return dict(value) if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    from sidecar.db import php_json

    if isinstance(value, dict | list):
        return php_json.dumps(value)
    if isinstance(value, bool):
        return "1" if value else ""
    return "" if value is None else str(value)
