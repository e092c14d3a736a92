"""The handshake: both sides prove that they know the site's secret, the server first.

::

    client  {"protocol": 1, "site": S, "nonce": C}
    server  {"protocol": 1, "nonce": N, "proof": HMAC(secret, "server" ...)}
    client  {"proof": HMAC(secret, "client" ...)}          in one write with its first call

A proof is HMAC-SHA256 over role, protocol, site, server nonce and client nonce, joined by newlines. The role
is part of it, so that a proof sent back is worth nothing; the client proves itself only to a server that has.
``client`` is the side that connects: PHP for hooks, Python for host units.
"""

from __future__ import annotations

import hmac
import secrets
import socket
import struct
import time
from collections.abc import Callable, Collection
from typing import TypeVar

import msgspec

from sidecar import PROTOCOL_VERSION
from sidecar.bridge.channel import Channel
from sidecar.bridge.context import CallContext, Handler
from sidecar.bridge.errors import ConnectionLost, FrameTooLarge, HandshakeFailed, ProtocolError
from sidecar.bridge.frames import MAX_FRAME_TO_PYTHON, FrameStream
from sidecar.errors import DeadlineExceeded, Unavailable

#: Connect and handshake together.
HANDSHAKE_SECONDS = 0.05
#: A server waits longer: a client that is slow to start its first call is not an attacker.
SERVER_SECONDS = 5.0
#: Frames of the handshake are small; a larger one is refused before it is read.
MAX_HELLO = 4096

T = TypeVar("T")


class Hello(msgspec.Struct):
    """The client's opening: it selects a configured site and describes nothing."""

    protocol: int
    site: str
    nonce: str


class Challenge(msgspec.Struct):
    """The server's answer."""

    protocol: int
    nonce: str
    proof: str


class Proof(msgspec.Struct):
    """The client's end of it."""

    proof: str


_hello = msgspec.json.Decoder(Hello).decode
_challenge = msgspec.json.Decoder(Challenge).decode
_proof = msgspec.json.Decoder(Proof).decode
_UCRED = struct.Struct("3i")


def proof(secret: bytes, role: str, site: str, server_nonce: str, client_nonce: str) -> str:
    """One side's proof, in hex."""
    text = "\n".join((role, str(PROTOCOL_VERSION), site, server_nonce, client_nonce))
    return hmac.digest(secret, text.encode("utf-8"), "sha256").hex()


def connect(
    path: str,
    site: str,
    secret: bytes,
    dispatch: Handler,
    *,
    context: CallContext | None = None,
    timeout: float = HANDSHAKE_SECONDS,
    uids: Collection[int] | None = None,
) -> Channel:
    """Connect to a server's socket and verify it. Unavailable or HandshakeFailed.

    ``uids``: the users the server may run as, by SO_PEERCRED; None for any.
    """
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.settimeout(timeout)
        try:
            sock.connect(path)
        except OSError as error:
            raise Unavailable(f"Nobody listens on {path}: {error.strerror or error}.") from error
        if uids is not None:
            check_peer(sock, uids)
        stream = FrameStream(sock, MAX_FRAME_TO_PYTHON)
        client(stream, site, secret, time.monotonic() + timeout)
    except BaseException:
        sock.close()
        raise
    return Channel(stream, dispatch, context=context)


def client(stream: FrameStream, site: str, secret: bytes, deadline: float) -> None:
    """The connecting side. HandshakeFailed when the server cannot prove itself; it gets no proof then."""
    nonce = secrets.token_hex(16)
    _write(stream, Hello(PROTOCOL_VERSION, site, nonce), deadline)
    challenge = _read(stream, _challenge, deadline)
    if challenge.protocol != PROTOCOL_VERSION:
        raise HandshakeFailed(
            f"The server speaks protocol {challenge.protocol}, this side {PROTOCOL_VERSION}."
        )
    expected = proof(secret, "server", site, challenge.nonce, nonce)
    if challenge.nonce == nonce or not hmac.compare_digest(expected, challenge.proof):
        raise HandshakeFailed("The server could not prove that it knows the secret.")
    _write(stream, Proof(proof(secret, "client", site, challenge.nonce, nonce)), deadline)


class Offer:
    """The listening side, halfway: the challenge is out, the client has still to prove itself.

    In two steps, because the server has time while the client verifies it.
    """

    __slots__ = ("_deadline", "_expected", "_stream", "site")

    def __init__(
        self, stream: FrameStream, secret_of: Callable[[str], bytes | None], deadline: float
    ) -> None:
        """Read the hello and answer it. HandshakeFailed for an unknown site or another protocol."""
        hello = _read(stream, _hello, deadline)
        secret = secret_of(hello.site)
        if secret is None:
            raise HandshakeFailed("The client asked for a site that is not configured here.")
        nonce = secrets.token_hex(16)
        own = proof(secret, "server", hello.site, nonce, hello.nonce)
        _write(stream, Challenge(PROTOCOL_VERSION, nonce, own), deadline)
        if hello.protocol != PROTOCOL_VERSION:
            raise HandshakeFailed(
                f"The client speaks protocol {hello.protocol}, this side {PROTOCOL_VERSION}."
            )
        self.site = hello.site
        self._stream = stream
        self._deadline = deadline
        self._expected = proof(secret, "client", hello.site, nonce, hello.nonce)

    def verify(self) -> None:
        """Wait for the client's proof. HandshakeFailed when it is wrong or does not come."""
        given = _read(self._stream, _proof, self._deadline)
        if not hmac.compare_digest(self._expected, given.proof):
            raise HandshakeFailed("The client could not prove that it knows the secret.")


def server(stream: FrameStream, secret_of: Callable[[str], bytes | None], deadline: float) -> str:
    """The listening side in one step; the site's name."""
    offer = Offer(stream, secret_of, deadline)
    offer.verify()
    return offer.site


def check_peer(sock: socket.socket, uids: Collection[int]) -> int:
    """The peer's uid by SO_PEERCRED; HandshakeFailed when it is none of ``uids``."""
    uid = int(_UCRED.unpack(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))[1])
    if uid not in uids:
        raise HandshakeFailed(f"A process of user {uid} is not allowed on this socket.")
    return uid


def _write(stream: FrameStream, message: msgspec.Struct, deadline: float) -> None:
    try:
        stream.write(msgspec.json.encode(message), deadline)
    except (ConnectionLost, DeadlineExceeded) as error:
        raise HandshakeFailed(f"The other side does not take part in the handshake: {error}") from error


def _read(stream: FrameStream, decode: Callable[[bytes], T], deadline: float) -> T:
    try:
        raw = stream.read(deadline)
        if raw is None:
            raise HandshakeFailed("The other side hung up during the handshake.")
        if len(raw) > MAX_HELLO:
            raise HandshakeFailed("A message of the handshake is too large.")
        return decode(raw)
    except (msgspec.MsgspecError, RecursionError, ConnectionLost, FrameTooLarge, ProtocolError) as error:
        raise HandshakeFailed(f"The handshake broke: {error}.") from error
    except DeadlineExceeded as error:
        raise HandshakeFailed("The other side did not finish the handshake in time.") from error
