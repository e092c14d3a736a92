"""Values on the wire: plain JSON plus tagged forms for what JSON cannot say.

=====================================  ==============================================================
kind                                   form
=====================================  ==============================================================
not a finite float                     ``{"$f": "NaN" | "INF" | "-INF"}``
string that is not UTF-8               ``{"$b": base64}``
array that is neither list nor map     ``{"$a": [[key, value], ...]}``
value object                           ``{"$o": class, "p": [[property, value], ...], "#": n}``
``WP_Error``                           ``{"$e": [[code, [messages], [data, ...]], ...], "#": n}``
date and time                          ``{"$t": iso, "z": zone, "c": class, "#": n}``
enum case                              ``{"$n": class, "v": case}``
anything else that lives in PHP        ``{"$h": n, "c": class, "p": {public scalars}}``
a callable that lives in Python        ``{"$p": n, "n": name}``
a Python object both know by name      ``{"$m": kind, "n": name}``
an object the peer knows already       ``{"$r": n}``, changed properties in ``"p"``
too deep                               ``{"$x": "depth"}``
value too large for a frame            ``{"$l": n, "n": bytes, "k": "json" | "bytes" | "text"}``
the first argument, unchanged          ``{"$s": 0}``, only as a result
=====================================  ==============================================================

``#`` numbers an object: a positive one is good while the call lasts, a negative one within the message. A map
is an array with only non-empty string keys, none of which starts with ``$``.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any

import msgspec

from sidecar.bridge import named
from sidecar.bridge.errors import ProtocolError, Unserialisable
from sidecar.bridge.handles import HandleTable
from sidecar.bridge.large import Kind
from sidecar.bridge.values import Handle, Omitted, PhpDateTime, PhpEnum, PhpObject, Reference, Scope, WPError

MAX_DEPTH = 60
_INT_MIN, _INT_MAX = -(2**63), 2**63 - 1
_encode = msgspec.json.Encoder().encode


class Packer:
    """Python values to JSON builtins. Raises Unserialisable, naming the type."""

    __slots__ = ("_handles", "_large", "_threshold")

    def __init__(
        self,
        handles: HandleTable,
        large: Callable[[bytes, Kind], Any] | None = None,
        threshold: int = 1 << 62,
    ) -> None:
        """``large`` turns bytes or text longer than ``threshold`` into the form the peer reads in chunks."""
        self._handles = handles
        self._large = large
        self._threshold = threshold

    def pack(self, value: Any, depth: int = 0) -> Any:
        kind = type(value)
        if kind is str:
            if len(value) > self._threshold and self._large is not None:
                return self._large(_utf8(value), "text")
            return value
        if value is None or kind is bool:
            return value
        if kind is int:
            if not _INT_MIN <= value <= _INT_MAX:
                raise Unserialisable(f"The integer {value} does not fit into 64 bits.")
            return value
        if kind is float:
            if math.isfinite(value):
                return value
            return {"$f": "NaN" if math.isnan(value) else "INF" if value > 0 else "-INF"}
        if depth > MAX_DEPTH:
            raise Unserialisable(f"A value is nested deeper than {MAX_DEPTH} levels.")
        if kind is list or kind is tuple:
            below = depth + 1
            pack = self.pack
            return [pack(item, below) for item in value]
        if kind is dict:
            return self._pack_dict(value, depth + 1)
        return self._pack_other(value, depth + 1)

    def _pack_dict(self, value: Mapping[Any, Any], depth: int) -> Any:
        pack = self.pack
        for key in value:
            if type(key) is not str or key == "" or key[0] == "$":
                break
        else:
            return {key: pack(item, depth) for key, item in value.items()}
        pairs = []
        for key, item in value.items():
            if isinstance(key, bool) or not isinstance(key, str | int | bytes):
                raise Unserialisable(f"A key of type {type(key).__name__} has no form in a PHP array.")
            pairs.append([pack(key), pack(item, depth)])
        return {"$a": pairs}

    def _pack_other(self, value: Any, depth: int) -> Any:  # one case a kind
        known = named.name_of(value)
        if known is not None:
            return {"$m": known[0], "n": known[1]}
        if isinstance(value, bytes | bytearray | memoryview):
            data = bytes(value)
            if len(data) > self._threshold and self._large is not None:
                return self._large(data, "bytes")
            return {"$b": base64.b64encode(data).decode("ascii")}
        if isinstance(value, Reference):
            return self._pack_reference(value, depth)
        if isinstance(value, PhpEnum):
            return {"$n": value.class_name, "v": value.case}
        if isinstance(value, Enum):
            return self.pack(value.value, depth)
        if isinstance(value, datetime):
            return _pack_datetime(value)
        if isinstance(value, str | int | float):  # a subclass: its plain value
            plain = str if isinstance(value, str) else int if isinstance(value, int) else float
            return self.pack(plain(value), depth)
        if isinstance(value, Mapping):
            return self._pack_dict(value, depth)
        if isinstance(value, list | tuple):
            return [self.pack(item, depth) for item in value]
        if callable(value) and not isinstance(value, type):
            name = getattr(value, "__qualname__", type(value).__qualname__)
            return {"$p": self._handles.lend(value), "n": f"{getattr(value, '__module__', '?')}.{name}"}
        raise Unserialisable(
            f"A value of type {type(value).__module__}.{type(value).__qualname__} has no form on the wire."
        )

    def _pack_reference(self, value: Reference, depth: int) -> Any:
        ref = value.live_ref
        if ref is not None and (isinstance(value, Handle) or unchanged(value, value._wire)):
            return {"$r": ref}
        if isinstance(value, PhpObject):
            if ref is not None:
                return {"$r": ref, "p": self._changed_properties(value, depth)}
            return {"$o": value.class_name, "p": self._pairs(value.properties.items(), depth)}
        if isinstance(value, WPError):
            return {
                "$e": [
                    [code, self.pack(messages, depth), self.pack(data, depth)]
                    for code, messages, data in value.errors
                ]
            }
        if isinstance(value, PhpDateTime):
            return {"$t": value.iso, "z": value.zone, "c": value.class_name}
        raise Unserialisable(f"{value!r} was used after its call.")

    def _changed_properties(self, value: PhpObject, depth: int) -> list[list[Any]]:
        before = dict(value._wire["p"])
        return self._pairs(
            (
                (name, item)
                for name, item in value.properties.items()
                if name not in before or not unchanged(item, before[name])
            ),
            depth,
        )

    def _pairs(self, items: Any, depth: int) -> list[list[Any]]:
        return [[self.pack(name), self.pack(item, depth)] for name, item in items]


class Unpacker:
    """JSON builtins to Python values. One for each message, since ``$r`` refers within it.

    ``read_large`` fetches the content of a ``$l`` form.
    """

    __slots__ = ("_handles", "_objects", "_scope")

    def __init__(self, handles: HandleTable, scope: Scope | None) -> None:
        self._handles = handles
        self._scope = scope
        self._objects: dict[int, Any] = {}

    def unpack(self, wire: Any) -> Any:
        kind = type(wire)
        if kind is list:
            unpack = self.unpack
            return [unpack(item) for item in wire]
        if kind is dict and wire:
            first = next(iter(wire))
            if first[:1] == "$":
                reader = _READERS.get(first)
                if reader is None:
                    raise ProtocolError(f"Unknown kind of value {first!r}.")
                try:
                    return reader(self, wire)
                except (KeyError, TypeError, ValueError) as error:
                    raise ProtocolError(f"A value of kind {first!r} is malformed.") from error
            unpack = self.unpack
            return {key: unpack(item) for key, item in wire.items()}
        return wire

    def _register(self, value: Any, wire: Any) -> Any:
        number = wire.get("#")
        if number is not None:
            self._objects[number] = value
            if number > 0 and isinstance(value, Reference):  # a negative one means nothing after this message
                value._bind(number, self._scope, wire)
        return value

    def _object(self, wire: Any) -> PhpObject:
        value = PhpObject(wire["$o"])
        self._register(value, wire)  # before its properties: a cycle refers to it
        value.properties.update((str(name), self.unpack(item)) for name, item in wire["p"])
        return value

    def _error(self, wire: Any) -> WPError:
        value = WPError()
        self._register(value, wire)
        value.errors.extend(
            (code, [self.unpack(item) for item in messages], [self.unpack(item) for item in data])
            for code, messages, data in wire["$e"]
        )
        return value

    def _datetime(self, wire: Any) -> Any:
        return self._register(PhpDateTime(wire["$t"], wire["z"], wire["c"]), wire)

    def _handle(self, wire: Any) -> Handle:
        value = Handle(wire["c"], {name: self.unpack(item) for name, item in (wire.get("p") or {}).items()})
        value._bind(wire["$h"], self._scope, wire)
        self._objects[wire["$h"]] = value
        return value

    def _array(self, wire: Any) -> dict[Any, Any]:
        return {self.unpack(key): self.unpack(item) for key, item in wire["$a"]}

    def _known(self, wire: Any) -> Any:
        return self._objects[wire["$r"]]

    def _lent(self, wire: Any) -> Any:
        return self._handles.get(wire["$p"])


def _bytes(_: Unpacker, wire: Any) -> bytes:
    return base64.b64decode(wire["$b"], validate=True)


def _named(_: Unpacker, wire: Any) -> Any:
    kind, name = wire["$m"], wire["n"]
    try:
        return named.get(kind, name)
    except LookupError:
        return Omitted(f"{kind} {name}")


def _float(_: Unpacker, wire: Any) -> float:
    return {"NaN": math.nan, "INF": math.inf, "-INF": -math.inf}[wire["$f"]]


_READERS: dict[str, Callable[[Unpacker, Any], Any]] = {
    "$f": _float,
    "$b": _bytes,
    "$a": Unpacker._array,
    "$o": Unpacker._object,
    "$e": Unpacker._error,
    "$t": Unpacker._datetime,
    "$n": lambda _, wire: PhpEnum(wire["$n"], wire["v"]),
    "$h": Unpacker._handle,
    "$p": Unpacker._lent,
    "$m": _named,
    "$r": Unpacker._known,
    "$x": lambda _, wire: Omitted(wire["$x"]),
}


def unchanged(value: Any, wire: Any, _seen: frozenset[int] = frozenset()) -> bool:
    """Whether ``value`` still is what was read from ``wire``: types, order of keys and content."""
    kind = type(value)
    if kind is list:
        return (
            type(wire) is list
            and len(wire) == len(value)
            and all(unchanged(item, part, _seen) for item, part in zip(value, wire, strict=True))
        )
    if isinstance(value, Reference):
        return _reference_unchanged(value, wire, _seen)
    if kind is dict:
        if type(wire) is not dict:
            return False
        pairs = wire["$a"] if "$a" in wire else [[key, item] for key, item in wire.items()]
        return len(pairs) == len(value) and all(
            type(key) is type(name) and key == name and unchanged(item, part, _seen)
            for (key, item), (name, part) in zip(value.items(), pairs, strict=True)
        )
    if type(wire) is dict:
        try:
            return bool(_encode(Packer(HandleTable()).pack(value)) == _encode(wire))
        except Unserialisable:
            return isinstance(value, Omitted)
    return kind is type(wire) and bool(value == wire)


def _reference_unchanged(value: Reference, wire: Any, seen: frozenset[int]) -> bool:
    if type(wire) is not dict or value._wire is None:
        return False
    if "$r" in wire:
        wire = value._wire if wire["$r"] == value._ref else None
    if wire is not value._wire and wire != value._wire:
        return False
    if id(value) in seen:
        return True
    seen = seen | {id(value)}
    if isinstance(value, PhpObject):
        pairs = wire["p"]
        return len(pairs) == len(value.properties) and all(
            str(name) == key and unchanged(item, part, seen)
            for (key, item), (name, part) in zip(value.properties.items(), pairs, strict=True)
        )
    if isinstance(value, WPError):
        return len(wire["$e"]) == len(value.errors) and all(
            code == was and unchanged(messages, text, seen) and unchanged(data, more, seen)
            for (code, messages, data), (was, text, more) in zip(value.errors, wire["$e"], strict=True)
        )
    if isinstance(value, PhpDateTime):
        return (value.iso, value.zone, value.class_name) == (wire["$t"], wire["z"], wire["c"])
    return True


def _pack_datetime(value: datetime) -> dict[str, Any]:
    if value.tzinfo is None:
        raise Unserialisable("A datetime without a time zone has no form on the wire.")
    zone = getattr(value.tzinfo, "key", None) or value.strftime("%z")
    if zone[:1] in "+-":
        zone = f"{zone[:3]}:{zone[3:5]}"
    return {"$t": value.isoformat(timespec="microseconds"), "z": zone, "c": "DateTimeImmutable"}


def _utf8(value: str) -> bytes:
    try:
        return value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Unserialisable("A string holds a lone surrogate and is not UTF-8.") from error
