"""Python objects that both sides know by a name, in every process and for as long as it lives.

What a plugin registers while it loads is the same in all of them: a memory store, say. On the wire it is its
name; PHP builds a stand-in that implements its contract.
"""

from __future__ import annotations

from typing import Any

_objects: dict[tuple[str, str], Any] = {}
#: By identity; the object is held, so that no other can take its place.
_names: dict[int, tuple[str, str, Any]] = {}


def register(kind: str, name: str, value: Any) -> None:
    """Let ``value`` travel as ``name``, from now on."""
    _objects[kind, name] = value
    _names[id(value)] = (kind, name, value)


def forget(kind: str, name: str) -> None:
    """Nobody is called that any more."""
    value = _objects.pop((kind, name), None)
    _names.pop(id(value), None)


def name_of(value: Any) -> tuple[str, str] | None:
    """Kind and name of an object, None when it has none."""
    found = _names.get(id(value))
    return None if found is None else found[:2]


def get(kind: str, name: str) -> Any:
    """The object of a name; LookupError when this process has none."""
    return _objects[kind, name]
