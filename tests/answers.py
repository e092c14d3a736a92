"""What abilities answer, held against what they have declared."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sidecar.abilities import Registry

_SIMPLE: dict[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list | tuple),
    # PHP's empty array is an empty object too.
    "object": lambda value: isinstance(value, Mapping) or value == [],
}


def faults(schema: Mapping[str, Any], value: Any, place: str = "answer") -> Iterator[str]:
    """What a reader of the schema would not have expected; an undeclared key is one."""
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_SIMPLE[kind](value) for kind in kinds):
        yield f"{place} is {type(value).__name__}, declared as {' or '.join(kinds)}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{place} is {value!r}, which is none of {schema['enum']}"
    if isinstance(value, Mapping):
        properties, others = schema.get("properties"), schema.get("additionalProperties")
        for name in schema.get("required", ()):
            if name not in value:
                yield f"{place} lacks {name}"
        for name, each in value.items():
            if name in (properties or {}):
                yield from faults(properties[name], each, f"{place}.{name}")
            elif isinstance(others, Mapping):
                yield from faults(others, each, f"{place}.{name}")
            elif properties is not None and not others:
                yield f"{place}.{name} is not declared"
    elif isinstance(value, list | tuple) and isinstance(schema.get("items"), Mapping):
        for at, each in enumerate(value):
            yield from faults(schema["items"], each, f"{place}[{at}]")


@functools.cache
def _declared() -> dict[str, Mapping[str, Any]]:
    from tools import generate_abilities

    return {each.name: each.output_schema for each in generate_abilities.declarations()}


def judged(execute: Callable[..., Any]) -> Callable[..., Any]:
    """``Registry.execute`` that fails where an answer is not what its ability has declared."""

    @functools.wraps(execute)
    def run(registry: Registry, principal: Any, name: str, given: Mapping[str, Any] | None = None) -> Any:
        answer = execute(registry, principal, name, given)
        schema = _declared().get(name)
        found = [] if schema is None else list(faults(schema, answer))
        assert not found, f"{name} answers other than declared: {'; '.join(found)}"
        return answer

    return run
