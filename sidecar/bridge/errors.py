"""What can go wrong on the bridge channel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.errors import Cancelled, Internal, SidecarError, Unauthorized, Unavailable


class RemoteError(SidecarError):
    """The other side answered a call with an error: its stable ``code``, ``message`` and ``data``."""

    code = "remote_error"

    def __init__(self, code: str, message: str, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(message, code=code, data=data)


class ProtocolError(Unavailable):
    """The other side broke the protocol; the connection is poisoned."""

    code = "bridge_protocol_error"


class ChannelPoisoned(Cancelled):
    """The connection was abandoned: nothing more is executed, sent or answered on it."""

    code = "bridge_abandoned"


class ConnectionLost(ChannelPoisoned):
    """The other side hung up; the outcome of a call that was under way is unknown."""

    code = "bridge_connection_lost"


class HandshakeFailed(Unauthorized):
    """The other side could not prove that it knows the site's secret."""

    code = "bridge_handshake_failed"


class Unserialisable(Internal):
    """A value has no form on the wire; the message names its type and where it stands."""

    code = "bridge_unserialisable"


class HandleExpired(Internal):
    """A handle was used after its call, or from another thread."""

    code = "bridge_handle_expired"


class WrongThread(Internal):
    """A channel belongs to the thread that serves it."""

    code = "bridge_wrong_thread"


class DepthExceeded(Internal):
    """More calls inside calls than the protocol allows."""

    code = "bridge_depth_exceeded"


class FrameTooLarge(Internal):
    """A frame is larger than its reader accepts."""

    code = "bridge_frame_too_large"


class MethodNotFound(SidecarError):
    """Nobody answers to this method name."""

    code = "bridge_method_not_found"
