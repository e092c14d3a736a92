"""``docs/reference/abilities.md``: what the product offers under WordPress's Abilities API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sidecar.abilities import Declaration, Permission
from sidecar.identity.capabilities import CAPABILITIES, MANAGING
from tools.docs import markdown
from tools.generate_abilities import categories, declarations

PATH = "docs/reference/abilities.md"
SOURCE = "the abilities declared in sidecar/"

INTRO = """\
Abilities are WordPress's own way of offering work to plugins, scripts and models. In PHP one is run with
`wp_get_ability( 'datamachine/list-agents' )->execute( $input )`, over HTTP with the method named below on
`/wp-json/wp-abilities/v1/abilities/<name>/run`: a `GET` takes `input[...]` from the query, the others
`{"input": {...}}` as JSON.

WordPress validates the input and asks the permission; what it refuses is its own error
(`ability_invalid_input`, `ability_invalid_permissions`, over HTTP `rest_ability_cannot_execute`). Whose agent
it may be is asked afterwards: a missing [role](../agents.md) is `rest_forbidden`.

A broken rule of an ability on agents (a slug that is taken, an agent that is not there) is no error but an
answer: `{"success": false, "error": "..."}`, in `datamachine/rename-agent` with `message` in the place of
`error`. Everything unexpected is a `WP_Error` with a code of the [HTTP reference](http.md) and a status."""


def page() -> tuple[str, str]:
    """Path and text."""
    return markdown.page(PATH, "Abilities", SOURCE, INTRO, _body())


def names() -> list[str]:
    """What the page must mention: every ability, and every field of its input."""
    return [
        *(each.name for each in declarations()),
        *(f"`{name}`" for each in declarations() for name in each.input_schema.get("properties", {})),
    ]


def _body() -> Iterator[str]:
    for category in categories():
        yield from ("", f"## {category.label} (`{category.slug}`)", "", category.description)
        for each in declarations():
            if each.category.slug == category.slug:
                yield from _ability(each)


def _ability(each: Declaration) -> Iterator[str]:
    yield from ("", f"### {each.name}", "", each.description)
    yield from ("", f"`{_method(each)}`. Needs {_who(each.permission)}.")
    required = each.input_schema.get("required", [])
    fields = each.input_schema.get("properties", {})
    if fields:
        yield from markdown.table(
            ("input", "type", "", "meaning"),
            (
                (
                    markdown.code(name),
                    _type(schema),
                    "required" if name in required else "",
                    schema.get("description", ""),
                )
                for name, schema in fields.items()
            ),
        )
    answer = each.output_schema.get("properties", {})
    if answer:
        yield from ("", f"Answers {', '.join(f'`{name}`' for name in answer)}.")


def _method(each: Declaration) -> str:
    """WordPress's choice by the annotations."""
    if each.readonly:
        return "GET"
    return "DELETE" if each.destructive and each.idempotent else "POST"


def _who(rule: Permission) -> str:
    actions = dict.fromkeys((*rule.any_of, *(MANAGING if rule.manage else ())))
    parts = [f"`{CAPABILITIES[action]}`" for action in actions]
    return " or ".join([*parts, *(["a signed-in user"] if rule.login else [])])


def _type(schema: dict[str, Any]) -> str:
    kind = schema["type"]
    return " or ".join(kind) if isinstance(kind, list) else str(kind)
