"""The bridge channel: framed JSON-RPC between a PHP process and a Python thread."""

from __future__ import annotations

from sidecar.bridge import guard
from sidecar.bridge.cancel import CancelToken
from sidecar.bridge.channel import Channel, by_method
from sidecar.bridge.context import Call, CallContext, Handler, check, current_call, on_call, remaining
from sidecar.bridge.errors import (
    ChannelPoisoned,
    ConnectionLost,
    DepthExceeded,
    FrameTooLarge,
    HandleExpired,
    HandshakeFailed,
    MethodNotFound,
    ProtocolError,
    RemoteError,
    Unserialisable,
    WrongThread,
)
from sidecar.bridge.handshake import connect
from sidecar.bridge.server import open_socket, serve
from sidecar.bridge.values import Handle, Omitted, PhpDateTime, PhpEnum, PhpObject, WPError

__all__ = [
    "Call",
    "CallContext",
    "CancelToken",
    "Channel",
    "ChannelPoisoned",
    "ConnectionLost",
    "DepthExceeded",
    "FrameTooLarge",
    "Handle",
    "HandleExpired",
    "Handler",
    "HandshakeFailed",
    "MethodNotFound",
    "Omitted",
    "PhpDateTime",
    "PhpEnum",
    "PhpObject",
    "ProtocolError",
    "RemoteError",
    "Unserialisable",
    "WPError",
    "WrongThread",
    "by_method",
    "check",
    "connect",
    "current_call",
    "guard",
    "on_call",
    "open_socket",
    "remaining",
    "serve",
]
