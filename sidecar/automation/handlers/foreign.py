"""Joins the engine with the steps and handlers of plugins, in PHP and in Python."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sidecar.automation.handlers import php, plugins
from sidecar.automation.handlers.wiring import effect_of
from sidecar.automation.repositories.processed_items import ProcessedItemsRepository
from sidecar.automation.repositories.published import PublishedPosts
from sidecar.automation.steps import php as php_steps
from sidecar.automation.steps.base import number
from sidecar.conversation import Implementation, ToolExecutor
from sidecar.errors import InvalidInput

if TYPE_CHECKING:
    from sidecar.automation.parts import Parts
    from sidecar.bridge import Call
    from sidecar.runtime import Runtime


def wire(runtime: Runtime, parts: Parts) -> None:
    """Where steps and tools are looked for that are not the product's, and what PHP's classes write."""
    parts.steps.look_in(plugins.step)
    parts.steps.look_in(php_steps.find)
    executor = runtime.get(ToolExecutor)
    executor.look_in(plugins.tool)
    tool = php.PhpHandlerTool(PublishedPosts(runtime.db), effect_of)
    executor.look_in(functools.partial(_php_tool, tool))
    runtime.handlers["engine.items"] = functools.partial(_items, parts.items)


def _php_tool(tool: Implementation, definition: Mapping[str, Any]) -> Implementation | None:
    """A handler's tool that names a class; one that is an ability and nothing else runs as an ability."""
    names_code = definition.get("class") or definition.get("method")
    return tool if definition.get("handler") and names_code else None


def _items(items: ProcessedItemsRepository, call: Call) -> Any:
    """``engine.items {do, flow_step_id, source_type, item_identifier, job_id}``: ``claim`` answers whether
    the job has the item now, ``mark`` True, ``release`` how many claims were given up, ``find``
    ``{processed, claimed_by}``.
    """
    step, source = str(call.params.get("flow_step_id", "")), str(call.params.get("source_type", ""))
    item, job = str(call.params.get("item_identifier", "")), number(call.params.get("job_id"))
    if not step or not item:
        raise InvalidInput("An item has a flow_step_id and an item_identifier.")
    match call.params.get("do"):
        case "claim":
            items.drop_expired_claims()
            return bool(job) and items.claim(step, source, item, job)
        case "mark":
            items.mark(step, source, item, job)
            return True
        case "release":
            return items.release(step, source, item)
        case "find":
            known = items.state(step, source, [item]).get(item)
            return None if known is None else known._asdict()
    raise InvalidInput("What is to be done with an item is claim, mark, release or find.")
