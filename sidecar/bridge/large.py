"""Values too large for a frame: kept until the peer has read them, piece by piece."""

from __future__ import annotations

from typing import Any, Literal

from sidecar.bridge.errors import ProtocolError

Kind = Literal["json", "bytes", "text"]


class LargeValues:
    """What the peer may fetch with ``value.read``. It does so at once, before it asks anything else."""

    __slots__ = ("_data", "_limit", "_number")

    def __init__(self, limit: int) -> None:
        """``limit`` is the largest payload of a frame towards the peer."""
        self._limit = limit
        self._number = 0
        self._data: dict[int, bytes] = {}

    def offer(self, data: bytes, kind: Kind) -> dict[str, Any]:
        """The form that stands for ``data``: JSON of a value, bytes, or text in UTF-8."""
        self._number += 1
        self._data[self._number] = data
        return {"$l": self._number, "n": len(data), "k": kind}

    def piece(self, params: Any) -> bytes:
        """The answer to ``value.read``: a raw frame of a NUL byte and the bytes asked for."""
        try:
            data, start, most = self._data[params["l"]], int(params["o"]), int(params["n"])
        except (KeyError, TypeError, ValueError):
            raise ProtocolError("A large value that was not offered was asked for.") from None
        return b"\0" + data[start : start + min(most, self._limit - 1)]

    def clear(self) -> None:
        """The peer went on: nobody reads these any more."""
        if self._data:
            self._data.clear()
