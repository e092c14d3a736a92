"""Step types and handlers of pipelines that Python plugins bring.

Their entries are data, replayed in PHP's registries; what runs them stays here, an object a process.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from sidecar.hooks.callbacks import name_of
from sidecar.hooks.errors import HookError

#: What the ``class`` of an entry begins with whose class is Python's.
PYTHON = "python:"

#: Types of steps whose handlers bring items.
FETCHING = ("fetch", "event_import")

_SLUG = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")

#: Settings by key, as a settings class of PHP specifies them: ``{type, label, description, default, options,
#: required, min, max}``.
Fields = Mapping[str, Mapping[str, Any]]
#: ``(handler_config, engine_data)`` to definitions by the name of the tool.
Tools = Callable[[Mapping[str, Any], Mapping[str, Any]], Mapping[str, Mapping[str, Any]]]


class StepTypeEntry(msgspec.Struct, frozen=True):
    """A type of step. ``entry`` is what ``datamachine_step_types`` shows of it."""

    slug: str
    step: Any
    entry: dict[str, Any]
    fields: dict[str, dict[str, Any]]

    def export(self) -> dict[str, Any]:
        """The manifest's part."""
        return {"entry": self.entry, **({"fields": self.fields} if self.fields else {})}


class HandlerEntry(msgspec.Struct, frozen=True):
    """A handler. ``entry`` is what ``datamachine_handlers`` shows of it; ``tools`` is what it offers a model:
    definitions by name, or a function that makes them of a configuration.
    """

    slug: str
    handler: Any
    entry: dict[str, Any]
    fields: dict[str, dict[str, Any]]
    tools: dict[str, dict[str, Any]] | Tools | None = None

    def offered(self, config: Mapping[str, Any], engine_data: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """Its tools for one configuration, complete."""
        found = self.tools(config, engine_data) if callable(self.tools) else self.tools or {}
        common = {
            "class": self.entry["class"],
            "method": "handle_tool_call",
            "handler": self.slug,
            "handler_config": dict(config),
            "modes": ["pipeline"],
            "access_level": "admin",
        }
        return {str(name): {**common, "parameters": {}, **one} for name, one in found.items()}

    @property
    def fetches(self) -> bool:
        """Whether it is a source of items."""
        return self.entry["type"] in FETCHING

    @property
    def tools_id(self) -> str:
        """By which PHP asks for the tools."""
        return f"handler:{self.slug}:tools"

    def export(self) -> dict[str, Any]:
        """The manifest's part; PHP asks for tools when somebody there wants them."""
        found: dict[str, Any] = {"entry": self.entry}
        if self.fields:
            found["fields"] = self.fields
        if self.tools:
            found["tools"] = self.tools_id
        return found

    def answer(self, _slug: Any, config: Any, engine_data: Any) -> dict[str, dict[str, Any]]:
        """What PHP's ``_handler_callable`` is answered."""
        return self.offered(_map(config), _map(engine_data))


def step_type(
    slug: str,
    step: Any,
    *,
    label: str,
    description: str = "",
    position: int = 50,
    uses_handler: bool = False,
    multi_handler: bool = False,
    has_pipeline_config: bool = False,
    consume_all_packets: bool = False,
    show_settings_display: bool = True,
    settings: Fields | None = None,
) -> StepTypeEntry:
    """An entry, checked; ``step`` has ``execute(run)`` or is that function."""
    _check("step type", slug)
    work = getattr(step, "execute", step)
    if not callable(work):
        raise HookError(f"The step type {slug} has no execute(run).")
    entry = {
        "label": label,
        "description": description,
        "class": PYTHON + name_of(step),
        "position": int(position),
        "uses_handler": bool(uses_handler),
        "multi_handler": bool(multi_handler),
        "has_pipeline_config": bool(has_pipeline_config),
        "consume_all_packets": bool(consume_all_packets),
        "show_settings_display": bool(show_settings_display),
    }
    return StepTypeEntry(slug, step, entry, _fields(slug, settings))


def handler(
    slug: str,
    handler: Any,
    *,
    type: str = "fetch",
    label: str,
    description: str = "",
    settings: Fields | None = None,
    tool: Mapping[str, Any] | Tools | None = None,
    requires_auth: bool = False,
    auth_provider_key: str | None = None,
    meta: Mapping[str, Any] | None = None,
) -> HandlerEntry:
    """An entry, checked: a fetch handler has ``fetch(config, context)``, every other ``run(call)``; a plain
    function is taken for that method. ``tool`` is one definition (its ``name`` is the slug unless it says
    so) or a function giving several by name.
    """
    _check("handler", slug)
    method = "fetch" if type in FETCHING else "run"
    if not callable(getattr(handler, method, handler)):
        raise HookError(f"The {type} handler {slug} has no {method}().")
    if method == "run" and tool is None:
        raise HookError(f"The {type} handler {slug} needs a tool: a model calls it by one.")
    entry = {
        "type": type,
        "class": PYTHON + name_of(handler),
        "label": label,
        "description": description,
        "requires_auth": requires_auth,
        "auth_provider_key": auth_provider_key if requires_auth else None,
        "meta": _plain(f"handler {slug}", dict(meta or {})) or [],
    }
    tools: dict[str, dict[str, Any]] | Tools | None
    if isinstance(tool, Mapping):
        definition = _plain(f"tool of {slug}", dict(tool))
        tools = {str(definition.pop("name", slug)): definition}
    else:
        tools = tool
    return HandlerEntry(slug, handler, entry, _fields(slug, settings), tools)


def _check(kind: str, slug: str) -> None:
    if not _SLUG.fullmatch(slug):
        raise HookError(f"A {kind}'s slug holds lowercase letters, digits, _ and single dashes: {slug!r}.")


def _fields(slug: str, settings: Fields | None) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = _plain(f"settings of {slug}", dict(settings or {}))
    for key, spec in found.items():
        if not isinstance(spec, dict):
            raise HookError(f"The setting {key} of {slug} is no map of type, label and the like.")
    return found


def _plain(what: str, value: dict[str, Any]) -> dict[str, Any]:
    try:
        decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(value))
    except (TypeError, msgspec.MsgspecError) as error:
        raise HookError(f"The {what} must be plain data: {error}") from error
    return decoded


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
