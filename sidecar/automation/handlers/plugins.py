"""Steps and handlers that Python plugins brought with ``plugin.register_step_type`` and
``plugin.register_handler``.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from sidecar import hooks, queue
from sidecar.automation import log
from sidecar.automation.engine.context import ExecutionContext
from sidecar.automation.errors import StepFailed
from sidecar.automation.handlers.base import FetchHandler, Item
from sidecar.automation.steps.base import Step, StepRun
from sidecar.automation.values import Document, Packet
from sidecar.conversation import Implementation, ToolCall
from sidecar.errors import Cancelled, DeadlineExceeded, SidecarError, Unavailable
from sidecar.hooks.handlers import HandlerEntry
from sidecar.host.errors import UnitEnded, UnknownOutcome
from sidecar.queue.effects import OutcomeUnknown

logger = logging.getLogger("datamachine.automation")

#: What passes through a plugin's code and is not about it.
NOT_ITS_OWN = (queue.LeaseLost, Unavailable, Cancelled, DeadlineExceeded, UnitEnded, UnknownOutcome)


class PluginFailed(StepFailed):
    """A plugin's code raised something: its step fails with the message, its log has the traceback."""

    code = "plugin_failed"


class PluginStep:
    """A plugin's type of step, held to the contract: a list of maps comes out."""

    def __init__(self, slug: str, step: Any) -> None:
        self._slug = slug
        self._work = getattr(step, "execute", step)

    def execute(self, run: StepRun) -> list[Packet]:
        try:
            found = self._work(run)
        except (SidecarError, *NOT_ITS_OWN):
            raise
        except Exception as error:
            raise PluginFailed(f"{type(error).__name__}: {error}") from error
        if found is None:
            return []
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise PluginFailed(f"The step type {self._slug} returned something else than a list of packets.")
        return found


class PluginFetchHandler:
    """A plugin's source, held to the contract: items come out."""

    def __init__(self, entry: HandlerEntry) -> None:
        self.slug = entry.slug
        self.source_type = str(getattr(entry.handler, "source_type", entry.slug))
        self._handler = entry.handler
        self._work = getattr(entry.handler, "fetch", entry.handler)

    def __getattr__(self, name: str) -> Any:
        """What a source may have beside ``fetch``: ``PagedHandler`` and ``Preparing`` say what."""
        if name not in ("pages", "prepare"):
            raise AttributeError(name)
        return getattr(self._handler, name)

    def fetch(self, config: Mapping[str, Any], context: ExecutionContext) -> Sequence[Item]:
        try:
            found = list(self._work(config, context) or ())
        except (SidecarError, *NOT_ITS_OWN):
            raise
        except Exception as error:
            raise PluginFailed(f"{type(error).__name__}: {error}") from error
        return [_item(one, self.slug) for one in found]


class PluginTool:
    """What runs the tools of a plugin's publish or upsert handler."""

    def __init__(self, entry: HandlerEntry) -> None:
        self._handler = entry.handler
        self._work = getattr(entry.handler, "run", entry.handler)

    def run(self, call: ToolCall) -> dict[str, Any]:
        try:
            answer = self._work(call)
        except NOT_ITS_OWN:
            raise
        except Exception as error:
            # An answer, as everything that goes wrong with a tool; the model may try something else.
            logger.exception("The handler %s failed", call.definition.get("handler"))
            message = error.message if isinstance(error, SidecarError) else f"{type(error).__name__}: {error}"
            log.error(f"Tool {call.name} failed: {message}", {"handler": call.definition.get("handler")})
            return _failed(call, message)
        if not isinstance(answer, Mapping):
            return _failed(call, f"Tool '{call.name}' returned no result")
        return {"tool_name": call.name, **answer}

    def recover(self, call: ToolCall) -> dict[str, Any] | None:
        """What the handler's own ``recover`` finds; without one the outcome is unknown."""
        own = getattr(self._handler, "recover", None)
        if not callable(own):
            raise OutcomeUnknown(f"An earlier attempt at {call.name!r} was cut off.")
        found = own(call)
        return None if found is None else {"tool_name": call.name, **found}


def step(slug: str, _definition: Mapping[str, Any]) -> Step | None:
    """The step of a type that a plugin registered; None when none did."""
    found = hooks.bus().registrations.step_types.get(slug)
    return None if found is None else PluginStep(slug, found.step)


def fetch_handler(slug: str) -> FetchHandler | None:
    """The fetch handler that a plugin registered under a slug; None when none did."""
    found = hooks.bus().registrations.handlers.get(slug)
    return PluginFetchHandler(found) if found is not None and found.fetches else None


def tool(definition: Mapping[str, Any]) -> Implementation | None:
    """What runs a tool whose definition names a plugin's handler; None when it does not."""
    found = hooks.bus().registrations.handlers.get(str(definition.get("handler", "")))
    mine = found is not None and definition.get("class") == found.entry["class"]
    return PluginTool(found) if found is not None and mine else None


def tools(slug: str, config: Document, engine_data: Document) -> Document | None:
    """The tools of a plugin's handler, None when the slug is no plugin's."""
    found = hooks.bus().registrations.handlers.get(slug)
    return None if found is None else dict(found.offered(config, engine_data))


def _item(value: Any, slug: str) -> Item:
    """An item, or a map of its fields."""
    if isinstance(value, Item):
        return value
    if not isinstance(value, Mapping):
        raise PluginFailed(f"The handler {slug} gave something that is no item.")
    about, file = value.get("metadata"), value.get("file_info")
    return Item(
        str(value.get("title", "")),
        str(value.get("content", "")),
        dict(about) if isinstance(about, Mapping) else {},
        dict(file) if isinstance(file, Mapping) else None,
    )


def _failed(call: ToolCall, error: str) -> dict[str, Any]:
    return {"success": False, "error": error, "tool_name": call.name}
