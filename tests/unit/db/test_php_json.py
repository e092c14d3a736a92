"""Both ways to write JSON write the same, and what only one of them writes rightly the other is not given."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.db import php_json

TEXTS = st.text(st.characters(codec="utf-8")) | st.sampled_from(["/", "a/b", "\x7f", "é😀", "\u2028", '"\\'])
KEYS = st.sampled_from(["a", "id", "é", "0", "1", "-1", "a-b", "", "_"]) | TEXTS
SCALARS = st.none() | st.booleans() | TEXTS | st.floats(allow_nan=False, allow_infinity=False)
NUMBERS = st.integers(-(2**63) - 2, 2**63 + 2)
VALUES = st.recursive(
    SCALARS | NUMBERS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4)
)


def slowly(value: Any, slashes: bool) -> str:
    return php_json._encode(value, php_json._quoter(False, slashes), False)


@given(VALUES, st.booleans())
@settings(max_examples=400, deadline=None)
def test_both_ways_write_the_same(value: Any, slashes: bool) -> None:
    assert php_json.dumps(value, slashes=slashes) == slowly(value, slashes)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"job_id": "1", "label": None, "nested": [{"a": True, "b": "a/b é"}]},
         '{"job_id":"1","label":null,"nested":[{"a":true,"b":"a\\/b \\u00e9"}]}'),
        (2**63 - 1, "9223372036854775807"),
        ((1, ("x",)), '[1,["x"]]'),
    ],
)  # fmt: skip
def test_everyday_values_take_the_fast_way(value: Any, text: str) -> None:
    assert php_json._plain(value)
    assert php_json.dumps(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "[]"),
        ({"a": {}}, '{"a":[]}'),
        ({"0": "a", "1": "b"}, '["a","b"]'),
        ({0: "a"}, '["a"]'),
        (php_json.Object(), "{}"),
        (1.0, "1"),
        (2**63, php_json.format_float(float(2**63))),
        ("\x7f", '"\x7f"'),
    ],
)
def test_where_php_writes_something_else(value: Any, text: str) -> None:
    assert not php_json._plain(value)
    assert php_json.dumps(value) == text


@pytest.mark.parametrize("value", ["\ud800", ["\udfff"], {"a": "\ud800"}, float("nan"), b"", {1.5: 2}])
def test_what_has_no_json_is_refused(value: Any) -> None:
    with pytest.raises(php_json.NotJson):
        php_json.dumps(value)
