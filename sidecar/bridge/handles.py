"""What the other side may refer to while a call lasts."""

from __future__ import annotations

from typing import Any

from sidecar.bridge.errors import HandleExpired


class HandleTable:
    """Objects lent to the peer, by number.

    Calls nest strictly, so the table is a stack: a call takes a mark before it lends anything and releases
    everything above the mark when it ends. Numbers are never used twice on a connection, so that a stale one
    cannot mean another object.
    """

    __slots__ = ("_by_identity", "_next", "_objects")

    def __init__(self) -> None:
        self._objects: dict[int, Any] = {}
        self._by_identity: dict[int, int] = {}
        self._next = 1

    def __len__(self) -> int:
        return len(self._objects)

    def lend(self, value: Any) -> int:
        """The number of ``value``, new or the one it already has."""
        known = self._by_identity.get(id(value))
        if known is not None:
            return known
        number = self._next
        self._next = number + 1
        self._objects[number] = value
        self._by_identity[id(value)] = number
        return number

    def get(self, number: int) -> Any:
        """The object behind a number; HandleExpired when it is no longer lent."""
        try:
            return self._objects[number]
        except KeyError:
            raise HandleExpired(f"Handle {number} is not valid any more.") from None

    def mark(self) -> int:
        """Where the stack stands."""
        return self._next

    def release(self, mark: int) -> None:
        """Take back everything lent since ``mark``."""
        objects = self._objects
        while objects:
            number = next(reversed(objects))
            if number < mark:
                return
            del self._by_identity[id(objects.pop(number))]
