"""The handshake, and the header that counts crossings."""

from __future__ import annotations

import contextvars
import os
import re
import socket
import threading
import time
from pathlib import Path

import pytest

from sidecar.bridge import Call, Channel, HandshakeFailed, chain, handshake
from sidecar.bridge.context import CallContext, enter
from sidecar.bridge.frames import FrameStream

SECRET = b"secret of the site"


def shake(client_secret: bytes, server_secret: bytes | None, site: str = "s") -> tuple[object, object]:
    """What client and server end with: None, a site's name, or the message of the failure."""
    near, far = socket.socketpair()
    ended: dict[str, object] = {}

    def serve() -> None:
        with far:
            try:
                secret_of = {"s": server_secret}.get
                ended["server"] = handshake.server(FrameStream(far), secret_of, time.monotonic() + 5)
            except HandshakeFailed as error:
                ended["server"] = error

    thread = threading.Thread(target=serve)
    thread.start()
    with near:
        try:
            ended["client"] = handshake.client(FrameStream(near), site, client_secret, time.monotonic() + 5)
        except HandshakeFailed as error:
            ended["client"] = error
    thread.join()
    return ended["client"], ended["server"]


def test_both_know_the_secret() -> None:
    assert shake(SECRET, SECRET) == (None, "s")


@pytest.mark.parametrize(
    ("client", "server", "site"), [(b"wrong", SECRET, "s"), (SECRET, b"wrong", "s"), (SECRET, SECRET, "t")]
)
def test_one_does_not(client: bytes, server: bytes, site: str) -> None:
    ended = shake(client, server, site)
    assert all(isinstance(end, HandshakeFailed) for end in ended)


def test_a_proof_binds_everything() -> None:
    proofs = {
        handshake.proof(*arguments)
        for arguments in [
            (SECRET, "client", "s", "a", "b"),
            (SECRET, "server", "s", "a", "b"),
            (SECRET, "client", "t", "a", "b"),
            (SECRET, "client", "s", "b", "a"),
            (b"other", "client", "s", "a", "b"),
        ]
    }
    assert len(proofs) == 5


def test_a_server_that_sends_back_the_nonce_is_refused() -> None:
    near, far = socket.socketpair()

    def reflect() -> None:
        stream = FrameStream(far)
        hello = stream.read(time.monotonic() + 5) or b""
        nonce = re.search(rb'"nonce":"(\w+)"', hello)
        assert nonce is not None
        text = nonce[1].decode()
        good = handshake.proof(SECRET, "server", "s", text, text)
        stream.write(b'{"protocol":1,"nonce":"%s","proof":"%s"}' % (nonce[1], good.encode()))

    thread = threading.Thread(target=reflect)
    thread.start()
    with near, far:
        with pytest.raises(HandshakeFailed):
            handshake.client(FrameStream(near), "s", SECRET, time.monotonic() + 5)
        thread.join()


@pytest.mark.parametrize(
    "answer",
    [
        b"\0\0\0\4null",
        b"\0\0\0\2{}",
        b"\0\0\0\5hello",
        b'\0\0\0\7{"a":1',
        b'\0\0\0\x26{"protocol":2,"nonce":"a","proof":"b"}',
        b"",
    ],
)
def test_a_broken_answer_fails_the_handshake(answer: bytes) -> None:
    near, far = socket.socketpair()
    far.sendall(answer)
    far.shutdown(socket.SHUT_WR)
    with near, far, pytest.raises(HandshakeFailed):
        handshake.client(FrameStream(near), "s", SECRET, time.monotonic() + 5)


def test_a_silent_server_costs_the_deadline() -> None:
    near, far = socket.socketpair()
    with near, far, pytest.raises(HandshakeFailed, match="in time"):
        handshake.client(FrameStream(near), "s", SECRET, time.monotonic() + 0.05)


def test_only_named_users_may_connect() -> None:
    near, far = socket.socketpair()
    with near, far:
        assert handshake.check_peer(near, {os.getuid()}) == os.getuid()
        with pytest.raises(HandshakeFailed, match=f"user {os.getuid()} is not allowed"):
            handshake.check_peer(near, {os.getuid() + 1})


def test_nobody_listens() -> None:
    with pytest.raises(Exception, match="Nobody listens"):
        handshake.connect("/nonexistent.sock", "s", SECRET, lambda call: None)


def test_the_chain_header_counts_on_and_is_what_php_expects() -> None:
    php = (Path(__file__).with_name("ChainDepthTest.php")).read_text()
    assert f"'{chain.value(2, b'secret', 1700000000)}'" in php
    assert chain.headers(b"secret") == {}
    near, far = socket.socketpair()
    with near, far:
        call = Call(Channel(near, lambda call: None), "m", {}, CallContext(depth=1), None)

        def inside() -> dict[str, str]:
            enter(call)
            return chain.headers(b"secret", now=1700000000)

        found = contextvars.copy_context().run(inside)
    assert found == {chain.HEADER: chain.value(2, b"secret", 1700000000)}
