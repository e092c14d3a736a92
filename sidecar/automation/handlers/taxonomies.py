"""Terms of posts: what a handler's settings say about them, and what a model may choose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sidecar.automation.handlers.own_fields import AI_DECIDES, taxonomy_of
from sidecar.automation.values import Document

#: Taxonomies whose parameter has another name than they have.
_PARAMETERS = {"post_tag": "tags"}
#: Terms by taxonomy: ids, and names or slugs.
Terms = dict[str, list[int | str]]
#: Terms of one taxonomy that a post gets at most.
MOST = 20


def parameters(config: Mapping[str, Any]) -> Document:
    """The parameters of a tool by which a model chooses terms."""
    found: Document = {}
    for taxonomy, value in _selections(config):
        if value == AI_DECIDES:
            found[parameter(taxonomy)] = {
                "type": "array",
                "items": {"type": "string"},
                "required": False,
                "description": f"Names of terms of the taxonomy {taxonomy} for this post.",
            }
    return found


def parameter(taxonomy: str) -> str:
    """The name of a taxonomy's parameter."""
    return _PARAMETERS.get(taxonomy, taxonomy)


def chosen(config: Mapping[str, Any], given: Mapping[str, Any]) -> Terms:
    """The terms of a post by its handler's settings, with what a model chose where it decides."""
    found: Terms = {}
    for taxonomy, value in _selections(config):
        if value == AI_DECIDES:
            names = listed(given.get(parameter(taxonomy)))
            if names:
                found[taxonomy] = names
        elif str(value).isdecimal() and int(value) > 0:
            found[taxonomy] = [int(value)]
    return found


def named(value: Any) -> Terms:
    """Terms as a caller names them: by taxonomy a list, or one, of ids, names or slugs."""
    found: Terms = {}
    if isinstance(value, Mapping):
        for taxonomy, terms in value.items():
            several = terms if isinstance(terms, list) else [terms]
            ids = [one for one in several if isinstance(one, int) and not isinstance(one, bool) and one > 0]
            names = [name for one in several if isinstance(one, str) for name in listed(one)]
            if ids or names:
                found[str(taxonomy)] = [*ids, *names][:MOST]
    return found


def listed(value: Any) -> list[int | str]:
    """Names out of a list, or a text with commas; each once."""
    parts = value if isinstance(value, list) else str(value or "").split(",")
    names = dict.fromkeys(str(part).strip() for part in parts if isinstance(part, str | int))
    found: list[int | str] = [name for name in names if name]
    return found[:MOST]


def _selections(config: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in config.items():
        taxonomy = taxonomy_of(key) if key.endswith("_selection") else None
        if taxonomy is not None:
            yield taxonomy, value
