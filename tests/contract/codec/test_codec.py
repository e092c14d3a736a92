"""Python's side of the vectors of the codec."""

from __future__ import annotations

import json
import math
import struct
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from sidecar.bridge import (
    Handle,
    HandleExpired,
    Omitted,
    PhpDateTime,
    PhpEnum,
    PhpObject,
    ProtocolError,
    named,
)
from sidecar.bridge.codec import Packer, Unpacker, unchanged
from sidecar.bridge.errors import Unserialisable
from sidecar.bridge.handles import HandleTable
from sidecar.bridge.values import WPError

VECTORS = json.loads((Path(__file__).parent.parent / "codec_vectors.json").read_text())["vectors"]


class Lasting:
    """A call that has not ended, or has."""

    def __init__(self) -> None:
        self.open = True
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def call_peer(self, method: str, params: dict[str, Any]) -> Any:
        self.asked.append((method, params))
        return "answer"


def error(*parts: tuple[str, str, Any]) -> WPError:
    value = WPError()
    for code, message, data in parts:
        value.add(code, message, data)
    return value


class Cyclic:
    """Stands for an object that holds itself; comparing two of them must end."""


def nested(depth: int, inside: Any) -> Any:
    for _ in range(depth):
        inside = [inside]
    return inside


NAMES = {
    "PhpObject": PhpObject,
    "PhpDateTime": PhpDateTime,
    "PhpEnum": PhpEnum,
    "Omitted": Omitted,
    "datetime": datetime,
    "ZoneInfo": ZoneInfo,
    "error": error,
    "handle": Handle,
    "nested": nested,
    "twice": lambda value: [value, value],
    "cycle": Cyclic,
}


def pack(value: Any) -> Any:
    return json.loads(msgspec.json.encode(Packer(HandleTable()).pack(value)))


def unpack(wire: str, scope: Any = None) -> Any:
    return Unpacker(HandleTable(), scope or Lasting()).unpack(msgspec.json.decode(wire))


def assert_same(actual: Any, expected: Any) -> None:
    if isinstance(expected, Cyclic):
        assert actual.me is actual
    elif isinstance(expected, Handle):
        assert (type(actual), actual.class_name, actual.properties) == (
            Handle,
            expected.class_name,
            expected.properties,
        )
    elif isinstance(expected, float):
        assert isinstance(actual, float)
        assert struct.pack(">d", actual) == struct.pack(">d", expected) or math.isnan(actual + expected)
    else:
        assert type(actual) is type(expected)
        assert actual == expected
        if isinstance(expected, dict):
            assert list(actual) == list(expected), "the order of keys is part of a PHP array"


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_vector(vector: dict[str, str]) -> None:
    value = eval(vector["python"], dict(NAMES))
    only = vector.get("only")
    if only != "from_python":
        assert_same(unpack(vector["wire"]), value)
    if only != "from_php":
        expected = json.loads(vector.get("from_python", vector["wire"]))
        assert json.dumps(pack(value)) == json.dumps(expected)


OBJECTS = [vector for vector in VECTORS if '"#"' in vector["wire"] and vector["wire"].startswith("{")]


@pytest.mark.parametrize("vector", OBJECTS, ids=[vector["name"] for vector in OBJECTS])
def test_an_object_of_php_goes_back_as_itself_while_its_call_lasts(vector: dict[str, str]) -> None:
    scope = Lasting()
    value = unpack(vector["wire"], scope)
    assert pack({"x": [value]}) == {"x": [{"$r": 1}]}
    scope.open = False
    if "$o" in vector["wire"] and "me" not in vector["wire"]:
        assert pack(value)["$o"] == value.class_name


def test_only_changed_properties_travel_back() -> None:
    post = unpack('{"$o":"WP_Post","p":[["ID",7],["post_title","Hi"],["tags",[1]]],"#":3}')
    post.post_title = "Ho"
    assert pack(post) == {"$r": 3, "p": [["post_title", "Ho"]]}


def test_a_change_deep_inside_an_object_is_seen() -> None:
    post = unpack('{"$o":"WP_Post","p":[["ID",7],["tags",{"a":[1]}]],"#":3}')
    post.tags["a"].append(2)
    assert pack(post) == {"$r": 3, "p": [["tags", {"a": [1, 2]}]]}


@pytest.mark.parametrize(
    ("wire", "change"),
    [
        ("[1,2]", lambda value: value.append(3)),
        ('{"a":1,"b":2}', lambda value: value.update(a=value.pop("a"))),
        ('{"a":true}', lambda value: value.update(a=1)),
        ('{"$a":[[5,"x"]]}', lambda value: value.update({5: "y"})),
        ('{"a":{"$b":"/w=="}}', lambda value: value.update(a=b"\xfe")),
        ('[{"$e":[["c",["m"],[]]],"#":1}]', lambda value: value[0].add("d", "n")),
    ],
)
def test_a_value_changed_in_place_is_not_the_same(wire: str, change: Any) -> None:
    value = unpack(wire)
    assert unchanged(value, msgspec.json.decode(wire))
    change(value)
    assert not unchanged(value, msgspec.json.decode(wire))


def test_an_object_that_was_only_passing_goes_back_as_a_value() -> None:
    first, second = unpack('[{"$o":"stdClass","p":[["a",1]],"#":-1},{"$r":-1}]')
    assert first is second
    assert pack(first) == {"$o": "stdClass", "p": [["a", 1]]}


def test_a_handle_calls_php_and_ends_with_its_call() -> None:
    scope = Lasting()
    handle = unpack('{"$h":9,"c":"Closure","p":{}}', scope)
    assert handle(1, "two") == "answer"
    assert handle.method("greet", "eve") == "answer"
    assert scope.asked == [
        ("handle.invoke", {"handle": handle, "args": [1, "two"]}),
        ("handle.method", {"handle": handle, "name": "greet", "args": ["eve"]}),
    ]
    scope.open = False
    with pytest.raises(HandleExpired):
        handle()
    with pytest.raises(Unserialisable, match="after its call"):
        pack(handle)


def test_a_callable_of_python_is_lent_and_comes_back_as_itself() -> None:
    table = HandleTable()

    def tool() -> None: ...

    wire = Packer(table).pack(tool)
    assert wire["n"].endswith("tool")
    assert Packer(table).pack(tool) == wire
    assert Unpacker(table, None).unpack(wire) is tool
    table.release(0)
    with pytest.raises(HandleExpired):
        Unpacker(table, None).unpack(wire)


def test_an_object_with_a_name_travels_as_it() -> None:
    shelf, other = object(), object()
    named.register("shelf", "upper", shelf)
    wire = {"books": [{"$m": "shelf", "n": "upper"}]}
    try:
        assert pack({"books": [shelf]}) == wire
        found = unpack(json.dumps(wire))
        assert found["books"][0] is shelf
        assert unchanged(found, wire)
        assert not unchanged({"books": [other]}, wire)
    finally:
        named.forget("shelf", "upper")
    with pytest.raises(Unserialisable):
        pack(shelf)
    assert isinstance(unpack(json.dumps(wire))["books"][0], Omitted)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (object(), "builtins.object"),
        ({1, 2}, "builtins.set"),
        (int, "builtins.type"),
        (2**63, "64 bits"),
        ({None: 1}, "key of type NoneType"),
        ({True: 1}, "key of type bool"),
        (datetime(2026, 1, 1), "without a time zone"),
        (nested(80, 1), "deeper than 60"),
        (Omitted("depth"), "Omitted"),
    ],
)
def test_what_has_no_form_is_refused_by_name(value: Any, message: str) -> None:
    with pytest.raises(Unserialisable, match=message):
        pack({"a": [value]})


@pytest.mark.parametrize(
    "wire", ['{"$z":1}', '{"$b":"*"}', '{"$b":1}', '{"$a":[[1]]}', '{"$r":4}', '{"$o":"x"}', '{"$f":"x"}']
)
def test_what_means_nothing_is_a_protocol_error(wire: str) -> None:
    with pytest.raises(ProtocolError):
        unpack(wire)
