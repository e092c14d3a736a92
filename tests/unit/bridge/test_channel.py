"""Calls in both directions over one connection."""

from __future__ import annotations

import contextvars
import json
import socket
import threading
import time
from typing import Any

import pytest

from sidecar.bridge import (
    Call,
    Channel,
    ChannelPoisoned,
    DepthExceeded,
    ProtocolError,
    RemoteError,
    WrongThread,
    by_method,
    current_call,
    guard,
)
from sidecar.errors import DeadlineExceeded, NotFound
from tests.unit.bridge.conftest import Serving


def echo(call: Call) -> Any:
    return call.params["args"][0]


def frame(**message: Any) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    return len(body).to_bytes(4, "big") + body


def sent(far: socket.socket) -> dict[str, Any]:
    data = far.recv(65536)
    return json.loads(data[4:])


def test_a_value_comes_back(served: Serving) -> None:
    with served(echo) as channel:
        for value in ([1, {"a": b"\xff", 3: None}], "text", 0.5, {}, []):
            assert channel.call("echo", {"args": [value]}) == value


def test_a_value_returned_unchanged_is_the_same_object(served: Serving) -> None:
    value = {"a": [1, 2]}
    with served(echo) as channel:
        assert channel.call("echo", {"args": [value]}) is value


def test_a_value_changed_in_place_is_sent(served: Serving) -> None:
    def change(call: Call) -> Any:
        value = call.params["args"][0]
        value["a"].append(3)
        return value

    value = {"a": [1, 2]}
    with served(change) as channel:
        assert channel.call("change", {"args": [value]}) == {"a": [1, 2, 3]}
        assert value == {"a": [1, 2]}


def test_calls_nest_in_both_directions(served: Serving) -> None:
    def down(call: Call) -> Any:
        level = call.params["level"]
        return [level, *(call.channel.call("down", {"level": level + 1}) if level < 8 else [])]

    with served(down, down) as channel:
        assert channel.call("down", {"level": 1}) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_depth_is_bounded_and_the_connection_survives(served: Serving) -> None:
    def down(call: Call) -> Any:
        return call.channel.call("down", {})

    with served(down, by_method({"down": down, "echo": echo})) as channel:
        with pytest.raises(RemoteError) as caught:
            channel.call("down", {})
        assert caught.value.code == DepthExceeded.code
        with pytest.raises(RemoteError):
            channel.call("down", {})


def test_errors_travel_with_code_message_and_data(served: Serving) -> None:
    def fail(call: Call) -> Any:
        raise NotFound("No such flow.", code="flow_missing", data={"flow": 3, "raw": b"\xff"})

    with served(fail) as channel:
        with pytest.raises(RemoteError) as caught:
            channel.call("x")
        error = caught.value
        assert (error.code, error.message) == ("flow_missing", "No such flow.")
        assert error.data == {"status": 404, "flow": 3, "raw": b"\xff"}


@pytest.mark.parametrize("result", [object(), {1: {2}}, "\ud800", 2**70])
def test_an_unserialisable_result_is_an_error_and_the_connection_survives(
    served: Serving, result: Any
) -> None:
    with served(by_method({"bad": lambda call: result, "echo": echo})) as channel:
        with pytest.raises(RemoteError) as caught:
            channel.call("bad")
        assert caught.value.code == "bridge_unserialisable"
        assert channel.call("echo", {"args": [1]}) == 1


def test_an_exception_is_an_error_and_the_connection_survives(served: Serving) -> None:
    def fail(call: Call) -> Any:
        raise ValueError("broken \udcff")

    with served(by_method({"fail": fail, "echo": echo})) as channel:
        with pytest.raises(RemoteError, match="ValueError: broken"):
            channel.call("fail")
        assert channel.call("echo", {"args": [1]}) == 1


def test_an_unserialisable_argument_leaves_nothing_behind(served: Serving) -> None:
    with served(echo) as channel:
        with pytest.raises(Exception, match="no form on the wire"):
            channel.call("echo", {"args": [object(), print]})
        assert channel.call("echo", {"args": [2]}) == 2
        assert len(channel._handles) == 0


def test_a_deadline_poisons(served: Serving) -> None:
    release = threading.Event()

    def wait(call: Call) -> Any:
        release.wait(5)

    with served(wait) as channel:
        with pytest.raises(DeadlineExceeded):
            channel.call("wait", timeout=0.05)
        with pytest.raises(ChannelPoisoned):
            channel.call("wait")
        assert channel.cancel.cancelled
        release.set()


def test_an_inner_call_never_waits_longer_than_the_outer(served: Serving) -> None:
    seen: list[float | None] = []

    def outer(call: Call) -> Any:
        return call.channel.call("inner", timeout=60)

    def inner(call: Call) -> Any:
        seen.append(call.remaining())
        return None

    with served(outer, inner) as channel:
        channel.call("outer", timeout=2)
        channel.call("outer")
    assert seen[0] is not None
    assert 0 < seen[0] <= 2
    assert seen[1] is not None
    assert 2 < seen[1] <= 60


def test_after_an_inner_timeout_nothing_runs_on_the_connection(served: Serving) -> None:
    """The inner handler ends late; the outer one tries to go on: no call, no answer, no side effect."""
    effects: list[str] = []
    finished = threading.Event()

    def outer(call: Call) -> Any:
        try:
            call.channel.call("inner", timeout=0.05)
        except DeadlineExceeded:
            effects.append("timed out")
        try:
            call.channel.call("effect")
        except ChannelPoisoned:
            effects.append("refused")
        assert call.cancel.cancelled
        finished.set()
        return "an answer that must not be sent"

    def own(call: Call) -> Any:
        if call.method == "effect":
            effects.append("side effect")
        time.sleep(0.2)

    with served(outer, own) as channel:
        with pytest.raises(ChannelPoisoned):
            channel.call("outer")
        assert finished.wait(5)
    assert effects == ["timed out", "refused"]


def test_a_hang_up_is_no_answer(pair: tuple[Channel, socket.socket]) -> None:
    channel, far = pair
    far.shutdown(socket.SHUT_WR)
    with pytest.raises(ChannelPoisoned, match="hung up"):
        channel.call("x")


@pytest.mark.parametrize(
    "answer",
    [
        frame(id=99, result=1),
        frame(id=5, method="nested", params={}),
        frame(id=5, method="nested", params={}, parent=7),
        b"\0\0\0\5hello",
        b"\0\0\0\0",
        b"\0\0\0\2[]",
        frame(id=1, result={"$z": 1}),
        b'\0\0\0\x18{"jsonrpc":"1.0","id":1}',
    ],
)
def test_a_broken_answer_is_a_protocol_error(pair: tuple[Channel, socket.socket], answer: bytes) -> None:
    channel, far = pair
    far.sendall(answer)
    with pytest.raises(ProtocolError):
        channel.call("x")


def test_a_half_written_answer_times_out(pair: tuple[Channel, socket.socket]) -> None:
    channel, far = pair
    far.sendall(frame(id=1, result="long")[:-3])
    with pytest.raises(DeadlineExceeded):
        channel.call("x", timeout=0.1)


def test_an_enormous_frame_is_refused_from_its_length(pair: tuple[Channel, socket.socket]) -> None:
    channel, far = pair
    far.sendall(b"\xff\xff\xff\xff")
    with pytest.raises(Exception, match="4294967295 bytes"):
        channel.call("x")
    assert channel.cancel.cancelled


def test_a_slow_drip_does_not_stretch_a_deadline(pair: tuple[Channel, socket.socket]) -> None:
    channel, far = pair
    stop = threading.Event()

    def drip() -> None:
        for byte in frame(id=1, result="x" * 1000):
            if stop.wait(0.02):
                return
            far.send(bytes([byte]))

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        with pytest.raises(DeadlineExceeded):
            channel.call("x", timeout=0.15)
    finally:
        stop.set()
        thread.join()


def test_what_is_sent(pair: tuple[Channel, socket.socket]) -> None:
    channel, far = pair
    far.sendall(frame(id=1, result=[1]))
    assert channel.call("m", {"a": 1}, timeout=2) == [1]
    message = sent(far)
    assert 1.5 < message.pop("budget") <= 2
    assert message == {"jsonrpc": "2.0", "id": 1, "method": "m", "params": {"a": 1}}


def test_a_channel_belongs_to_its_thread(served: Serving) -> None:
    with served(echo) as channel:
        channel.call("echo", {"args": [1]})
        caught: list[BaseException] = []

        def elsewhere() -> None:
            try:
                channel.call("echo", {"args": [1]})
            except WrongThread as error:
                caught.append(error)

        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        assert len(caught) == 1


def test_run_state_belongs_to_one_call(served: Serving) -> None:
    acting: contextvars.ContextVar[str] = contextvars.ContextVar("acting", default="nobody")
    seen: list[tuple[str, str]] = []

    def work(call: Call) -> Any:
        seen.append((call.params["name"], acting.get()))
        acting.set(call.params["name"])
        if call.params["name"] == "outer":
            call.channel.call("back")
        assert current_call() is call

    def back(call: Call) -> Any:
        seen.append(("back", acting.get()))

    with served(work, back) as channel:
        channel.call("work", {"name": "outer"})
        channel.call("work", {"name": "second"})
    assert seen == [("outer", "nobody"), ("back", "nobody"), ("second", "nobody")]
    assert current_call() is None


def test_nothing_leaves_while_a_guard_says_no(served: Serving) -> None:
    held = [True]

    def check() -> None:
        if held[0]:
            raise RuntimeError("a transaction is open")

    with served(echo) as channel:
        guard.register(check)
        try:
            with pytest.raises(RuntimeError, match="a transaction is open"):
                channel.call("echo", {"args": [1]})
            held[0] = False
            assert channel.call("echo", {"args": [1]}) == 1
        finally:
            guard.unregister(check)


def test_an_answer_with_a_lock_held_is_an_error(served: Serving) -> None:
    serving = threading.local()

    def check() -> None:
        if getattr(serving, "locked", False):
            serving.locked = False
            raise RuntimeError("a transaction is open")

    def lock(call: Call) -> Any:
        serving.locked = True
        return 1

    guard.register(check)
    try:
        with served(lock) as channel, pytest.raises(RemoteError, match="a transaction is open"):
            channel.call("lock")
    finally:
        guard.unregister(check)


def test_a_retired_channel_finishes_its_call_and_says_so() -> None:
    near, far = socket.socketpair()
    begun, release = threading.Event(), threading.Event()

    def work(call: Call) -> Any:
        begun.set()
        release.wait(5)
        return "done"

    peer = Channel(far, work)
    thread = threading.Thread(target=peer.serve)
    thread.start()
    near.sendall(frame(id=1, method="work", params={}))
    assert begun.wait(5)
    peer.retire()
    release.set()
    thread.join(5)
    data = b""
    while piece := near.recv(4096):
        data += piece
    assert b'"result":"done"' in data
    assert data.endswith(b'{"jsonrpc":"2.0","method":"channel.closing"}')
    near.close()


def test_an_idle_channel_retires_at_once() -> None:
    near, far = socket.socketpair()
    peer = Channel(far, echo)
    thread = threading.Thread(target=peer.serve)
    thread.start()
    peer.retire()
    thread.join(5)
    assert not thread.is_alive()
    assert near.recv(4096).endswith(b'"method":"channel.closing"}')
    near.close()
