"""Declared arguments, judged as WordPress judges them."""

from __future__ import annotations

from typing import Any

import pytest

from sidecar.api.arguments import parse
from sidecar.api.route import Argument
from sidecar.errors import InvalidInput

PER_PAGE = {"per_page": Argument("integer", default=50, minimum=1, maximum=100)}


def refused(declared: dict[str, Argument], given: dict[str, Any]) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        parse(declared, given)
    return caught.value


def test_defaults_fill_what_is_absent_and_nothing_else_is_made_up() -> None:
    assert parse({**PER_PAGE, "status": Argument("string")}, {}) == {"per_page": 50}


@pytest.mark.parametrize(("given", "value"), [("5", 5), (5, 5), (5.0, 5), ("5.0", 5)])
def test_whole_numbers_may_be_text(given: Any, value: int) -> None:
    assert parse(PER_PAGE, {"per_page": given}) == {"per_page": value}


@pytest.mark.parametrize("given", ["x", "1.5", True, [], "", "nan", "inf"])
def test_other_things_are_no_whole_numbers(given: Any) -> None:
    error = refused(PER_PAGE, {"per_page": given})
    assert error.code == "rest_invalid_param"
    assert error.data["params"] == {"per_page": "per_page is not of type integer."}


def test_bounds_are_named() -> None:
    error = refused(PER_PAGE, {"per_page": 101})
    message = "per_page must be between 1 (inclusive) and 100 (inclusive)"
    assert error.message == "Invalid parameter(s): per_page"
    assert error.data["params"] == {"per_page": message}
    assert error.data["details"]["per_page"] == {
        "code": "rest_out_of_bounds",
        "message": message,
        "data": None,
    }
    offset = {"offset": Argument("integer", default=0, minimum=0)}
    assert refused(offset, {"offset": -1}).data["params"] == {
        "offset": "offset must be greater than or equal to 0"
    }


@pytest.mark.parametrize(
    ("given", "value"), [("true", True), ("0", False), (1, True), (False, False), ("FALSE", False)]
)
def test_booleans_have_few_spellings(given: Any, value: bool) -> None:
    assert parse({"b": Argument("boolean")}, {"b": given}) == {"b": value}


def test_yes_is_no_boolean() -> None:
    assert (
        refused({"b": Argument("boolean")}, {"b": "yes"}).data["details"]["b"]["code"] == "rest_invalid_type"
    )


def test_one_of_several_words() -> None:
    order = {"order": Argument("string", enum=("ASC", "DESC"))}
    assert parse(order, {"order": "ASC"}) == {"order": "ASC"}
    assert refused(order, {"order": "x"}).data["params"] == {"order": "order is not one of ASC and DESC."}


def test_what_is_missing_is_named_before_types_are_judged() -> None:
    declared = {"a": Argument("integer", required=True), "b": Argument("string", required=True)}
    error = refused(declared, {"a": "x"})
    assert (error.code, error.message) == ("rest_missing_callback_param", "Missing parameter(s): b")
    assert error.data == {"params": ["b"]}


def test_null_is_a_value_where_it_is_declared() -> None:
    name = {"name": Argument("string", nullable=True)}
    assert name["name"].schema() == {"type": ["string", "null"], "required": False}
    assert parse(name, {"name": None}) == {"name": None}
    assert parse(name, {"name": ""}) == {"name": ""}
    assert parse(name, {}) == {}
    assert refused(name, {"name": 5}).data["params"] == {"name": "name is not of type string,null."}
    names = {"names": Argument("array", items=Argument("string"), nullable=True)}
    assert parse(names, {"names": None}) == {"names": None}
    assert refused(names, {"names": {"a": 1}}).message == "Invalid parameter(s): names"
    assert refused(names, {"names": [5]}).data["params"] == {"names": "names[0] is not of type string."}


def test_bytes_that_are_no_text_are_no_string() -> None:
    # Those of a form arrive as bytes from PHP, and as half characters at our own door.
    for broken in (b"\xff", b"\xff".decode("utf-8", "surrogateescape"), 5, None, ["a"]):
        error = refused({"s": Argument("string")}, {"s": broken})
        assert error.data["details"]["s"]["code"] == "rest_invalid_type"
