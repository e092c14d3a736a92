"""Declarations as WordPress gets them, and callbacks by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest

from sidecar.abilities import Category, Declaration, Permission, Registry, object_schema
from sidecar.bridge import Call
from sidecar.errors import Conflict, Forbidden, Internal, NotFound, Unavailable
from sidecar.identity import AgentsRepository, AgentsService, Principal
from sidecar.identity.abilities import CREATE, RENAME, AgentAbilities, config, flag, positive
from sidecar.identity.capabilities import CAPABILITIES
from tests import answers
from tools import generate_abilities

SOMEBODY = Principal.user(7)


def declaration(**changes: Any) -> Declaration:
    fields: dict[str, Any] = {
        "name": "product/do",
        "category": Category("product-things", "Things", "All of them."),
        "label": "Do",
        "description": "Does.",
        "permission": Permission(manage=True),
        "input_schema": object_schema(),
    }
    return Declaration(**(fields | changes))


def test_wordpress_gets_only_what_is_promised() -> None:
    plain = declaration().wordpress()
    assert list(plain) == [
        "label", "description", "category", "permission", "input_schema", "output_schema", "meta",
    ]  # fmt: skip
    assert plain["permission"] == {"manage": True}
    assert plain["meta"] == {"show_in_rest": True}
    full = declaration(
        permission=Permission(any_of=("chat",), login=True),
        readonly=True,
        destructive=False,
        show_in_rest=False,
    ).wordpress()
    assert full["permission"] == {"any_of": ["chat"], "login": True}
    assert full["meta"] == {
        "show_in_rest": False,
        "annotations": {"readonly": True, "destructive": False},
    }


def test_an_input_that_may_be_left_out_has_a_default() -> None:
    assert object_schema({"a": {"type": "string"}}, required=("a",)) == {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
    }
    assert object_schema(optional=True) == {"type": "object", "properties": {}, "default": []}


def test_wordpress_would_take_every_declaration() -> None:
    found = generate_abilities.declarations()
    assert len({each.name for each in found}) == len(found)
    for each in found:
        assert re.fullmatch(r"[a-z0-9-]+/[a-z0-9-]+", each.name)
        assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", each.category.slug)
        assert each.label
        assert each.description
        assert each.permission.wordpress(), "nobody could run it"
        assert set(each.permission.any_of) <= set(CAPABILITIES)
        assert set(each.input_schema.get("required", ())) <= set(each.input_schema.get("properties", ()))
        assert each.output_schema.get("properties"), f"{each.name} says nothing of its answer"
        for schema in (each.input_schema, each.output_schema):
            untyped = [place for place, one in schemas(schema, each.name) if not known_types(one)]
            assert untyped == [], "WordPress complains of a schema without a type it knows"


def schemas(schema: Mapping[str, Any], place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """A schema and all that it holds, by where they stand."""
    yield place, schema
    for name, one in schema.get("properties", {}).items():
        yield from schemas(one, f"{place}.{name}")
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), Mapping):
            yield from schemas(schema[key], f"{place}.{key}")


def known_types(schema: Mapping[str, Any]) -> bool:
    kinds = schema.get("type")
    words = {kinds} if isinstance(kinds, str) else set(kinds or ())
    return bool(words) and words <= {"array", "object", "string", "number", "integer", "boolean", "null"}


def test_an_answer_is_held_against_its_schema() -> None:
    rows = {"type": "array", "items": object_schema({"id": {"type": "integer"}}, required=("id",))}
    schema = object_schema({"rows": rows, "map": {"type": "object"}, "word": {"enum": ["a", "b"]}})
    assert list(answers.faults(schema, {"rows": [{"id": 1}], "map": [], "word": "b"})) == []
    wrong = {"rows": [{}, {"id": True}, {"id": 1, "name": "x"}], "map": [1], "word": "c", "other": None}
    assert list(answers.faults(schema, wrong)) == [
        "answer.rows[0] lacks id",
        "answer.rows[1].id is bool, declared as integer",
        "answer.rows[2].name is not declared",
        "answer.map is list, declared as object",
        "answer.word is 'c', which is none of ['a', 'b']",
        "answer.other is not declared",
    ]


def call(**params: Any) -> Call:
    return cast(Call, SimpleNamespace(params=params))


def test_a_call_is_executed_as_whoever_acts_in_it() -> None:
    registry = Registry()
    registry.judge_by(lambda told: ("principal of", told.params["who"]))
    registry.add("product/do", lambda principal, given: [principal, dict(given)])
    assert registry.names() == ["product/do"]
    answer = registry.handle(call(name="product/do", input={"a": 1}, who="x"))
    assert answer == [("principal of", "x"), {"a": 1}]
    # PHP's empty array is a list on the wire.
    assert registry.handle(call(name="product/do", input=[], who="x"))[1] == {}
    with pytest.raises(NotFound) as missing:
        registry.handle(call(name="product/other", who="x"))
    assert missing.value.code == "ability_not_found"


def test_nothing_is_executed_for_nobody_in_particular() -> None:
    registry = Registry()
    registry.add("product/do", lambda principal, given: "done")
    with pytest.raises(Internal):
        registry.handle(call(name="product/do", input={}))


class Failing:
    """A service whose every operation fails in one way."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def create(self, *_: Any, **__: Any) -> None:
        raise self.error

    rename = create


def run(name: str, error: Exception) -> Any:
    abilities = AgentAbilities(
        cast(AgentsRepository, None), lambda: cast(AgentsService, Failing(error))
    ).callbacks()
    return abilities[name](SOMEBODY, {"agent_slug": "a", "old_slug": "a", "new_slug": "b"})


def test_a_broken_rule_is_an_answer_and_a_refusal_an_error() -> None:
    taken = Conflict("It is taken.", code="agent_slug_conflict")
    assert run(CREATE, taken) == {"success": False, "error": "It is taken."}
    assert run(RENAME, taken) == {"success": False, "message": "It is taken."}
    # A 403 that is a rule of the list, not a missing role.
    assert run(CREATE, Forbidden("Not that.", code="agent_scope_forbidden"))["success"] is False
    for error in (
        Forbidden("Sorry.", code="rest_forbidden"),
        Unavailable("The database is away."),
        Internal("A defect."),
        RuntimeError("Unexpected."),
    ):
        for name in (CREATE, RENAME):
            with pytest.raises(type(error)):
                run(name, error)


@pytest.mark.parametrize(
    ("value", "meaning"),
    [
        (7, 7), ("7", 7), (7.0, 7), (0, None), (-1, None), ("x", None), (None, None), (True, None),
        (1.5, None), ("9" * 30, None), ("٣", None),
    ],
)  # fmt: skip
def test_ids_are_read_as_wordpress_lets_them_in(value: Any, meaning: int | None) -> None:
    assert positive(value) == meaning


def test_flags_and_configurations_are_read_as_wordpress_lets_them_in() -> None:
    assert [flag(value) for value in (True, "1", "true", 1)] == [True] * 4
    assert [flag(value) for value in (None, False, "0", "false", 0, "")] == [False] * 6
    assert (config(None), config([]), config({"a": 1})) == (None, {}, {"a": 1})
