"""What no proper peer sends: it ends in a named error, never in an object, a crash or a page of traceback."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from sidecar.bridge import Channel, HandshakeFailed, handshake
from sidecar.bridge.context import Call
from sidecar.bridge.frames import FrameStream

DEEP = b"[" * 200_000 + b"]" * 200_000


def frame(payload: bytes) -> bytes:
    return len(payload).to_bytes(4, "big") + payload


@pytest.fixture
def peer() -> Iterator[tuple[socket.socket, Channel, threading.Thread, list[Any]]]:
    """A bare socket, and the channel that serves its other end with a handler that keeps what it got."""
    near, far = socket.socketpair()
    got: list[Any] = []

    def handler(call: Call) -> Any:
        got.append(call.params)
        return None

    channel = Channel(far, handler)
    thread = threading.Thread(target=serve, args=(channel,))
    thread.start()
    yield near, channel, thread, got
    near.close()
    thread.join(5)
    assert not thread.is_alive()


def serve(channel: Channel) -> None:
    with contextlib.suppress(Exception):
        channel.serve()


def ask(near: socket.socket, args: Any) -> dict[str, Any]:
    request = {"jsonrpc": "2.0", "id": 1, "method": "x", "params": {"args": args}}
    near.sendall(frame(json.dumps(request).encode()))
    near.settimeout(5)
    size = int.from_bytes(near.recv(4), "big")
    answer: dict[str, Any] = json.loads(near.recv(size))
    return answer


@pytest.mark.parametrize(
    "value",
    [
        {"$p": 1},
        {"$p": "1"},
        {"$r": 7},
        {"$a": [[[], 1]]},
        {"$a": [[{}, 1]]},
        {"$a": 5},
        {"$b": "*"},
        {"$f": "1e999"},
        {"$e": [[1]]},
        {"$o": "WP_Post"},
        {"$unknown": 1},
    ],
)
def test_a_malformed_or_forged_value_is_an_error(peer: Any, value: Any) -> None:
    near, _, _, got = peer
    answer = ask(near, [value])
    assert answer["error"]["data"]["code"] != "internal_error"
    assert got == []


def test_an_object_of_any_class_is_only_data(peer: Any) -> None:
    near, _, _, got = peer
    ask(near, [{"$o": "os.system", "p": [["command", "true"]]}])
    (params,) = got
    assert type(params["args"][0]).__name__ == "PhpObject"
    assert params["args"][0].class_name == "os.system"


@pytest.mark.parametrize(
    "payload",
    [
        b'{"jsonrpc":"2.0","id":1,"method":"x","params":' + DEEP + b"}",
        b'{"jsonrpc":"2.0","id":' + b"9" * 5000 + b',"method":"x"}',
        b'{"jsonrpc":"2.0","id":1,"method":"\xff"}',
        b"\0" * 100,
        b"{",
    ],
)
def test_what_is_no_message_ends_the_connection(peer: Any, payload: bytes) -> None:
    near, channel, thread, got = peer
    near.sendall(frame(payload))
    thread.join(5)
    assert not thread.is_alive()
    assert got == []
    assert channel.cancel.reason is not None


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 65 << 20])
def test_a_length_that_lies_ends_the_connection_before_anything_is_read(peer: Any, size: int) -> None:
    near, channel, thread, _ = peer
    near.sendall(size.to_bytes(4, "big") + b"x")
    thread.join(5)
    assert not thread.is_alive()
    assert channel.cancel.reason is not None


@pytest.mark.parametrize(
    "hello",
    [
        b'{"protocol":1,"site":"s","nonce":"n","more":' + b"[" * 2000 + b"]" * 2000 + b"}",
        b'{"protocol":1,"site":"s"}',
        b"[]",
        b"\xff\xff",
        b"x" * 5000,
    ],
)
def test_a_stranger_gets_nothing_out_of_the_handshake(hello: bytes) -> None:
    near, far = socket.socketpair()
    with near, far:
        near.sendall(frame(hello))
        with pytest.raises(HandshakeFailed):
            handshake.server(
                FrameStream(far, handshake.MAX_HELLO), {"s": b"secret" * 8}.get, time.monotonic() + 5
            )
        near.setblocking(False)
        with pytest.raises(BlockingIOError):
            near.recv(1)
