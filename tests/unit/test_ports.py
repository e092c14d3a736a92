"""Ports that tests' servers are given."""

from __future__ import annotations

import socket

import pytest

from dev import processes


def test_a_port_waits_for_its_server_and_for_nobody_else() -> None:
    port = processes.free_port()
    assert not processes.answers(port)
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", port))
    for _ in range(2):
        with socket.create_server(("127.0.0.1", port)):
            assert processes.answers(port)
