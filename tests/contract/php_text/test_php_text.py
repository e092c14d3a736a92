"""JSON and serialized text are what PHP writes, byte for byte."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sidecar.db import php_json, php_serialize

#: A PHP expression and the Python value that stands for it.
VECTORS: list[tuple[str, Any]] = [
    ("array( 'u' => 'é', 's' => 'a/b', 'f' => 1.0, 'e' => array(), 'n' => null )",
     {"u": "é", "s": "a/b", "f": 1.0, "e": [], "n": None}),
    ("'<b>&\"\\'\\\\'", "<b>&\"'\\"),
    ('"\\x00\\x01\\x08\\x09\\x0a\\x0b\\x0c\\x0d\\x1f\\x7f"', "\x00\x01\b\t\n\x0b\f\r\x1f\x7f"),
    ('"\\u{2028}\\u{2029}\\u{feff}\\u{1f600}\\u{10ffff}\\u{e000}\\u{fffd}"',
     "\u2028\u2029\ufeff\U0001f600\U0010ffff\ue000\ufffd"),
    ("array( true, false, null, 0, -1, PHP_INT_MAX, PHP_INT_MIN )",
     [True, False, None, 0, -1, 2**63 - 1, -(2**63)]),
    ("9223372036854775808", 2**63),
    ("-9223372036854775809", -(2**63) - 1),
    ("0.1", 0.1),
    ("1.0", 1.0),
    ("-0.0", -0.0),
    ("100000.0", 1e5),
    ("1e15", 1e15),
    ("1e16", 1e16),
    ("1e17", 1e17),
    ("123456789012345678.0", 123456789012345678.0),
    ("1.5e25", 1.5e25),
    ("0.0001", 1e-4),
    ("0.00001", 1e-5),
    ("0.000123456", 0.000123456),
    ("1/3", 1 / 3),
    ("5e-324", 5e-324),
    ("1.7976931348623157e308", 1.7976931348623157e308),
    ("array( '0' => 'a', '1' => 'b' )", {"0": "a", "1": "b"}),
    ("array( 1 => 'a', 0 => 'b' )", {1: "a", 0: "b"}),
    ("array( '01' => 1, '-0' => 2, '-5' => 3, ' 1' => 4, '' => 5, '1.5' => 6 )",
     {"01": 1, "-0": 2, "-5": 3, " 1": 4, "": 5, "1.5": 6}),
    ("array( '9223372036854775807' => 1, '9223372036854775808' => 2 )",
     {"9223372036854775807": 1, "9223372036854775808": 2}),
    ("array( '-9223372036854775808' => 3, '-9223372036854775809' => 4 )",
     {"-9223372036854775808": 3, "-9223372036854775809": 4}),
    ("array( array(), array( array() ), array( 'x' => array( 'y' => array() ) ) )",
     [[], [[]], {"x": {"y": {}}}]),
    ("'\\\\u007f' . chr( 127 )", "\\u007f\x7f"),
]  # fmt: skip


def _equal(value: Any, answer: dict[str, str | None]) -> None:
    assert php_json.dumps(value) == answer["json"]
    assert php_json.dumps_unicode(value) == answer["unicode"]
    assert php_json.dumps(value, slashes=False, pretty=True) == answer["slashes"]
    assert php_serialize.dumps(value) == answer["serialize"]


@pytest.mark.parametrize(("expression", "value"), VECTORS, ids=[expression for expression, _ in VECTORS])
def test_values_are_written_as_php_writes_them(php: Any, expression: str, value: Any) -> None:
    answer = php.ask("eval", expression.encode())
    assert answer is not None
    _equal(value, answer)


def test_an_object_keeps_its_braces(php: Any) -> None:
    expression = "array( 'o' => new stdClass(), 'l' => (object) ['a', 'b'], 'n' => (object) [ 'e' => [] ] )"
    answer = php.ask("eval", expression.encode())
    value = {
        "o": php_json.Object(),
        "l": php_json.Object({"0": "a", "1": "b"}),
        "n": php_json.Object({"e": {}}),
    }
    assert php_json.dumps(value) == answer["json"]
    assert php_json.dumps(value, slashes=False, pretty=True) == answer["slashes"]


TEXT = st.text(max_size=12)
KEYS = st.one_of(TEXT, st.integers(-(2**63), 2**63 - 1), st.integers(-3, 3).map(str))
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXT,
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
FLOATS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False), st.integers(-400, 400).map(lambda e: math.ldexp(1, e))
)
MANY = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@MANY
@given(VALUES)
def test_any_value_is_written_as_php_writes_it(php: Any, value: Any) -> None:
    answer = php.ask("serialized", php_serialize.dumps(value).encode())
    assert answer is not None
    _equal(value, answer)


@MANY
@given(FLOATS)
def test_any_float_is_written_as_php_writes_it(php: Any, value: float) -> None:
    answer = php.ask("json", repr(value).encode())
    assert answer is not None
    assert php_json.dumps(value) == answer["json"]
    assert php_serialize.dumps(value) == answer["serialize"]


@MANY
@given(VALUES)
def test_serialized_data_is_read_back(value: Any) -> None:
    text = php_serialize.dumps(value)
    assert php_serialize.dumps(php_serialize.loads(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        '{"a":{},"b":[],"0":1}', "[1.0,1e2,-0,-0.0,12345678901234567890,-9223372036854775809]",
        '"\\u00e9\\ud83d\\ude00\\/"',
        ' {"a" : 1,"a":2} ', '{"":1,"_":2}', "1e400", "null", "[]", '"\\u0000"', "[" * 511 + "]" * 511,
        # What PHP refuses
        "", "NaN", "[1,]", "{'a':1}", '"\\ud800"', '"\\udc00\\ud800"', "\ufeff1", "01", "+1", ".5",
        "[" * 512 + "]" * 512,
        '"\t"', "Infinity", "-", "tru", '{"a":1}x',
    ],
)  # fmt: skip
def test_json_is_read_as_php_reads_it(php: Any, text: str) -> None:
    answer = php.ask("json", text.encode())
    if answer is None:
        with pytest.raises(php_json.NotJson):
            php_json.loads(text)
    elif answer["json"] is None:  # a number that became infinite
        with pytest.raises(php_json.NotJson):
            php_json.dumps(php_json.loads(text))
    else:
        assert php_json.dumps(php_json.loads(text)) == answer["json"]
        assert php_serialize.dumps(php_json.loads(text)) == answer["serialize"]


@pytest.mark.parametrize(
    "value", [math.inf, -math.inf, math.nan, "\ud800", b"x", object(), {1.5: 1}, {None: 1}]
)
def test_what_php_cannot_encode_is_refused(value: Any) -> None:
    for wrapped in (value, [value], {"a": value}):
        with pytest.raises(php_json.NotJson):
            php_json.dumps(wrapped)


def test_nesting_is_limited_as_in_php(php: Any) -> None:
    def nested(levels: int) -> Any:
        value: Any = []
        for _ in range(levels - 1):
            value = [value]
        return value

    def of_php(levels: int) -> str | None:
        return php.ask("serialized", php_serialize.dumps(nested(levels)).encode())["json"]

    assert php_json.dumps(nested(512)) == of_php(512)
    assert of_php(513) is None
    with pytest.raises(php_json.NotJson):
        php_json.dumps(nested(513))
