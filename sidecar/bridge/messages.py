"""JSON-RPC 2.0 messages with a parent, a time budget and a context."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from sidecar.bridge.context import CallContext

#: What JSON-RPC wants as an error code; the stable code is a string in ``data.code``.
SERVER_ERROR = -32000


class ErrorData(msgspec.Struct, gc=False):
    """The part of an error that programs read."""

    code: str = "remote_error"
    data: Any = None


class ErrorBody(msgspec.Struct, gc=False):
    """A JSON-RPC error object."""

    code: int
    message: str
    data: ErrorData = msgspec.field(default_factory=ErrorData)


class Message(msgspec.Struct):
    """Any message; a request has a method, an answer has a result or an error."""

    jsonrpc: Literal["2.0"]
    id: int = 0
    method: str | None = None
    params: Any = None
    result: Any = None
    error: ErrorBody | None = None
    #: The request of the receiver inside which this one runs.
    parent: int | None = None
    #: Seconds the sender will wait.
    budget: float | None = None
    #: Sent when it differs from the connection's last one.
    ctx: CallContext | None = None


encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Message).decode


def request(
    number: int,
    method: str,
    params: bytes,
    *,
    parent: int | None,
    budget: float | None,
    context: CallContext | None,
) -> bytes:
    """A request; ``params`` is JSON already."""
    parts = [b'{"jsonrpc":"2.0","id":%d,"method":' % number, encode(method), b',"params":', params]
    if parent is not None:
        parts.append(b',"parent":%d' % parent)
    if budget is not None:
        parts.append(b',"budget":%.6f' % budget)
    if context is not None:
        parts += (b',"ctx":', encode(context))
    parts.append(b"}")
    return b"".join(parts)


def answer(number: int, result: bytes) -> bytes:
    """A result; ``result`` is JSON already."""
    return b'{"jsonrpc":"2.0","id":%d,"result":%b}' % (number, result)


def failure(number: int, code: str, message: str, data: Any) -> bytes:
    """An error; ``data`` is packed already."""
    body = {"code": SERVER_ERROR, "message": message, "data": {"code": code, "data": data}}
    return b'{"jsonrpc":"2.0","id":%d,"error":%b}' % (number, encode(body))


#: The server has not executed what it may just have received and closes: connect again and ask again.
CLOSING = b'{"jsonrpc":"2.0","method":"channel.closing"}'
