"""What PHP sees, and what does not happen, when the other side misbehaves."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sidecar.bridge import ConnectionLost, HandshakeFailed, chain, connect, handshake
from sidecar.bridge.frames import FrameStream
from sidecar.bridge.listener import Listener
from sidecar.bridge.watcher import Watcher
from tests.integration.bridge.conftest import Bridge, Php, wait_for
from tests.integration.bridge.worker import SECRET

Rogue = Callable[..., None]
ECHO = "$client->call( 'echo', array( 'args' => array( 'there' ) ), 2.0 )"


def test_a_callback_that_raises_is_a_remote_error(php: Php, bridge: Bridge) -> None:
    assert php(f"return array( $try( fn () => $client->call( 'fail' ) ), {ECHO} );") == [
        ["RemoteError", "internal_error", "ValueError: broken"],
        "there",
    ]
    assert "Traceback" in bridge.log.read_text()


def test_a_callback_that_returns_the_unserialisable_is_a_remote_error(php: Php, bridge: Bridge) -> None:
    answer, after = php(f"return array( $try( fn () => $client->call( 'unserialisable' ) ), {ECHO} );")
    assert answer[:2] == ["RemoteError", "bridge_unserialisable"]
    assert "builtins.object" in answer[2]
    assert after == "there"


def test_a_callback_that_never_returns_costs_its_deadline_and_its_process(php: Php, bridge: Bridge) -> None:
    (answer, milliseconds), after = php(f"""
        $params = array( 'hook' => 'the_title', 'seconds' => 3600 );
        $late   = $timed( fn () => $client->call( 'slow', $params, 0.1 ) );
        return array( $late, {ECHO} );
    """)
    assert answer == "TimedOut"
    assert milliseconds < 1000
    assert after == "there"
    log = bridge.wait_for_log("past twice its deadline")
    assert "hook the_title, plugin slowpoke" in log
    stuck = re.search(r"^(\d+) ERROR A callback runs past", log, re.MULTILINE)
    assert stuck is not None
    # Its replacement and its sibling serve; the stuck one soon accepts nothing any more.
    code = "return array_map( fn () => ( $client->close() ?? $client->call( 'pid' ) ), range( 1, 20 ) );"
    wait_for(lambda: int(stuck[1]) not in php(code), "the stuck process to leave")
    wait_for(lambda: len(set(php(code))) == 2, "its replacement, while it still runs")
    os.kill(int(stuck[1]), 0)


def test_work_for_a_caller_who_hung_up_is_cancelled(php: Php, bridge: Bridge, run_dir: Path) -> None:
    file = run_dir / "ended"
    assert (
        php(f"""
        $params = array( 'seconds' => 15, 'file' => '{file}' );
        return $try( fn () => $client->call( 'patient', $params, 0.05 ) );
    """)
        == "TimedOut"
    )
    assert wait_for(lambda: file.exists() and file.read_text(), "the callback's end") == "cancelled"


def test_when_an_inner_call_times_out_nothing_more_happens(php: Php, bridge: Bridge, run_dir: Path) -> None:
    file = run_dir / "ended"
    outer, effects, after = php(f"""
        $effects = array();
        $operations['slow_operation'] = static function () use ( &$effects, $client, $try ) {{
            usleep( 300000 );
            $effects[] = $try( fn () => $client->call( 'record', array( 'name' => 'abandoned' ) ) );
            return 'late';
        }};
        $operations['effect_operation'] = static function () use ( &$effects ) {{ $effects[] = 'effect'; }};
        $outer = $try( fn () => $client->call( 'outer_goes_on', array( 'file' => '{file}' ), 5.0 ) );
        return array( $outer, $effects, {ECHO} );
    """)
    assert outer == "ConnectionLost"
    assert effects == ["ConnectionLost"], "neither the next operation nor a call of the abandoned one ran"
    ended = wait_for(lambda: file.exists() and file.read_text(), "the callback's end")
    assert ended == "DeadlineExceeded ChannelPoisoned"
    assert not (run_dir / "effects").exists()
    assert after == "there"


def test_a_bridge_killed_in_the_middle_is_a_lost_connection(php: Php, bridge: Bridge) -> None:
    answer = php("return $timed( fn () => $client->call( 'exit' ) );")
    assert answer[0] == "ConnectionLost"
    assert answer[1] < 1000
    assert php(f"return {ECHO};") == "there"


def test_a_stopped_bridge_costs_little_and_opens_the_breaker(php: Php, bridge: Bridge) -> None:
    bridge.signal(signal.SIGSTOP)
    calls = php(f"return array_map( fn () => $timed( fn () => {ECHO} ), range( 1, 5 ) );", source="web")
    assert [answer for answer, _ in calls] == ["TimedOut"] * 3 + ["Unavailable"] * 2
    assert all(milliseconds < 1000 for _, milliseconds in calls)
    # Other processes know, too, and do not wait.
    assert php(f"return $try( fn () => {ECHO} );", source="web") == "Unavailable"
    bridge.signal(signal.SIGCONT)
    probe = f"return $try( fn () => {ECHO} );"
    wait_for(lambda: php(probe, source="web") == "there", "a probe after five seconds")
    assert (php.run_dir / "breaker").read_bytes() == b""


def test_no_bridge_at_all_is_unavailable_at_once(php: Php) -> None:
    assert php(f"return $try( fn () => {ECHO} );") == "Unavailable"


def test_a_web_request_waits_a_quarter_of_a_second_for_a_call_and_one_for_all(
    php: Php, bridge: Bridge
) -> None:
    code = """
        $slow = fn () => $client->call( 'slow', array( 'seconds' => 9 ) );
        return array_map( fn () => $timed( $slow ), range( 1, 8 ) );
    """
    calls = php(code, source="web", breaker="")
    assert {answer for answer, _ in calls} == {"TimedOut"}
    # One whose handshake comes late on a busy machine has waited for that only.
    assert max(milliseconds for _, milliseconds in calls) >= 245
    assert 990 <= sum(milliseconds for _, milliseconds in calls) < 3000
    assert calls[-1][1] < 100, "the time is used up: nobody is asked any more"


def test_a_web_request_may_ask_for_more_time(php: Php, bridge: Bridge) -> None:
    code = "return $client->call( 'slow', array( 'seconds' => 0.4 ), 20.0 );"
    assert php(code, source="web") == "late"


def test_a_bridge_replaced_between_two_calls_is_not_noticed(php: Php, bridge: Bridge, run_dir: Path) -> None:
    gate = run_dir / "gate"
    process = php.start(f"""
        $first = {ECHO};
        touch( '{gate}' );
        while ( file_exists( '{gate}' ) ) {{ usleep( 1000 ); }}
        return array( $first, {ECHO} );
    """)
    wait_for(gate.exists, "the first call")
    assert bridge.stop() == 0
    bridge.start()
    gate.unlink()
    assert php.result(process) == ["there", "there"]


def test_term_lets_a_call_finish(php: Php, bridge: Bridge, run_dir: Path) -> None:
    process = php.start(f"""
        $operations['begun'] = static fn (): bool => touch( '{run_dir}/begun' );
        return $client->call( 'finish', array( 'seconds' => 0.5, 'file' => '{run_dir}/ended' ), 10.0 );
    """)
    wait_for((run_dir / "begun").exists, "the call")
    assert bridge.stop() == 0
    assert php.result(process) == "ran to its end"


def test_a_wrong_secret_is_refused_before_php_proves_anything(
    php: Php, bridge: Bridge, run_dir: Path
) -> None:
    wrong = run_dir / "wrong"
    wrong.write_text("another secret of the same length")
    assert php(f"return $try( fn () => {ECHO} );", secret_file=str(wrong)) == "HandshakeFailed"
    assert php(f"return $try( fn () => {ECHO} );", site="elsewhere") == "Unavailable"
    assert php(f"return {ECHO};") == "there"


def test_a_client_without_the_secret_is_refused(bridge: Bridge, run_dir: Path) -> None:
    nonce = "0" * 32
    for attempt in ("reflected", "made up", "call without a proof"):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(str(run_dir / "bridge.sock"))
            stream = FrameStream(sock)
            deadline = time.monotonic() + 5
            stream.write(b'{"protocol":1,"site":"default","nonce":"%s"}' % nonce.encode(), deadline)
            challenge = stream.read(deadline)
            assert challenge is not None
            given = re.search(rb'"proof":"([0-9a-f]+)"', challenge)
            assert given is not None
            proof = {"reflected": given[1], "made up": b"0" * 64}.get(attempt)
            if proof is not None:
                stream.write(b'{"proof":"%s"}' % proof, deadline)
            with contextlib.suppress(ConnectionLost):  # it may have hung up before the call
                stream.write(b'{"jsonrpc":"2.0","id":1,"method":"record","params":{"name":"x"}}', deadline)
                assert stream.read(deadline) is None
    assert not (run_dir / "effects").exists()
    assert bridge.wait_for_log("could not prove")


def test_a_server_that_reflects_is_refused(php: Php, rogue: Rogue) -> None:
    """It has no secret: it sends back the client's own nonce and whatever proof it could overhear."""

    def reflect(_: socket.socket, stream: FrameStream) -> None:
        hello = stream.read(time.monotonic() + 5)
        assert hello is not None
        nonce = re.search(rb'"nonce":"([0-9a-f]+)"', hello)
        assert nonce is not None
        text = nonce[1].decode()
        overheard = handshake.proof(SECRET, "server", "default", text, text).encode()
        stream.write(b'{"protocol":1,"nonce":"%s","proof":"%s"}' % (nonce[1], overheard))
        assert stream.read(time.monotonic() + 1) is None, "the client must prove nothing to such a server"

    rogue(reflect, shake=False)
    assert php(f"return $try( fn () => {ECHO} );") == "HandshakeFailed"


def test_a_foreign_user_is_refused(run_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = str(run_dir / "bridge.sock")
    sock = socket.socket(socket.AF_UNIX)
    sock.bind(path)
    sock.listen(8)
    watcher = Watcher(lambda *_: None)
    watcher.start()
    # To this listener we are the foreign user: it was told of another one.
    listener = Listener(
        sock,
        lambda _call: pytest.fail("a call was executed"),
        secret_of=lambda _site: SECRET,
        uids={os.geteuid() + 1},
        watcher=watcher,
    )
    listener.start()
    try:
        with caplog.at_level(logging.WARNING), pytest.raises(HandshakeFailed):
            connect(path, "default", SECRET, lambda _call: None, timeout=5)
        refused = f"user {os.geteuid()} is not allowed"
        wait_for(lambda: refused in caplog.text, repr(refused))
    finally:
        listener.stop_accepting()
        listener.drain(1.0)
        watcher.stop()
        sock.close()


def _answer(sock: socket.socket, stream: FrameStream, data: bytes) -> None:
    stream.read(time.monotonic() + 5)
    sock.sendall(data)
    stream.read(time.monotonic() + 5)


BODY = b'{"jsonrpc":"2.0","id":1,"result":"there"}'
FRAME = len(BODY).to_bytes(4, "big") + BODY


@pytest.mark.parametrize(
    ("data", "exception"),
    [
        (b"\x00\x20\x00\x00" + b" " * 100, "ProtocolError"),
        (b"\xff\xff\xff\xff", "ProtocolError"),
        (b"\0\0\0\0", "ProtocolError"),
        (b"\0\0\0\5hello", "ProtocolError"),
        (b"\0\0\0\4null", "ProtocolError"),
        (FRAME.replace(b'"id":1', b'"id":7'), "ProtocolError"),
        (FRAME[:-5], "TimedOut"),
    ],
    ids=[
        "2 MiB announced",
        "4 GiB announced",
        "empty",
        "not JSON",
        "null",
        "another call's answer",
        "half a frame",
    ],
)
def test_a_server_that_answers_nonsense(php: Php, rogue: Rogue, data: bytes, exception: str) -> None:
    rogue(lambda sock, stream: _answer(sock, stream, data))
    code = "return $timed( fn () => $client->call( 'echo', array( 'args' => array( 'x' ) ), 0.3 ) );"
    answer, milliseconds = php(code, "-d", "memory_limit=16M")
    assert answer == exception
    assert milliseconds < 1500


def test_a_server_that_hangs_up_after_half_a_frame(php: Php, rogue: Rogue) -> None:
    def half(sock: socket.socket, stream: FrameStream) -> None:
        stream.read(time.monotonic() + 5)
        sock.sendall(FRAME[:-5])

    rogue(half)
    assert php("return $try( fn () => $client->call( 'echo' ) );") == "ConnectionLost"


def test_slow_drips_do_not_stretch_a_deadline(php: Php, rogue: Rogue) -> None:
    """Each byte comes within any timeout of a single read; the whole would take four seconds."""

    def drip(sock: socket.socket, stream: FrameStream) -> None:
        stream.read(time.monotonic() + 5)
        for byte in FRAME:
            sock.sendall(bytes([byte]))
            time.sleep(0.1)

    rogue(drip)
    answer, milliseconds = php("return $timed( fn () => $client->call( 'echo', array(), 0.3 ) );")
    assert answer == "TimedOut"
    assert 290 < milliseconds < 1500


def test_slow_drips_in_the_handshake_cost_its_50_milliseconds(php: Php, rogue: Rogue) -> None:
    def drip(sock: socket.socket, stream: FrameStream) -> None:
        for byte in FRAME:
            sock.sendall(bytes([byte]))
            time.sleep(0.02)

    rogue(drip, shake=False)
    answer, milliseconds = php(f"return $timed( fn () => {ECHO} );", source="web")
    assert answer == "TimedOut"
    assert milliseconds < 500


@pytest.mark.parametrize(("patience", "outcome"), [("0.05", "TimedOut"), ("5.0", "ConnectionLost")])
def test_a_route_waits_longer_for_a_bridge_that_is_busy_than_a_page(
    php: Php, rogue: Rogue, patience: str, outcome: str
) -> None:
    def late(_sock: socket.socket, stream: FrameStream) -> None:
        time.sleep(0.2)
        handshake.server(stream, lambda _: SECRET, time.monotonic() + 5)

    rogue(late, shake=False)
    call = f"$client->call( 'echo', array(), 2.0, {patience} )"
    assert php(f"return $try( fn () => {call} );", source="web") == outcome


@pytest.mark.parametrize(("depth", "answer"), [(0, 0), (2, 2), (3, "DepthExceeded")])
def test_a_chain_of_requests_ends(php: Php, bridge: Bridge, depth: int, answer: object) -> None:
    """PHP, Python, PHP by HTTP, Python ...: the signed header counts, and the third connects no more."""
    header = chain.value(depth, SECRET, int(time.time()))
    assert (
        php(f"""
        $_SERVER['HTTP_X_DATAMACHINE_CHAIN_DEPTH'] = '{header}';
        return $try( fn () => $client->call( 'context' )['depth'] );
    """)
        == answer
    )


def test_a_stranger_cannot_end_a_chain(php: Php, bridge: Bridge) -> None:
    assert (
        php(f"$_SERVER['HTTP_X_DATAMACHINE_CHAIN_DEPTH'] = '3.{int(time.time())}.x'; return {ECHO};")
        == "there"
    )
