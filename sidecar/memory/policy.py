"""Which memory files an agent's prompt holds: its own policy, then a caller's, then plugins'.

A policy stands in the agent's configuration under ``memory_policy``:
``{mode: "default" | "deny" | "allow_only", deny: [names], allow_only: [names]}``. An absent or unknown mode,
and ``deny`` without names, change nothing; ``allow_only`` without names leaves nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from sidecar import hooks
from sidecar.memory.registry import RegisteredFile

REGISTERED = "datamachine_resolved_memory_files"
SCOPED = "datamachine_resolved_scoped_memory_files"


class MemoryPolicy(msgspec.Struct, frozen=True):
    """What an agent's configuration says; None for a list that does not count."""

    allow_only: frozenset[str] | None = None
    deny: frozenset[str] = frozenset()

    def permits(self, filename: str) -> bool:
        """Whether the file may be in a prompt; a denied one never is."""
        return filename not in self.deny and (self.allow_only is None or filename in self.allow_only)


EVERYTHING = MemoryPolicy()


def of_config(config: Mapping[str, Any]) -> MemoryPolicy:
    """The policy of an agent's configuration; one that means nothing allows everything."""
    found = config.get("memory_policy")
    policy = found if isinstance(found, Mapping) else {}
    if policy.get("mode") == "deny":
        return MemoryPolicy(deny=frozenset(_names(policy.get("deny"))))
    if policy.get("mode") == "allow_only":
        return MemoryPolicy(allow_only=frozenset(_names(policy.get("allow_only"))))
    return EVERYTHING


def registered(
    files: Iterable[RegisteredFile],
    mode: str,
    policy: MemoryPolicy,
    agent_id: int,
    *,
    allow_only: Collection[str] | None = None,
    deny: Collection[str] = (),
) -> list[RegisteredFile]:
    """Registered files of a mode, after the agent's policy and the caller's, in the registry's order.

    The filter ``datamachine_resolved_memory_files`` may take some away, add some or change their order.
    """
    chosen = [
        each
        for each in files
        if each.in_mode(mode)
        and policy.permits(each.filename)
        and (allow_only is None or each.filename in allow_only)
        and each.filename not in deny
    ]
    arguments: dict[str, Any] = {"mode": mode, "agent_id": agent_id, "deny": list(deny)}
    if allow_only is not None:
        arguments["allow_only"] = list(allow_only)
    known = {each.filename: each.document() for each in chosen}
    answer = hooks.apply_filters(REGISTERED, known, mode, arguments)
    if answer == known or not isinstance(answer, Mapping | list):
        return chosen
    entries = answer.items() if isinstance(answer, Mapping) else enumerate(answer)
    return [entry for name, value in entries if (entry := _entry(name, value)) is not None]


def scoped(
    names: Sequence[str],
    policy: MemoryPolicy,
    agent_id: int,
    scope: str,
    *,
    deny: Collection[str] = (),
) -> list[str]:
    """Attached files, in their order, after the agent's policy and the caller's.

    The filter ``datamachine_resolved_scoped_memory_files`` is asked unless there are none.
    """
    if not names:
        return []
    kept = [name for name in names if policy.permits(name) and name not in deny]
    context = {"agent_id": agent_id, "deny": list(deny), "scope": scope}
    answer = hooks.apply_filters(SCOPED, kept, context)
    return [name for name in answer if isinstance(name, str)] if isinstance(answer, list) else kept


def _entry(name: Any, value: Any) -> RegisteredFile | None:
    """What a plugin left or put into the map; None for anything that names no file."""
    fields = dict(value) if isinstance(value, Mapping) else {}
    fields.setdefault("filename", str(name))
    fields.setdefault("layer", "agent")
    try:
        return msgspec.convert(fields, RegisteredFile)
    except msgspec.ValidationError:
        return None


def _names(value: Any) -> list[str]:
    values = list(value.values()) if isinstance(value, Mapping) else value
    return [name for name in values if isinstance(name, str)] if isinstance(values, list) else []
