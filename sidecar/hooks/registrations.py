"""What Python plugins register: data that travels in the manifest and is replayed in PHP without a call.

Callables inside it stay here; PHP holds their id and calls `registration.call` when one is used.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from sidecar.bridge import named
from sidecar.hooks import handlers
from sidecar.hooks.callbacks import name_of
from sidecar.hooks.errors import HookError

if TYPE_CHECKING:
    from sidecar.hooks.bus import Bus
    from sidecar.hooks.catalogue import Entry

logger = logging.getLogger("datamachine.hooks")

#: Windows whose only purpose is to register: their callbacks run once, here, with this registry.
WINDOWS = ("wp_agents_api_init", "datamachine_register_agents")

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_STORE = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")
#: What a memory store does; ``sidecar.memory.Store`` says how.
STORE_METHODS = ("read", "write", "exists", "delete", "list_layer", "list_subtree")
#: The kind under which stores travel to PHP.
MEMORY_STORE = "memory_store"
_KINDS = (
    "agents",
    "abilities",
    "ability_categories",
    "memory_stores",
    "memory_files",
    "sections",
    "step_types",
    "handlers",
)
LAYERS = ("shared", "agent", "user", "network")
_ABILITY = re.compile(r"[a-z0-9-]+/[a-z0-9-]+")


class FilterData(msgspec.Struct, frozen=True):
    """What Python adds to a registry filter at one priority: a map of entries, or a list."""

    hook: str
    priority: int
    value: Any


class Registrations:
    """Everything registered in this process."""

    def __init__(self) -> None:
        self.agents: dict[str, dict[str, Any]] = {}
        self.abilities: dict[str, dict[str, Any]] = {}
        self.ability_categories: dict[str, dict[str, Any]] = {}
        self.memory_stores: dict[str, Any] = {}
        self.memory_files: dict[str, dict[str, Any]] = {}
        self.sections: dict[str, dict[str, Any]] = {}
        self.step_types: dict[str, handlers.StepTypeEntry] = {}
        self.handlers: dict[str, handlers.HandlerEntry] = {}
        self._callables: dict[str, Callable[..., Any]] = {}

    def register_agent(self, slug: str, **arguments: Any) -> None:
        """As ``wp_register_agent()``: label, description, default_config, meta ...; plain data only."""
        if not _SLUG.fullmatch(slug):
            raise HookError(f"An agent's slug holds lowercase letters, digits and single dashes: {slug!r}.")
        _new(self.agents, "agent", slug)
        self.agents[slug] = _plain(f"agent {slug}", arguments)

    #: What a callback of a registration window calls on the registry it is given.
    register = register_agent

    def register_ability_category(self, slug: str, *, label: str, description: str = "") -> None:
        """As ``wp_register_ability_category()``; a category that exists already is left alone."""
        self.ability_categories[slug] = {"label": label, "description": description}

    def register_ability(
        self,
        name: str,
        execute: Callable[..., Any],
        *,
        label: str,
        description: str,
        category: str,
        capability: str = "manage_options",
        permission: Callable[..., bool] | None = None,
        input_schema: Mapping[str, Any] | None = None,
        output_schema: Mapping[str, Any] | None = None,
        meta: Mapping[str, Any] | None = None,
    ) -> None:
        """As ``wp_register_ability()``. ``execute(input)`` runs here, whoever runs the ability.

        WordPress decides with ``capability`` without a call, or asks ``permission(input)``, which must answer
        True.
        """
        if not _ABILITY.fullmatch(name):
            raise HookError(f"An ability is named namespace/name: {name!r}.")
        _new(self.abilities, "ability", name)
        definition: dict[str, Any] = {
            "label": label,
            "description": description,
            "category": category,
            "execute": self.lend(execute),
            "capability": capability,
        }
        if permission is not None:
            definition["permission"] = self.lend(permission)
        for key, value in (("input_schema", input_schema), ("output_schema", output_schema), ("meta", meta)):
            if value is not None:
                definition[key] = _plain(f"ability {name}", dict(value))
        self.abilities[name] = definition

    def register_memory_store(self, name: str, store: Any) -> None:
        """A memory store under a name, so that ``agents_api_memory_store`` may answer it.

        ``store`` has the methods of :class:`sidecar.memory.Store`. Every process that loads the plugin calls
        its own one: what it holds belongs into a database.
        """
        if not _STORE.fullmatch(name):
            raise HookError(
                f"A memory store's name holds lowercase letters, digits and single dashes: {name!r}."
            )
        lacking = [method for method in STORE_METHODS if not callable(getattr(store, method, None))]
        if lacking:
            raise HookError(f"The memory store {name} cannot {', '.join(lacking)}.")
        _new(self.memory_stores, "memory store", name)
        self.memory_stores[name] = store
        named.register(MEMORY_STORE, name, store)

    def register_memory_file(
        self,
        filename: str,
        priority: int = 50,
        *,
        layer: str = "agent",
        protected: bool = False,
        editable: bool | str = True,
        composable: bool = False,
        convention_path: str = "",
        modes: Sequence[str] = (),
        label: str = "",
        description: str = "",
    ) -> None:
        """As ``MemoryFileRegistry::register()``; ``editable`` may name a capability, no modes mean all."""
        if layer not in LAYERS:
            raise HookError(f"A memory file is of one of the layers {', '.join(LAYERS)}: {layer!r}.")
        if not filename or "/" in filename:
            raise HookError(f"A memory file is registered by its name: {filename!r}.")
        _new(self.memory_files, "memory file", filename)
        arguments = {
            "layer": layer,
            "protected": protected,
            "editable": editable,
            "composable": composable,
            "convention_path": convention_path,
            "modes": list(modes),
            # Left out, PHP makes one of the name.
            **({"label": label} if label else {}),
            "description": description,
        }
        self.memory_files[filename] = {
            "priority": int(priority),
            "arguments": _plain(f"memory file {filename}", arguments),
        }

    def register_section(
        self,
        filename: str,
        slug: str,
        priority: int,
        callback: Callable[..., Any],
        *,
        label: str = "",
        description: str = "",
    ) -> None:
        """As ``SectionRegistry::register()``: a part of a composed file (AGENTS.md, SITE.md, your own).

        ``callback(context)`` gives Markdown, '' to leave the section out; when it raises, the file stays as
        it is. The same inputs must give the same text: files are compared byte by byte.
        """
        key = f"{filename} {slug}"
        if not filename or not _STORE.fullmatch(slug):
            raise HookError(f"A section has a file and a slug of lowercase letters and dashes: {key!r}.")
        _new(self.sections, "section", key)
        self.sections[key] = {
            "file": filename,
            "slug": slug,
            "priority": int(priority),
            "callback": self.lend(callback),
            "arguments": {"description": description} | ({"label": label} if label else {}),
        }

    def register_step_type(self, slug: str, step: Any, **arguments: Any) -> None:
        """A type of step for pipelines; ``step.execute(run)`` is given a :class:`~sidecar.automation.StepRun`
        and returns packets. Arguments: :func:`sidecar.hooks.handlers.step_type`.
        """
        _new(self.step_types, "step type", slug)
        self.step_types[slug] = handlers.step_type(slug, step, **arguments)

    def register_handler(self, slug: str, handler: Any, **arguments: Any) -> None:
        """A handler of steps: ``type="fetch"`` has ``fetch(config, context)``, ``"publish"`` and ``"upsert"``
        have ``run(call)`` and a tool. Arguments: :func:`sidecar.hooks.handlers.handler`.
        """
        _new(self.handlers, "handler", slug)
        self.handlers[slug] = found = handlers.handler(slug, handler, **arguments)
        self._callables[found.tools_id] = found.answer

    def lend(self, function: Callable[..., Any]) -> str:
        """An id for a callable, the same in every process that loads the same plugins."""
        base = name_of(function)
        name, number = base, 1
        while self._callables.get(name, function) is not function:
            number += 1
            name = f"{base}#{number}"
        self._callables[name] = function
        return name

    def callable(self, name: str) -> Callable[..., Any]:
        """The callable of an id; HookError when this process has none (another set of plugins)."""
        try:
            return self._callables[name]
        except KeyError:
            raise HookError(f"Nothing is registered as {name}.", code="registration_unknown") from None

    def forget(self, owned: Mapping[str, set[str]]) -> None:
        """Take back what a failed plugin registered, by kind."""
        for kind, names in owned.items():
            registry: dict[str, Any] = getattr(self, kind)
            for name in names:
                registry.pop(name, None)
                if kind == "memory_stores":
                    named.forget(MEMORY_STORE, name)

    def names(self) -> dict[str, set[str]]:
        """Registered names by kind."""
        return {kind: set(getattr(self, kind)) for kind in _KINDS}

    def export(self, bus: Bus) -> dict[str, Any]:
        """The manifest's part: registration windows and registry filters are evaluated now, once."""
        _open_windows(bus, self)
        filters = [msgspec.to_builtins(entry) for entry in _filters(bus, self)]
        found = {
            "agents": self.agents,
            "abilities": self.abilities,
            "ability_categories": self.ability_categories,
            "memory_files": self.memory_files,
            "sections": list(self.sections.values()),
            "step_types": {slug: one.export() for slug, one in self.step_types.items()},
            "handlers": {slug: one.export() for slug, one in self.handlers.items()},
            "filters": filters,
        }
        return {kind: value for kind, value in found.items() if value}


def _open_windows(bus: Bus, registry: Registrations) -> None:
    for subscription in bus.subscriptions():
        if subscription.hook in WINDOWS:
            try:
                subscription.callback((registry,))
            except Exception:
                logger.exception(
                    "Plugin %s failed while it registered in %s",
                    subscription.callback.owner,
                    subscription.hook,
                )


def _filters(bus: Bus, registry: Registrations) -> list[FilterData]:
    """Run the callbacks of registry filters on an empty registry: what comes out is what they add."""
    found: list[FilterData] = []
    for hook, priority in sorted({(s.hook, s.priority) for s in bus.subscriptions()}):
        entry = bus.vocabulary.entry(hook)
        if entry is None or entry.kind != "filter" or entry.cost != "registration":
            continue
        value: Any = {} if _is_map(entry) else []
        for callback in bus.callbacks(hook, priority, "live"):
            try:
                value = _data(callback((value,)), registry)
            except Exception:
                logger.exception("Plugin %s failed while it registered in %s", callback.owner, hook)
        if value:
            found.append(FilterData(hook, priority, value))
    return found


def _is_map(entry: Entry) -> bool:
    return next(iter(entry.args.values()), "").startswith("array<string,")


def _data(value: Any, registry: Registrations) -> Any:
    """Plain data; a callable becomes ``{"$call": id}``."""
    if isinstance(value, Mapping):
        return {str(key): _data(item, registry) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_data(item, registry) for item in value]
    if callable(value):
        return {"$call": registry.lend(value)}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise HookError(f"A registration is plain data and callables, not {type(value).__name__}.")


def _plain(what: str, value: dict[str, Any]) -> dict[str, Any]:
    try:
        decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(value))
    except (TypeError, msgspec.MsgspecError) as error:
        raise HookError(f"The {what} must be plain data: {error}") from error
    return decoded


def _new(registry: Mapping[str, Any], kind: str, name: str) -> None:
    if name in registry:
        raise HookError(f"The {kind} {name} is registered already.", code="registration_duplicate")
