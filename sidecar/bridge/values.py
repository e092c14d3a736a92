"""Values of PHP that have no plain JSON form, as Python sees them.

Strings, numbers, booleans, null and lists are themselves. A PHP array is a ``list`` when it is one, else a
``dict`` with ``str`` and ``int`` keys in PHP's order. A string that is not UTF-8 is ``bytes``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sidecar.bridge.errors import HandleExpired


class Scope(Protocol):
    """How long a reference to the peer's object is good: a call, or a channel outside any call."""

    @property
    def open(self) -> bool:
        """False once the call has ended."""
        ...

    def call_peer(self, method: str, params: dict[str, Any]) -> Any:
        """Call the peer while the scope is open."""
        ...


class Reference:
    """Base of everything that stands for an object living in PHP.

    :attr:`live_ref` is PHP's number for it while its call lasts. Sent back unchanged, PHP gets the very same
    object.
    """

    __slots__ = ("_ref", "_scope", "_wire")

    _ref: int | None
    _scope: Scope | None
    _wire: Any

    def __init__(self) -> None:
        object.__setattr__(self, "_ref", None)
        object.__setattr__(self, "_scope", None)
        object.__setattr__(self, "_wire", None)

    def _bind(self, ref: int | None, scope: Scope | None, wire: Any) -> None:
        object.__setattr__(self, "_ref", ref)
        object.__setattr__(self, "_scope", scope)
        object.__setattr__(self, "_wire", wire)

    @property
    def live_ref(self) -> int | None:
        """PHP's number for the object, or None outside its call or for an object made in Python."""
        scope = self._scope
        return self._ref if scope is not None and scope.open else None


class PhpObject(Reference):
    """A value object of PHP: ``stdClass``, ``WP_Post``, ``WP_Comment``, ``WP_Term``, ``WP_Site``.

    The address of a memory file (``AgentMemoryScope``) is one too; changed, it is a new object there.
    Properties are attributes and items of ``properties``. Changing one and returning the object changes that
    property on PHP's own object, as a PHP callback would.
    """

    __slots__ = ("class_name", "properties")

    class_name: str
    properties: dict[str, Any]

    def __init__(self, class_name: str = "stdClass", properties: dict[str, Any] | None = None) -> None:
        super().__init__()
        object.__setattr__(self, "class_name", class_name)
        object.__setattr__(self, "properties", dict(properties or {}))

    def __getattr__(self, name: str) -> Any:
        try:
            return self.properties[name]
        except KeyError:
            raise AttributeError(f"{self.class_name} has no property {name!r}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        self.properties[name] = value

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PhpObject):
            return NotImplemented
        return self.class_name == other.class_name and self.properties == other.properties

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"<PHP {self.class_name} {', '.join(self.properties)}>"


class WPError(Reference):
    """A ``WP_Error``: codes in order, each with all its messages and all its data."""

    __slots__ = ("errors",)

    def __init__(self, code: str | int = "", message: str = "", data: Any = None) -> None:
        super().__init__()
        #: ``[(code, [messages], [data, oldest first])]``
        self.errors: list[tuple[str | int, list[Any], list[Any]]] = []
        if code != "":
            self.add(code, message, data)

    def add(self, code: str | int, message: str, data: Any = None) -> None:
        """Add a message, and data unless it is None, to a code."""
        for known, messages, all_data in self.errors:
            if known == code:
                messages.append(message)
                if data is not None:
                    all_data.append(data)
                return
        self.errors.append((code, [message], [] if data is None else [data]))

    @property
    def code(self) -> str | int:
        """The first code, or an empty string."""
        return self.errors[0][0] if self.errors else ""

    @property
    def message(self) -> str:
        """The first message of the first code, or an empty string."""
        return str(self.errors[0][1][0]) if self.errors and self.errors[0][1] else ""

    @property
    def data(self) -> Any:
        """The newest data of the first code, or None."""
        return self.errors[0][2][-1] if self.errors and self.errors[0][2] else None

    def __eq__(self, other: object) -> bool:
        return self.errors == other.errors if isinstance(other, WPError) else NotImplemented

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"<WP_Error {self.code!r}: {self.message}>"


class PhpDateTime(Reference):
    """A ``DateTimeInterface`` with its zone name and class, which an ISO string alone would lose."""

    __slots__ = ("class_name", "iso", "zone")

    def __init__(self, iso: str, zone: str = "UTC", class_name: str = "DateTimeImmutable") -> None:
        super().__init__()
        self.iso = iso
        self.zone = zone
        self.class_name = class_name

    def datetime(self) -> datetime:
        """The moment, aware, in the object's own zone where Python knows it."""
        moment = datetime.fromisoformat(self.iso)
        try:
            return moment.astimezone(ZoneInfo(self.zone))
        except (ZoneInfoNotFoundError, ValueError):  # an offset such as "+02:00" is no zone name
            return moment

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PhpDateTime):
            return NotImplemented
        return (self.iso, self.zone, self.class_name) == (other.iso, other.zone, other.class_name)

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"<PHP {self.class_name} {self.iso} {self.zone}>"


class PhpEnum:
    """A case of a PHP enum."""

    __slots__ = ("case", "class_name")

    def __init__(self, class_name: str, case: str) -> None:
        self.class_name = class_name
        self.case = case

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PhpEnum):
            return NotImplemented
        return (self.class_name, self.case) == (other.class_name, other.case)

    def __hash__(self) -> int:
        return hash((self.class_name, self.case))

    def __repr__(self) -> str:
        return f"<PHP {self.class_name}::{self.case}>"


class Omitted:
    """Something PHP could not send; ``why`` is ``depth`` for nesting deeper than the codec follows."""

    __slots__ = ("why",)

    def __init__(self, why: str) -> None:
        self.why = why

    def __eq__(self, other: object) -> bool:
        return self.why == other.why if isinstance(other, Omitted) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.why)

    def __repr__(self) -> str:
        return f"<omitted: {self.why}>"


class Handle(Reference):
    """A closure, resource or opaque object that stays in PHP. Valid inside its call and on that thread.

    Call it like a function when it is a closure or invokable; :meth:`method` calls a public method.
    ``properties`` holds its public scalar properties at the moment it was sent.
    """

    __slots__ = ("class_name", "properties")

    def __init__(self, class_name: str, properties: dict[str, Any] | None = None) -> None:
        super().__init__()
        self.class_name = class_name
        self.properties = dict(properties or {})

    def __call__(self, *args: Any) -> Any:
        """Invoke it in PHP and wait for its value."""
        return self._peer("handle.invoke", {"handle": self, "args": list(args)})

    def method(self, name: str, *args: Any) -> Any:
        """Call one of its public methods in PHP."""
        return self._peer("handle.method", {"handle": self, "name": name, "args": list(args)})

    def _peer(self, method: str, params: dict[str, Any]) -> Any:
        scope = self._scope
        if self.live_ref is None or scope is None:
            raise HandleExpired(f"The handle of a PHP {self.class_name} was used after its call.")
        return scope.call_peer(method, params)

    def __repr__(self) -> str:
        return f"<handle of PHP {self.class_name} #{self._ref}>"
