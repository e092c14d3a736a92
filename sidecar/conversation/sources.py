"""Which tools a conversation is offered: sources by mode, then an agent's and a caller's limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sidecar import hooks
from sidecar.bridge.values import Handle

#: ``source(mode, arguments)`` gives tools by name.
Source = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
#: What stands for our own sources in PHP: given the slug, an object PHP can call, or the slug itself without
#: PHP.
Facade = Callable[[str], Any]


class ToolSources:
    """The sources the product has, and those that others add with ``agents_api_tool_sources``."""

    def __init__(self) -> None:
        self._sources: dict[str, Source] = {}
        self._order: dict[str, list[str]] = {}
        self._facade: Facade = _itself

    def add(self, slug: str, source: Source) -> None:
        """Offer a source; it takes part where a mode's order names it."""
        self._sources[slug] = source

    def order(self, mode: str, slugs: Sequence[str]) -> None:
        """The sources of a mode, the first one wins a name."""
        self._order[mode] = list(slugs)

    def present_as(self, facade: Facade) -> None:
        """How sources appear in the filter's argument."""
        self._facade = facade

    def call(self, slug: str, mode: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """One of our own sources."""
        source = self._sources.get(slug)
        return dict(source(mode, arguments)) if source is not None else {}

    def gather(self, mode: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Every tool of a mode, before any limit."""
        own = {slug: self._facade(slug) for slug in self._sources}
        offered = hooks.apply_filters(
            "agents_api_tool_sources", own, mode, dict(arguments), self._facade("tool_manager")
        )
        slugs = self._order.get(mode, ["static_registry"])
        chosen = hooks.apply_filters("agents_api_tool_sources_for_mode", slugs, mode, dict(arguments))
        sources = dict(offered) if isinstance(offered, Mapping) else {}
        tools: dict[str, Any] = {}
        for slug in chosen if isinstance(chosen, list) else []:
            if not isinstance(slug, str) or slug not in sources:
                continue
            for name, definition in self._ask(slug, sources[slug], own, mode, arguments).items():
                tools.setdefault(name, definition)
        return tools

    def _ask(
        self, slug: str, source: Any, own: Mapping[str, Any], mode: str, arguments: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        if slug in own and _same(source, own[slug]):
            return self.call(slug, mode, arguments)
        found = source(mode, dict(arguments), None) if callable(source) else None
        return found if isinstance(found, Mapping) else {}


def resolve(
    sources: ToolSources,
    mode: str,
    arguments: Mapping[str, Any],
    *,
    policy: Mapping[str, Any] | None = None,
    allow_only: Sequence[str] = (),
    deny: Sequence[str] = (),
) -> dict[str, Any]:
    """The tools a conversation may use.

    ``policy`` is the agent's ``tool_policy``. Tools of handlers that name no ability are mandatory: only
    ``deny`` removes them.
    """
    tools = sources.gather(mode, arguments)
    tools = _by_policy(tools, policy)
    if allow_only:
        tools = {name: one for name, one in tools.items() if mandatory(one) or name in allow_only}
    tools = {name: one for name, one in tools.items() if name not in deny}
    final = hooks.apply_filters("datamachine_resolved_tools", tools, mode, dict(arguments))
    return dict(final) if isinstance(final, Mapping) else {}


def mandatory(definition: Any) -> bool:
    """A handler's tool that no ability stands behind."""
    return (
        isinstance(definition, Mapping)
        and "handler" in definition
        and not definition.get("ability")
        and not definition.get("abilities")
    )


def _by_policy(tools: dict[str, Any], policy: Mapping[str, Any] | None) -> dict[str, Any]:
    """An agent's ``tool_policy`` by tool name. Categories belong to abilities, which no tool of ours names
    yet.
    """
    mode = policy.get("mode") if policy else None
    if mode not in ("allow", "deny"):
        return tools
    named = policy.get("tools") if policy else None
    names = [name for name in named if isinstance(name, str)] if isinstance(named, list) else []
    if mode == "deny" and not names:
        return tools
    kept = {name: one for name, one in tools.items() if mandatory(one)}
    for name, one in tools.items():
        if (name in names) == (mode == "allow"):
            kept.setdefault(name, one)
    return kept


def _same(value: Any, own: Any) -> bool:
    """Our own object came back: the very one, or PHP's name for it."""
    if value is own:
        return True
    return isinstance(value, Handle) and isinstance(own, Handle) and value.class_name == own.class_name


def _itself(slug: str) -> Any:
    return slug
