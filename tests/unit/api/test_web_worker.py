"""What is sent is gathered, in order, and never lost."""

from __future__ import annotations

import socket

import pytest

from sidecar.web_worker import GATHERED, Gathering


class Wire:
    """A socket that remembers each write."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []

    def sendall(self, data: bytes) -> None:
        self.writes.append(bytes(data))

    def send(self, data: bytes) -> int:
        self.writes.append(bytes(data))
        return len(data)


def test_head_and_body_are_one_write() -> None:
    wire = Wire()
    gathering = Gathering(wire)
    gathering.sendall(b"head")
    gathering.sendall(b"body")
    assert wire.writes == []
    gathering.flush()
    gathering.flush()
    assert wire.writes == [b"headbody"]


def test_a_long_answer_is_not_held_whole() -> None:
    wire = Wire()
    gathering = Gathering(wire)
    for _ in range(3):
        gathering.sendall(b"x" * GATHERED)
    gathering.flush()
    assert [len(each) for each in wire.writes] == [2 * GATHERED, GATHERED]


def test_what_else_is_done_with_the_socket_comes_after() -> None:
    wire = Wire()
    gathering = Gathering(wire)
    gathering.sendall(b"first")
    gathering.send(b"second")
    assert wire.writes == [b"first", b"second"]


def test_a_client_that_is_gone_is_an_error_of_the_socket() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    gathering = Gathering(ours)
    gathering.sendall(b"nobody reads this")
    with pytest.raises(OSError, match="pipe"):
        gathering.flush()
    ours.close()
