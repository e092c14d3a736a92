"""Two ends of a connection in one process."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest

from sidecar.bridge import Call, Channel

Serving = Callable[..., AbstractContextManager[Channel]]


def refuse(call: Call) -> Any:
    raise AssertionError(f"nobody calls {call.method} here")


@pytest.fixture
def served() -> Serving:
    """``with served(handler) as channel``: a channel whose peer answers with ``handler`` on its thread."""

    @contextlib.contextmanager
    def serve(handler: Callable[[Call], Any], own: Callable[[Call], Any] = refuse) -> Iterator[Channel]:
        near, far = socket.socketpair()
        peer = Channel(far, handler)
        thread = threading.Thread(target=peer.serve)
        thread.start()
        channel = Channel(near, own)
        try:
            yield channel
        finally:
            channel.close()
            thread.join(5)
            assert not thread.is_alive()

    return serve


@pytest.fixture
def pair() -> Iterator[tuple[Channel, socket.socket]]:
    """A channel and the bare socket of its peer, for what no proper peer sends."""
    near, far = socket.socketpair()
    channel = Channel(near, refuse)
    yield channel, far
    channel.close()
    far.close()
